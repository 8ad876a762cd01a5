"""The page with the real server behind it: one product on one port."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests import browser as browsing
from tests import pictures
from tests.backend import servers
from tests.browser import pixels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Playwright

    from tests.backend.servers import Server
    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene())
LARGE = pictures.encoded(pictures.scene(900, 700))
NO_GPU = "There is no GPU to use here"

WATCH_FETCH = """(() => {
    const original = window.fetch;
    const text = (name) => document.getElementById(name).textContent;
    window.sent = [];
    window.fetch = (address, options) => {
        const { pathname } = new URL(address, location.href);
        if (options?.method === "POST") sent.push([pathname, text("status"), text("badge-word"), text("badge-reason")]);
        return original(address, options);
    };
})()"""
"""Remembers of everything that is sent what the page said at that moment."""


@pytest.fixture(scope="module")
def server(built_site: Path) -> Iterator[Server]:
    """Start the server as its operator does, with the page."""
    with servers.running("--site", str(built_site)) as started:
        yield started


@pytest.fixture(scope="module")
def page(playwright: Playwright, server: Server) -> Iterator[Visit]:
    """Give one page in a browser without a GPU, so that a job that wants one fails on this device."""
    chromium = browsing.launch(playwright, webgpu=False)
    for visit in browsing.visiting(chromium):
        visit.page.add_init_script(WATCH_FETCH)
        visit.open(server.url).wait_until_ready()
        expect(visit.page.locator("#place")).to_be_visible()
        yield visit
    chromium.close()


def sent(visit: Visit) -> list[Any]:
    """Return what was sent since this was called last."""
    found: list[Any] = visit.page.evaluate("() => sent.splice(0)")
    return found


def start(visit: Visit, *, place: str, device: str, name: str = "scene.png", content: bytes = SCENE) -> Visit:
    """Press Enhance in that mode."""
    visit.choose(device=device, tile="").pick(name, content)
    visit.page.select_option("#place", place)
    return visit.enhance()


@pytest.mark.parametrize("place", ["auto", "device"])
def test_what_this_device_can_do_stays_here(place: str, page: Visit) -> None:
    """With a server at hand nothing is sent, and nobody but our own site is asked, by GET."""
    methods: list[str] = []
    page.page.on("request", lambda request: methods.append(request.method))
    page.requests.clear()
    start(page, place=place, device="auto").wait_for_result()
    assert "Nothing left this device." in page.page.inner_text("#report")
    assert page.badge[0] == "CPU"
    assert set(methods) <= {"GET"}
    own = urlsplit(page.page.url).netloc
    assert {urlsplit(url).netloc for url in page.requests if not url.startswith(("blob:", "data:"))} <= {own}
    assert not any("gradio_api" in url for url in page.requests), (
        "the server is not even asked whether it is there"
    )
    assert not sent(page)


def test_the_same_pixels(page: Visit, server: Server) -> None:
    """The server's result is this device's, within one level; and all was announced before it was sent."""
    here = start(page, place="device", device="auto").wait_for_result()
    there = start(page, place="server", device="auto").wait_for_result()
    assert abs(pixels(here) - pixels(there)).max() <= 1
    host = urlsplit(server.url).netloc
    upload, call = sent(page)
    assert upload == [
        "/gradio_api/upload",
        f"Sending scene.png to {host}…",
        "Cloud",
        f"Sent to {host}, since you chose the server.",
    ]
    assert call[0] == "/gradio_api/call/upscale"
    assert page.badge == ("Cloud", f"Computed by {host} (CPU, onnxruntime), since you chose the server.")
    told = rf"Sent to {re.escape(host)} at \d\d:\d\d; computed there on the CPU \(onnxruntime\)\."
    assert re.search(told, page.page.inner_text("#report"))


def test_all_options_travel(page: Visit) -> None:
    """Size, format and strength are the server's too."""
    page.choose(scale="width", width="100", format="webp", strength="50")
    content = start(page, place="server", device="auto").wait_for_result()
    page.choose(scale="4", format="png", strength="100")
    assert content.startswith(b"RIFF")
    assert pixels(content).shape == (78, 100, 3)
    assert page.page.get_attribute("#download", "download") == "scene_100w.webp"
    sent(page)


