"""The keyboard shortcuts, and the help that lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from fourxl_web.page.device.shortcut_table import IN_PLACE, TABLE
from tests import pictures
from tests.browser import JOB_MS

if TYPE_CHECKING:
    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene(36, 28))
FOCUSED = "document.activeElement.matches('#models input:checked')"
WATCH_CHOOSING = """() => document.addEventListener("click", (event) => {
    document.body.dataset.chosen = event.target.id;
    event.preventDefault(); // a dialog of the system's would stay open
}, { once: true })"""
BLUR = "document.activeElement.blur()"


def test_the_help_lists_them_all(ready: Visit) -> None:
    """? opens it, in words for each; Escape closes it, and no key does anything meanwhile."""
    page = ready.page
    page.evaluate(BLUR)
    page.keyboard.press("?")
    dialog = page.locator("#help-dialog")
    expect(dialog).to_be_visible()
    assert dialog.locator("dd").count() == len(TABLE) + len(IN_PLACE)
    assert "help.key" not in dialog.inner_text()
    page.keyboard.press("m")
    assert not page.evaluate(FOCUSED)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.click("#help")
    expect(dialog).to_be_visible()
    dialog.locator("[data-part=close]").click()


def test_keys_press_what_they_stand_for(ready: Visit) -> None:
    """Choose, enhance, cancel, save, models and theme, by keys alone."""
    page = ready.page
    page.evaluate(BLUR)
    page.evaluate(WATCH_CHOOSING)
    page.keyboard.press("o")
    assert page.evaluate("document.body.dataset.chosen") == "file"
    ready.pick("scene.png", SCENE)
    page.evaluate(BLUR)
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_be_visible(timeout=JOB_MS)
    page.evaluate(BLUR)
    with page.expect_download() as saved:
        page.keyboard.press("s")
    assert saved.value.suggested_filename.startswith("scene")
    page.keyboard.press("m")
    assert page.evaluate(FOCUSED)
    theme = page.locator("#theme").get_attribute("aria-label")
    page.keyboard.press("t")
    expect(page.locator("#theme")).not_to_have_attribute("aria-label", theme or "")
    ready.pick("large.png", pictures.encoded(pictures.scene(400, 300))).choose(tile="32", device="cpu")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#cancel")).to_be_enabled(timeout=JOB_MS)
    page.keyboard.press("Escape")
    expect(page.locator("#cancel")).to_be_hidden(timeout=JOB_MS)


def test_j_and_k_go_through_the_pictures(visit: Visit, site_url: str) -> None:
    """To the next one and back, and nowhere at the ends."""
    visit.open(site_url).wait_until_ready()
    names = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": SCENE} for name in "abc"]
    visit.page.set_input_files("#file", names)  # type: ignore[arg-type]
    picked = visit.page.locator("#picked")
    expect(picked).to_contain_text(".png")
    visit.page.evaluate(BLUR)
    for keys, name in (("kkk", "a"), ("j", "b"), ("jj", "c"), ("k", "b")):
        for key in keys:
            visit.page.keyboard.press(key)
        expect(picked).to_contain_text(f"{name}.png")


def test_they_keep_out_of_the_way(visit: Visit, site_url: str) -> None:
    """Letters are letters in a field; single keys can be switched off, which is remembered."""
    visit.open(site_url).wait_until_ready()
    page, dialog = visit.page, visit.page.locator("#help-dialog")
    visit.choose(name_pattern="")
    page.locator("#name-pattern").press_sequentially("most?")
    assert page.input_value("#name-pattern") == "most?"
    expect(dialog).to_be_hidden()
    page.click("#help")
    dialog.locator("[data-part=letters]").uncheck()
    dialog.locator("[data-part=close]").click()
    visit.open(site_url).wait_until_ready()
    page.evaluate(BLUR)
    page.keyboard.press("?")
    page.keyboard.press("m")
    assert not page.evaluate(FOCUSED)
    expect(dialog).to_be_hidden()
