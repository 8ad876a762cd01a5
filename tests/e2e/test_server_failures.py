"""A server that is busy, asleep, gone or mad: its own sentence each time, and the next job works."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from fourxl import events
from scripts.serving import answering
from tests import browser as browsing
from tests import pictures
from tests.browser import BOOT_MS
from tests.e2e.stand_in_server import (
    CUT,
    RESULT,
    WEB_PAGE,
    Reply,
    StandInServer,
    generating,
    stream,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene(24, 16))
ENLARGING = generating(events.Stage("enlarging"))
TILE = generating(events.Progress(1, 4, 0.25, 9.0))

LISTEN = """() => {
    window.told = [];
    const tell = () => told.push(document.getElementById("status").textContent);
    new MutationObserver(tell).observe(document.getElementById("status"), { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def server(built_site: Path) -> Iterator[StandInServer]:
    """Serve the site with a stand-in for its server."""
    made = StandInServer(built_site)
    with answering(made):
        yield made


@pytest.fixture(scope="module")
def away(chromium: Browser, server: StandInServer) -> Iterator[Visit]:
    """Give a page whose engine never starts, set to its server."""
    for visit in browsing.visiting(chromium, service_workers="block"):
        visit.page.context.route("**/engine.tar", lambda route: route.abort())
        visit.open(f"http://localhost:{server.server_port}/")
        expect(visit.page.locator("#place")).to_be_visible(timeout=BOOT_MS)
        visit.page.select_option("#place", "server")
        server.now.wait_until_asked("health")  # which models it has
        expect(visit.page.locator("#purpose")).not_to_be_empty()
        visit.page.evaluate(LISTEN)
        yield visit


def test_works_without_an_engine(away: Visit, server: StandInServer) -> None:
    """In the server's mode a page without an engine offers the models, sends the picture and shows the result."""
    now = server.behave()
    expect(away.page.locator("#enhance")).to_be_disabled()
    assert away.pick("my secret.png", SCENE).enhance().wait_for_result() == RESULT
    assert now.asked == ["health", "upload", "call", "stream", "file"]
    assert now.targets[-1] == "/gradio_api/file=/tmp/4xl/a%20b%23%25%3F/result.png"
    assert SCENE in now.bodies[0]
    assert not any(b"secret" in body for body in now.bodies), "its name stays here"
    host = f"localhost:{server.server_port}"
    assert away.badge == ("Cloud", f"Computed by {host} (CPU, openvino), since you chose the server.")
    report = away.page.inner_text("#report p")
    assert re.search(rf"Sent to {host} at \d\d:\d\d; computed there on the CPU \(openvino\)\.$", report)
    assert away.page.get_attribute("#download", "download") == "my secret_4x.png"


FAILURES = {
    "upload too large": (
        {"upload": told({"detail": "At most 20 MB.", "code": "upload-too-large"}, 413)}, "At most 20 MB."
    ),
    "413 of a proxy": ({"upload": Reply(413, "text/html", b"<html>")}, "too much for"),
    "cut upload": ({"upload": CUT}, "broke while the picture was being sent"),
    "busy": ({"call": told({"detail": "32 are waiting.", "code": "server-busy"}, 503)}, "32 are waiting."),
    "Gradio's queue is full": ({"call": told({"detail": "Queue is full. Max size is 32."}, 503)}, "queue is full"),
    "no API": ({"call": told({"detail": "Not Found"}, 404)}, "not as 4XL's server does"),
    "no server": ({"health": told({"detail": "Not Found"}, 404)}, "not as 4XL's server does"),
    "a page for an answer": ({"call": WEB_PAGE}, "not as 4XL's server does"),
    "out of order": ({"upload": Reply(502, "text/html", b"<html>")}, "refuses (HTTP status 502)"),
    "too slow": ({"stream": stream(("error", {"error": "It would take 90 s.", "title": "too-slow"}))}, "90 s"),
    "timed out": ({"stream": stream(("error", {"error": "It took 60 s.", "title": "timed-out"}))}, "60 s"),
    "failed without a word": ({"stream": stream(("error", None))}, "does not say why"),
    "stale event": ({"stream": stream(("error", "Session not found"))}, "failed: Session not found."),
    "stopped": ({"stream": stream(ENLARGING, ("complete", None))}, "stopped the job"),
    "stream ends": ({"stream": stream(ENLARGING, TILE)}, "broke while the picture was being enlarged there"),
    "stream cut": ({"stream": stream(ENLARGING, TILE, breaks=True)}, "broke while the picture was being enlarged"),
    "result gone": ({"file": told({"detail": "File not found"}, 404)}, "is not on"),
    "result cut": ({"file": Reply(kind="image/png", body=RESULT[:99], breaks=True)}, "broke while the result"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_failures(name: str, away: Visit, server: StandInServer) -> None:
    """Each failure has its own sentence, and Enhance works again."""
    replies, words = FAILURES[name]
    server.behave(**replies)
    sentence = away.pick("scene.png", SCENE).enhance().wait_for_error()
    assert words in sentence
    assert "Traceback" not in sentence
    assert away.enhance().wait_for_result() == RESULT


def test_waking(away: Visit, server: StandInServer) -> None:
    """A server that sleeps is woken with a visible wait, and no byte of the picture goes before it has answered."""
    now = server.behave(health=[Reply(503, "text/html", b"<html>"), WEB_PAGE])
    away.page.evaluate("() => { told.length = 0 }")
    assert away.pick("scene.png", SCENE).enhance().wait_for_result() == RESULT
    assert now.asked == ["health", "health", "health", "upload", "call", "stream", "file"]
    lines = away.page.evaluate("told")
    waking = [line for line in lines if re.search(r"^Waking .+… It may take a minute or two\.$", line)]
    sending = next(line for line in lines if line.startswith("Sending scene.png to localhost"))
    assert lines.index(waking[0]) < lines.index(sending)


@pytest.mark.parametrize("phase", ["health", "upload", "call", "stream", "tiles", "file"])
def test_cancelling(phase: str, away: Visit, server: StandInServer) -> None:
    """Cancel works in every phase, at once, though the server does not answer; the next job works."""
    go_on = threading.Event()
    if phase == "tiles":
        server.behave(stream=stream(ENLARGING, TILE, go_on=go_on))
        away.pick("scene.png", SCENE).enhance()
        expect(away.page.locator("#status")).to_have_text("Enlarging: tile 1 of 4, about 9 s left")
    else:
        now = server.behave(**{phase: Reply(go_on=go_on)})
        away.pick("scene.png", SCENE).enhance()
        now.wait_until_asked(phase)
    away.page.click("#cancel")
    expect(away.page.locator("#status")).to_have_text("Cancelled. Nothing was kept.", timeout=2000)
    go_on.set()
    server.behave()
    assert away.enhance().wait_for_result() == RESULT


def test_never_waking(away: Visit, server: StandInServer) -> None:
    """Whoever cannot be reached, or may not be asked, is given up after three minutes, and was sent nothing."""
    now = server.behave()
    away.page.route("**/gradio_api/health", lambda route: route.abort())
    away.page.clock.install()
    try:
        away.pick("scene.png", SCENE).enhance()
        expect(away.page.locator("#status")).to_have_text(re.compile("^(Asking|Waking) localhost"))
        away.page.clock.run_for("03:01")
        assert "does not answer (3 minutes waited), or does not let this page ask it" in away.wait_for_error()
        assert "Nothing was sent." in away.status
    finally:
        away.page.unroute("**/gradio_api/health")
        away.page.clock.resume()
    assert not now.bodies
    assert away.enhance().wait_for_result() == RESULT


def test_automatic_without_an_engine(away: Visit, server: StandInServer) -> None:
    """An engine that did not start is a device that cannot: its reason is what the person is asked with."""
    now = server.behave()
    away.page.select_option("#place", "auto")
    away.pick("scene.png", SCENE).enhance()
    question = away.page.get_by_role("dialog")
    expect(question).to_have_accessible_description(re.compile("The engine could not start on this device"))
    assert now.asked == []
    away.page.get_by_role("button", name="Send it").click()
    assert away.wait_for_result() == RESULT


def test_what_was_chosen_is_remembered(away: Visit) -> None:
    """The next visit begins with the same place; on this device alone, nothing starts without an engine."""
    away.page.select_option("#place", "device")
    expect(away.page.locator("#privacy")).to_contain_text("never sent anywhere")
    expect(away.page.locator("#status")).to_contain_text("The engine could not start on this device")
    expect(away.page.locator("#enhance")).to_be_disabled()
    away.page.select_option("#place", "server")
    expect(away.page.locator("#privacy")).to_contain_text("Your picture is sent to localhost")
    away.page.reload(wait_until="commit")
    expect(away.page.locator("#place")).to_be_visible(timeout=BOOT_MS)
    expect(away.page.locator("#place")).to_have_value("server")
    expect(away.page.locator("#privacy")).to_contain_text("Your picture is sent to localhost")
