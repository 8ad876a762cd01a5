"""What a person chose or took back holds: in another tab, in the middle of a job, and for the keyboard."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from scripts.serving import answering
from tests import browser as browsing
from tests import networks, pictures
from tests.browser import BOOT_MS, JOB_MS, Visit
from tests.e2e.stand_in_server import RESULT, Reply, StandInServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

SCENE = pictures.encoded(pictures.scene(24, 16))
LARGE = pictures.encoded(pictures.scene(900, 700))
NO_ENGINE = "The engine could not start on this device. Reload the page to try again."

DEAF = "addEventListener('storage', event => event.stopImmediatePropagation(), { capture: true })"
"""Keeps a tab from hearing of the others."""

PATIENT = "AbortSignal.timeout = () => new AbortController().signal"
"""Has the page wait for what is held back, however long the test takes on a busy machine."""

WATCH_PRIVACY = """() => {
    window.said = [];
    const text = (name) => document.getElementById(name).textContent;
    const look = () => { if (!document.getElementById("cancel").hidden) said.push(text("privacy")) };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""Remembers all that is said of privacy while a job runs."""

DROP_NETWORK = """bytes => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "mine.onnx"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def server(built_site: Path) -> Iterator[StandInServer]:
    """Serve the site with a stand-in for its server."""
    made = StandInServer(built_site)
    with answering(made):
        yield made


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Give a fresh profile that asks the network for everything."""
    yield from browsing.visiting(chromium, service_workers="block")


@pytest.fixture
def away(visit: Visit, server: StandInServer) -> Visit:
    """Give a page whose engine has failed, in Automatic."""
    visit.page.context.route("**/engine.tar", lambda route: route.abort())
    server.behave()
    return begin(visit, server)


def begin(visit: Visit, server: StandInServer) -> Visit:
    """Open the page, and wait until its engine has failed."""
    visit.open(f"http://localhost:{server.server_port}/")
    expect(visit.page.locator("#place")).to_be_visible(timeout=BOOT_MS)
    expect(visit.page.locator("#place")).to_have_value("auto")
    visit.pick("scene.png", SCENE)
    expect(visit.page.locator("#enhance")).to_be_enabled(timeout=BOOT_MS)
    return visit.wait_until_ready()


def holding(page: Page, pattern: str) -> list[Route]:
    """Hold back what is asked for at such addresses, and return it as it comes."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold)
    return held


def allow(page: Page) -> None:
    """Say yes, now and later."""
    page.get_by_label("Do not ask again").check()
    page.get_by_role("button", name="Send it").click()


@pytest.mark.parametrize("hears", [True, False])
def test_consent_taken_back_in_another_tab(hears: bool, away: Visit, server: StandInServer) -> None:
    """What was allowed in all tabs is taken back in all, heard of or not; no tab's choice of mode brings it back."""
    away.enhance()
    allow(away.page)
    assert away.wait_for_result() == RESULT
    other = Visit(away.page.context.new_page())
    if not hears:
        other.page.add_init_script(DEAF)
    begin(other, server)
    expect(other.page.locator("#privacy")).to_contain_text("as you allowed")
    away.page.get_by_role("button", name="Ask me again").click()
    now = server.behave()
    if hears:
        expect(other.page.locator("#privacy")).to_contain_text("you are asked before anything is sent")
        expect(other.page.locator("#ask-again")).to_be_hidden()
    else:
        other.page.select_option("#place", "device")
        other.page.select_option("#place", "auto")
        expect(other.page.locator("#privacy")).to_contain_text("you are asked before anything is sent")
    other.enhance()
    other.page.get_by_role("button", name="Keep it here").click()
    assert other.wait_for_error().startswith(NO_ENGINE)
    assert now.asked == []
    for tab in (away, other):
        tab.page.reload(wait_until="commit")
        expect(tab.page.locator("#place")).to_be_visible(timeout=BOOT_MS)
        expect(tab.page.locator("#privacy")).to_contain_text("you are asked before anything is sent")


def test_consent_is_read_when_the_device_fails(away: Visit, server: StandInServer) -> None:
    """A tab that has heard of nothing, and where nothing was touched, asks all the same."""
    away.enhance()
    allow(away.page)
    away.wait_for_result()
    other = Visit(away.page.context.new_page())
    other.page.add_init_script(DEAF)
    begin(other, server)
    away.page.get_by_role("button", name="Ask me again").click()
    now = server.behave()
    other.enhance()
    other.page.get_by_role("button", name="Keep it here").click()
    other.wait_for_error()
    assert now.asked == []


def test_the_moment_of_the_press_counts(away: Visit, server: StandInServer) -> None:
    """A job goes where it was to go when Enhance was pressed, whatever is chosen right after."""
    now = server.behave()
    away.page.evaluate(
        """() => {
            const place = document.getElementById("place");
            document.getElementById("enhance").click();
            place.value = "server";
            place.dispatchEvent(new Event("change"));
        }"""
    )
    away.page.get_by_role("button", name="Keep it here").click()
    away.wait_for_error()
    assert not {"upload", "call"} & set(now.asked)


def test_a_running_job_stays_what_it_is(visit: Visit, server: StandInServer) -> None:
    """A server that is learned of while a job runs on this device is not said to be sent its picture."""
    now, page = server.behave(), visit.page
    held = holding(page, "**/config.json")
    page.add_init_script(PATIENT)
    page.add_init_script(
        f"""localStorage.setItem("4xl-place", JSON.stringify({{
            mode: "server", may_send: false, server: "http://localhost:{server.server_port}/" }}))"""
    )
    visit.open(f"http://localhost:{server.server_port}/").wait_until_ready()
    page.evaluate(WATCH_PRIVACY)
    visit.choose(tile="32").pick("large.png", LARGE).enhance()
    status = page.locator("#status")
    expect(status).to_have_text(re.compile(r"tile \d+ of"), timeout=JOB_MS)
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/config.json")):
        held[0].continue_()
    before = status.inner_text()
    for _ in range(5):  # the page has gone on to tell of its job, so it has read its configuration too
        expect(status).not_to_have_text(before, timeout=JOB_MS)
        before = status.inner_text()
    expect(status).to_have_text(re.compile(r"tile \d+ of"))
    page.click("#cancel")
    expect(page.locator("#place")).to_have_value("server")
    expect(page.locator("#privacy")).to_contain_text("Your picture is sent to localhost")
    said: list[Any] = page.evaluate("() => [...new Set(said)]")
    assert len(said) == 1
    assert "stays on this device" in said[0]
    assert not now.bodies


def test_a_cancelled_request_that_fails(away: Visit, server: StandInServer) -> None:
    """What breaks after its job was cancelled is nobody's concern any more: the console stays silent."""
    lines: list[str] = []
    away.page.select_option("#place", "server")
    go_on = threading.Event()
    now = server.behave(call=Reply(go_on=go_on, breaks=True))
    away.enhance()
    now.wait_until_asked("call")
    away.page.on("console", lambda line: lines.append(line.text))
    away.page.click("#cancel")
    expect(away.page.locator("#status")).to_have_text("Cancelled. Nothing was kept.")
    with away.page.expect_event("requestfailed", lambda request: request.url.endswith("/call/upscale")):
        go_on.set()
    server.behave()
    assert away.enhance().wait_for_result() == RESULT
    assert not [line for line in lines if "Traceback" in line or "exception" in line]


def test_a_network_without_an_engine(away: Visit, server: StandInServer) -> None:
    """It is refused with the reason, and the server's jobs go on."""
    away.page.select_option("#place", "server")
    server.behave()
    away.page.evaluate(DROP_NETWORK, list(networks.nearest()))
    assert away.wait_for_error() == NO_ENGINE
    assert away.enhance().wait_for_result() == RESULT


def test_a_network_while_the_engine_never_comes(visit: Visit, server: StandInServer) -> None:
    """It keeps nothing waiting that the server can do, and is taken or refused once the engine is known."""
    held = holding(visit.page, "**/engine.tar")
    server.behave()
    visit.open(f"http://localhost:{server.server_port}/")
    expect(visit.page.locator("#place")).to_be_visible(timeout=BOOT_MS)
    visit.page.evaluate(DROP_NETWORK, list(networks.nearest()))
    visit.page.select_option("#place", "server")
    assert visit.pick("scene.png", SCENE).enhance().wait_for_result() == RESULT
    for route in held:
        route.abort()
    assert visit.wait_for_error() == NO_ENGINE
    assert visit.enhance().wait_for_result() == RESULT


def test_a_choice_before_the_models_are_read(visit: Visit, server: StandInServer) -> None:
    """Choosing where before the engine has answered leaves the model that the form has from the start."""
    server.behave()
    held = holding(visit.page, "**/engine.tar")
    visit.open(f"http://localhost:{server.server_port}/")
    expect(visit.page.locator("#place")).to_be_visible(timeout=BOOT_MS)
    for mode in ("device", "auto"):
        visit.page.select_option("#place", mode)
        expect(visit.chosen_model).to_have_text("Swift")
    for route in held:
        route.continue_()
    expect(visit.page.locator("#purpose")).not_to_be_empty(timeout=BOOT_MS)
    assert visit.page.locator("#models label").count() > 1


@pytest.mark.parametrize("end", ["cancel", "finish", "fail"])
def test_the_keyboard_keeps_its_place(end: str, away: Visit, server: StandInServer) -> None:
    """From Enhance it goes to Cancel, and back when the job has ended, however that was."""
    page = away.page
    page.select_option("#place", "server")
    go_on = threading.Event()
    now = server.behave(upload=Reply(go_on=go_on, breaks=True)) if end == "fail" else server.behave()
    if end != "fail":
        now.next["health"] = [Reply(go_on=go_on)]
    page.locator("#enhance").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cancel")).to_be_focused()
    if end == "cancel":
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_have_text("Cancelled. Nothing was kept.")
    go_on.set()
    expect(page.locator("#cancel")).to_be_hidden(timeout=JOB_MS)
    expect(page.locator("#enhance")).to_be_focused()


def test_the_keyboard_elsewhere(away: Visit, server: StandInServer) -> None:
    """A job that is started from another control leaves the focus there, to its end."""
    page = away.page
    page.select_option("#place", "server")
    server.behave()
    page.locator("#more-options summary").focus()
    page.evaluate("() => document.getElementById('job').requestSubmit()")
    away.wait_for_result()
    page.locator("#more-options summary").focus()
    page.evaluate("() => document.getElementById('job').requestSubmit()")
    page.locator("#result:not([hidden])").wait_for()
    expect(page.locator("#more-options summary")).to_be_focused()
