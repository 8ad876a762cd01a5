"""The page's looks: nothing moves by itself, nothing sticks out, and it looks as it looked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import browser as browsing
from tests import looking, pictures
from tests.browser import JOB_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser import Visit

SITE = Path(__file__).parents[2] / "site"
LOOKS = Path(__file__).with_name("looks")
REWRITE = "FOURXL_REWRITE_LOOKS"
"""Set in the environment, it makes the tests keep what they see instead of comparing: look at it before you commit."""

MOST_STYLE_BYTES = 60_000
MEAN, WORST = 2.0, 24.0
"""How far a look may be from the kept one, of 255; a headline that is missing is further."""

WIDTHS_PX = (360, 768, 1280, 1920)
THEMES = ("light", "dark")
SCENE = pictures.encoded(pictures.scene(96, 64))
CLEAR = pictures.encoded(Image.new("RGBA", (64, 64)))

CHECKED = """() => {
    const canvas = document.getElementById("canvas"), { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const columns = new Set();
    for (let index = 0; index < width * height; index++) if (data[4 * index + 3]) columns.add(index % width);
    return columns.size ? [Math.min(...columns), Math.max(...columns), width, height] : null;
}"""
"""The first and the last column with squares, and the view's sides."""

LOOK_OF = """name => {
    const { backgroundColor, backdropFilter, borderTopColor, color } = getComputedStyle(document.querySelector(name));
    return { ground: backgroundColor, filter: backdropFilter, edge: borderTopColor, ink: color };
}"""


@pytest.fixture(autouse=True)
def _as_it_was(request: pytest.FixtureRequest) -> None:
    """Leave no emulation behind for the next test."""
    if "ready" not in request.fixturenames:
        return
    page = request.getfixturevalue("ready").page
    page.emulate_media(color_scheme="light", reduced_motion="reduce", forced_colors="none")
    looking.resize(page, 1280)


@pytest.mark.parametrize("width_px", [360, 1280])
def test_nothing_moves(width_px: int, chromium: Browser, site_url: str) -> None:
    """From the first paint to the result nothing is pushed from its place, and Download is in sight at once."""
    size = {"width": width_px, "height": looking.HEIGHTS_PX[width_px]}
    for visit in browsing.visiting(chromium, viewport=size):
        visit.page.add_init_script(looking.WATCH_SHIFTS)
        visit.open(site_url).wait_until_ready()
        visit.pick("scene.png", SCENE).enhance()
        expect(visit.page.locator("#result")).to_be_visible(timeout=JOB_MS)
        visit.page.wait_for_function("document.getElementById('report').textContent")
        expect(visit.page.locator("#download")).to_be_in_viewport(ratio=1)
        assert visit.page.evaluate("window.shifts") == []


def test_style_is_small() -> None:
    """All of our own CSS together is small enough to come at once."""
    assert sum(path.stat().st_size for path in (SITE / "css").glob("*.css")) <= MOST_STYLE_BYTES


def test_own_fonts(ready: Visit) -> None:
    """Headings are in Sora and text in Manrope, from our own files."""
    loaded = ready.page.evaluate(
        "document.fonts.ready.then(fonts => [...fonts].filter(f => f.status === 'loaded').map(f => f.family))"
    )
    assert {"Sora Variable", "Manrope Variable"} <= {name.strip('"') for name in loaded}


@pytest.mark.parametrize("state", ["empty", "done"])
def test_looks(state: str, ready: Visit) -> None:
    """In four widths and both themes the page looks as it was approved, and nothing sticks out sideways."""
    page = ready.page
    if state == "done":
        ready.pick("scene.png", SCENE).enhance()
        expect(page.locator("#result")).to_be_visible(timeout=JOB_MS)
    page.mouse.move(0, 0)
    faults = []
    for width_px in WIDTHS_PX:
        looking.resize(page, width_px)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.evaluate("() => { scrollTo(0, 0); document.activeElement.blur() }")
            seen = looking.rough(looking.screenshot(page))
            kept = LOOKS / f"{state}-{width_px}-{theme}.png"
            if REWRITE in os.environ:
                seen.save(kept, optimize=True)
            mean, worst = looking.difference(seen, kept)
            if mean > MEAN or worst > WORST:
                faults.append(f"{kept.name}: {mean:.1f} on average, {worst:.0f} at its worst")
    assert not faults


def test_looks_are_small() -> None:
    """What the looks are compared with takes little of the repository, and there is one for each."""
    kept = list(LOOKS.glob("*.png"))
    assert len(kept) == 2 * len(WIDTHS_PX) * len(THEMES)
    assert sum(path.stat().st_size for path in kept) <= 1_000_000


def test_theme_is_chosen_and_remembered(ready: Visit) -> None:
    """The button goes from the device's theme to light, dark and back, and what was chosen outlasts a reload."""
    page = ready.page
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    button = page.locator("#theme")
    button.click()
    expect(button).to_have_accessible_name("Theme: light")
    assert page.evaluate(ground) == light
    button.click()
    expect(button).to_have_accessible_name("Theme: dark")
    dark = page.evaluate(ground)
    assert dark != light
    other = page.context.new_page()
    other.route("**/boot/start.mjs", lambda route: route.abort())
    other.emulate_media(color_scheme="light")
    other.goto(page.url)
    assert other.evaluate(ground) == dark
    other.close()
    button.click()
    expect(button).to_have_accessible_name("Theme: as the device")
    assert page.evaluate("localStorage.getItem('4xl-theme')") is None
    assert page.evaluate(ground) == light


def test_rest_for_those_who_want_it(ready: Visit) -> None:
    """Something turns where motion is welcome; with reduced motion nothing does."""
    page, running = ready.page, "document.getAnimations().length"
    assert page.evaluate(running) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(running) > 0


def test_transparent_picture(ready: Visit) -> None:
    """Squares show through what is transparent; beside the picture the surface is plain."""
    ready.pick("clear.png", CLEAR)
    first, last, width, height = ready.page.wait_for_function(CHECKED).json_value()
    assert 0 < first < last < first + height
    assert first + last == pytest.approx(width - 1, abs=2)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("wish", ["prefers-reduced-transparency: reduce", "prefers-contrast: more"])
def test_solid_for_those_who_want_it(wish: str, theme: str, ready: Visit) -> None:
    """Nothing shines through the panels; with more contrast all edges and all text are in the ink as well."""
    page = ready.page
    session = page.context.new_cdp_session(page)
    features = [
        dict(zip(("name", "value"), one.split(": "), strict=True))
        for one in (wish, f"prefers-color-scheme: {theme}")
    ]
    before = page.evaluate(LOOK_OF, "form#job")
    session.send("Emulation.setEmulatedMedia", {"features": features})
    looks = {
        name: page.evaluate(LOOK_OF, name) for name in ("form#job", ".drop", ".shelf", "#scale", "#picked")
    }
    session.send("Emulation.setEmulatedMedia", {"features": []})
    session.detach()
    assert before["ground"].startswith("rgba")
    assert before["filter"] != "none"
    for name in ("form#job", ".drop", ".shelf", "#scale"):
        assert looks[name]["ground"].startswith("rgb("), name
        assert looks[name]["filter"] == "none", name
    if "contrast" in wish:
        ink = looks["form#job"]["ink"]
        assert {looks[name]["edge"] for name in ("form#job", ".drop", ".shelf", "#scale")} == {ink}
        assert looks["#picked"]["ink"] == ink


def test_forced_colours(ready: Visit) -> None:
    """With a palette of the device's own, frames, signs and the choice of a model can still be seen."""
    page = ready.page
    page.emulate_media(forced_colors="active")
    frames = page.evaluate(
        """() => ["#drop", "form#job"].map(name => {
            const style = getComputedStyle(document.querySelector(name));
            return style.borderTopStyle !== "none" && style.borderTopColor !== style.backgroundColor;
        })"""
    )
    assert frames == [True, True]
    for name in ("#theme", "#help", ".model:has(:checked)"):
        box = page.locator(name).first.bounding_box()
        assert box
        edges = (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
        drawn = looking.screenshot(page).crop(edges).convert("L")
        darkest, lightest = drawn.getextrema()
        assert lightest - darkest > 100, name  # type: ignore[operator]
