"""The page as a person uses it: with mouse and keys, in a hurry, changing their mind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, JOB_MS, pixels

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene())


ASK_ELSEWHERE = """() => new Promise(done => {
    document.addEventListener("securitypolicyviolation", e => done(e.effectiveDirective), { once: true });
    fetch("https://example.org/").catch(() => {});
})"""
"""Asks another host and tells which part of the policy forbade it."""


MOST_STOPS = 60
"""Of Tab from the first control to Enhance."""

NAME_OF_FOCUSED = """() => {
    const { id, type, value, tagName } = document.activeElement;
    return id || (type === "radio" ? value : tagName);
}"""


def put(visit: Visit, how: str, name: str, content: bytes) -> None:
    """Bring a file to the page by ``paste``, or by ``drop`` on an element of the page."""
    visit.page.evaluate(
        """([how, name, bytes]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
            const event = how === "paste"
                ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
                : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.querySelector("footer").dispatchEvent(event);
        }""",
        [how, name, list(content)],
    )


def test_nothing_but_our_own_site(visit: Visit, site_url: str) -> None:
    """From the first byte to the download, nothing is asked of any other host, and nothing is sent."""
    methods: list[str] = []
    visit.page.on("request", lambda request: methods.append(request.method))
    visit.open(site_url).upscale("scene.png", SCENE)
    hosts = {urlsplit(url).netloc for url in visit.requests if not url.startswith(("blob:", "data:"))}
    assert hosts == {urlsplit(site_url).netloc}
    assert set(methods) == {"GET"}
    assert not visit.faults


def test_without_a_server(ready: Visit) -> None:
    """A site that names no server offers no other place than this device, and says that nothing is ever sent."""
    expect(ready.page.locator("#place")).to_be_hidden()
    expect(ready.page.locator("#ask-again")).to_be_hidden()
    expect(ready.page.locator("#privacy")).to_contain_text("never sent anywhere")


def test_policy_is_in_force(ready: Visit) -> None:
    """The page may talk to no other host, and runs no script that was written into it."""
    assert ready.page.evaluate(ASK_ELSEWHERE) == "connect-src"
    assert ready.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.broken_in = true";
            document.head.append(script);
            return window.broken_in === undefined;
        }"""
    )
    # Later, since what the driver itself evaluates is exempt.
    assert (
        ready.page.evaluate(
            """() => new Promise(done => setTimeout(() => {
                try { done(eval("'evaluated'")) } catch (error) { done(error.name) }
            }))"""
        )
        == "EvalError"
    )


def test_policy_without_headers(visit: Visit, plain_url: str) -> None:
    """On a host that sends no headers the page brings its own policy."""
    visit.open(f"{plain_url}?isolation=off")
    assert visit.page.evaluate(ASK_ELSEWHERE) == "connect-src"


def test_picking_before_python(visit: Visit, site_url: str) -> None:
    """A picture that is chosen before Python has started is named at once, and enlarged later."""
    held: list[Route] = []
    released = False

    def hold(route: Route) -> None:
        if released:
            route.continue_()
        else:
            held.append(route)

    visit.page.route("**/vendor/**", hold)
    visit.open(site_url).pick("early.png", SCENE)
    expect(visit.page.locator("#picked")).to_have_text("early.png")
    expect(visit.page.locator("#enhance")).to_be_disabled()
    released = True
    for route in held:
        route.continue_()
    visit.enhance()
    assert pixels(visit.wait_for_result()).shape == (56 * 4, 72 * 4, 3)
    assert visit.page.get_attribute("#download", "download") == "early_4x.png"


def test_keyboard_alone(ready: Visit) -> None:
    """Tab reaches every control in reading order; Enter starts, and arrow keys move the slider."""
    ready.pick("scene.png", SCENE).choose(format="png")
    page = ready.page
    page.evaluate(
        "() => { document.querySelector('#more-options').open = false; document.activeElement.blur() }"
    )
    page.locator("#file").focus()
    order = ["file"]
    while order[-1] != "enhance" and len(order) < MOST_STOPS:
        page.keyboard.press("Tab")
        order.append(page.evaluate(NAME_OF_FOCUSED))
    wanted = ["file", "folder", "compare", "scale", "format", "swift", "SUMMARY", "SUMMARY", "enhance"]
    assert [name for name in order if name in wanted] == wanted
    page.locator("#enhance").focus()
    page.keyboard.press("Enter")
    ready.wait_for_result()
    page.locator("#split").focus()
    divided = "parseFloat(document.getElementById('compare').style.getPropertyValue('--split'))"
    before = page.evaluate(divided)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#split")).to_have_value("51")
    page.wait_for_function(f"before => {divided} > before", arg=before)