def test_saying_no(page: Visit) -> None:
    """The first fallback asks, names the host, and has the focus on no; Escape is no: nothing leaves, and the device's own error stands."""
    start(page, place="auto", device="gpu")
    question = page.page.get_by_role("dialog")
    host = urlsplit(page.page.url).netloc
    expect(question).to_have_accessible_name(f"Send this picture to {host}?")
    expect(question).to_have_accessible_description(
        re.compile(f"could not enlarge it: {NO_GPU}.*deleted there as soon")
    )
    expect(page.page.get_by_role("button", name="Keep it here")).to_be_focused()
    assert not sent(page)
    page.page.keyboard.press("Escape")
    assert page.wait_for_error().startswith(NO_GPU)
    expect(question).to_be_hidden()
    start(page, place="auto", device="gpu")
    page.page.get_by_role("button", name="Keep it here").click()
    assert page.wait_for_error().startswith(NO_GPU)
    assert not sent(page)


def test_saying_yes(page: Visit) -> None:
    """With a yes the server does it, this time; once asked not to ask again, every time, until that is undone."""
    start(page, place="auto", device="gpu")
    expect(page.page.get_by_role("button", name="Keep it here")).to_be_focused()
    page.page.keyboard.press("Shift+Tab")
    expect(page.page.get_by_role("button", name="Send it")).to_be_focused()
    page.page.keyboard.press("Enter")
    page.wait_for_result()
    assert [path for path, *_ in sent(page)] == ["/gradio_api/upload", "/gradio_api/call/upscale"]
    assert page.badge[0] == "Cloud"
    assert f"since this device could not: {NO_GPU}" in page.badge[1]

    start(page, place="auto", device="gpu")
    page.page.get_by_label("Do not ask again").check()
    page.page.get_by_role("button", name="Send it").click()
    page.wait_for_result()
    expect(page.page.locator("#privacy")).to_contain_text("as you allowed")

    sent(page)
    start(page, place="auto", device="gpu").wait_for_result()
    (upload, *_) = sent(page)
    assert upload[1].startswith("Sending scene.png to"), "no question, but announced all the same"

    page.page.get_by_role("button", name="Ask me again").click()
    expect(page.page.locator("#privacy")).to_contain_text("you are asked before anything is sent")
    start(page, place="auto", device="gpu")
    page.page.get_by_role("button", name="Keep it here").click()
    page.wait_for_error()
    assert not sent(page)


def test_waiting_and_cancelling(page: Visit, server: Server) -> None:
    """A page is told how many are before it; Cancel ends that at once, and a job in its tiles within one."""
    other = server.client("10.0.0.1")
    status = page.page.locator("#status")
    with other.listening(
        other.start(LARGE, "swift", "png", 92, "same", False, False, None, None, 1.0, 0.5, 32)
    ):
        start(page, place="server", device="auto")
        expect(status).to_have_text("Waiting for your turn: 1 job before yours.", timeout=20_000)
        page.page.click("#cancel")
        expect(status).to_have_text("Cancelled. Nothing was kept.", timeout=2_000)
    page.choose(tile="32").pick("large.png", LARGE).enhance()
    expect(status).to_have_text(re.compile(r"Enlarging: tile \d+ of \d{4}"), timeout=20_000)
    page.page.click("#cancel")
    expect(status).to_have_text("Cancelled. Nothing was kept.", timeout=2_000)
    start(page, place="server", device="auto")
    page.page.locator("#result:not([hidden])").wait_for(timeout=10_000)  # the large one would take longer
    sent(page)


@pytest.mark.parametrize(
    ("name", "content", "words", "paths"),
    [
        ("wide.png", pictures.encoded(pictures.scene(1025, 8)), "has 1025 x 8 pixels", []),
        (
            "text.png",
            b"This is a letter.\n" * 20,
            "not a picture",
            ["/gradio_api/upload", "/gradio_api/call/upscale"],
        ),
    ],
)
def test_what_the_server_does_not_take(
    name: str, content: bytes, words: str, paths: list[str], page: Visit
) -> None:
    """Too many pixels are told with the numbers before anything is sent; the next picture works."""
    sentence = start(page, place="server", device="auto", name=name, content=content).wait_for_error()
    assert words in sentence
    assert [path for path, *_ in sent(page)] == paths
    start(page, place="server", device="auto").wait_for_result()
    sent(page)


def test_nothing_was_wrong_with_the_page(page: Visit) -> None:
    """After all that, its console is clean."""
    assert not page.faults