def test_badge_tells_why(ready: Visit) -> None:
    """The badge says GPU or CPU, and its reason shows on focus."""
    ready.upscale("scene.png", SCENE)
    reason = ready.page.locator("#badge-reason")
    expect(reason).not_to_be_visible()
    ready.page.locator("#badge").focus()
    expect(reason).to_be_visible()
    assert ready.badge[0] in ("GPU", "CPU")
    assert ready.badge[1]


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_paste_and_drop(how: str, ready: Visit) -> None:
    """A pasted picture, and one dropped anywhere on the page, is taken like a chosen one."""
    put(ready, how, f"{how}.png", pictures.encoded(pictures.scene(40, 30)))
    expect(ready.page.locator("#picked")).to_contain_text(f"{how}.png")
    assert pixels(ready.enhance().wait_for_result()).shape == (120, 160, 3)


@pytest.mark.parametrize(
    ("format_", "signature", "ending"),
    [("jpeg", b"\xff\xd8", "jpg"), ("webp", b"RIFF", "webp"), ("png", b"\x89PNG", "png")],
)
def test_formats(format_: str, signature: bytes, ending: str, ready: Visit) -> None:
    """The result has the format that was chosen, under a name that says so."""
    content = ready.upscale("my photo.png", SCENE, format=format_)
    ready.choose(format="png")
    assert content.startswith(signature)
    assert ready.page.get_attribute("#download", "download") == f"my photo_4x.{ending}"
    assert pixels(content).shape == (224, 288, 3)


def test_progress_and_cancel(ready: Visit) -> None:
    """Progress counts tiles and seconds; Cancel ends the job within a tile, and the next one works."""
    ready.choose(tile="32").pick("large.png", pictures.encoded(pictures.scene(400, 300))).enhance()
    status = ready.page.locator("#status")
    expect(status).to_have_text(re.compile(r"Enlarging: tile \d+ of \d+, .+ left"), timeout=JOB_MS)
    expect(ready.page.locator("#own-model")).to_be_disabled()  # another network can wait until this is done
    reached = int(re.search(r"tile (\d+)", ready.status)[1])  # type: ignore[index]
    ready.page.click("#cancel")
    expect(status).to_have_text(re.compile("Cancelled"), timeout=JOB_MS)
    expect(ready.page.locator("#result")).to_be_hidden()
    expect(ready.page.locator("#cancel")).to_be_hidden()
    assert reached < 100, "the whole picture has far more tiles"
    assert pixels(ready.upscale("scene.png", SCENE, tile="")).shape == (224, 288, 3)


def test_pressing_twice(ready: Visit) -> None:
    """Pressing Enhance twice in a moment starts one job, whose result comes."""
    ready.pick("scene.png", SCENE)
    expect(ready.page.locator("#enhance")).to_be_enabled(timeout=BOOT_MS)
    ready.page.evaluate(
        "() => { const form = document.getElementById('job'); form.requestSubmit(); form.requestSubmit() }"
    )
    assert pixels(ready.wait_for_result()).shape == (224, 288, 3)


def test_changing_ones_mind(ready: Visit) -> None:
    """Another picture is shown in place of the first one and its result, and is the one that is done then."""
    ready.upscale("scene.png", SCENE)
    ready.add("other.png", pictures.encoded(pictures.scene(20, 44)))
    expect(ready.page.locator("#result")).to_be_hidden()
    assert pixels(ready.enhance().wait_for_result()).shape == (176, 80, 3)


def test_speaks_to_screen_readers(ready: Visit) -> None:
    """State is told in a status region, every control has a name, and pictures have words."""
    page = ready.page
    ready.upscale("scene.png", SCENE)
    page.evaluate("() => { document.querySelector('#more-options').open = true }")
    expect(page.locator("#spoken")).to_contain_text("Done in")
    for role, name in (
        ("radio", "Swift"),
        ("combobox", "Size of the result"),
        ("slider", "Strength"),
        ("combobox", "Format"),
        ("combobox", "Compute on"),
        ("combobox", "Tile size"),
        ("spinbutton", "Quality of JPEG and WebP, 1 to 100"),
        ("checkbox", "Keep EXIF data (camera, date)"),
        ("button", "Enhance"),
        ("link", "Download"),
        ("slider", "Share of the original shown, from the left"),
        ("img", "The enlarged picture"),
    ):
        expect(page.get_by_role(role, name=name)).to_be_visible(timeout=BOOT_MS)  # type: ignore[arg-type]
    expect(page.locator("#file")).to_have_accessible_name("Add pictures")
