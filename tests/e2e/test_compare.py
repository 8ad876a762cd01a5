"""The viewer as hands, keys and eyes meet it: with a whole job, and alone with results no canvas could hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import pictures
from tests.browser import Visit, pixels, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from playwright.sync_api import Browser
from tests.e2e.large_result import (
    HEIGHT,
    WIDTH,
    given,
    open_alone,
    place,
    read,
    scenery,
    show,
    split,
    until,
    view,
    zoom,
)


@pytest.fixture(scope="module")
def samples() -> NDArray[np.uint8]:
    """Return the large result's samples."""
    return scenery()


@pytest.fixture(scope="module")
def alone(chromium: Browser, site_url: str, samples: NDArray[np.uint8]) -> Iterator[Visit]:
    """Give a page with the viewer alone, as wide as a desk's."""
    for opened in visiting(chromium, viewport={"width": 1280, "height": 900}):
        yield open_alone(opened, site_url, given(samples))


def test_a_whole_job_at_100_percent(visit: Visit, site_url: str) -> None:
    """After a job every pixel of the file is on one pixel of the screen, and the slider shows the original."""
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    content = visit.open(site_url).upscale("scene.png", pictures.encoded(pictures.scene(90, 70)))
    visit.page.click("[data-do=actual]")
    expect(visit.page.locator("#zoom")).to_have_text("100 %")
    split(visit, 0)
    width, height = view(visit)
    left, top = int((width - 360) / 2 + 0.5), int((height - 280) / 2 + 0.5)
    expected = pixels(content)
    until(
        lambda: np.array_equal(read(visit, left, top, 360, 280), expected),
        "the canvas shows the file's pixels",
    )
    split(visit, 100)
    plain = pixels(pictures.encoded(pictures.scene(90, 70).resize((360, 280), Image.Resampling.BICUBIC)))
    until(
        lambda: np.abs(read(visit, left, top, 360, 280).astype(int) - plain).mean() < 4,
        "the canvas shows the original, plainly enlarged",
    )
    assert not np.array_equal(read(visit, left, top, 360, 280), expected)
    assert not visit.faults


def test_large_result_at_fit(alone: Visit, samples: NDArray[np.uint8]) -> None:
    """A result that is too large for one canvas is shown whole, in a canvas as large as the view."""
    show(alone, "large")
    split(alone, 0)
    width, height = view(alone)
    assert width * height < 1280 * 900
    shown_width = round(WIDTH * height / HEIGHT)
    left = (width - shown_width) // 2
    expected = np.asarray(
        Image.fromarray(samples[..., 2]).resize((shown_width, height), Image.Resampling.BOX)
    )

    def is_like_it() -> bool:
        shown = read(alone, left, 0, shown_width, height)
        return bool(np.abs(shown[..., 2].astype(int) - expected).mean() < 20)

    until(is_like_it, "the whole result")
    expect(
        alone.page.get_by_role("img", name="The enlarged picture (large.png), 5200 x 4100 pixels")
    ).to_be_visible()


def test_large_result_at_100_percent(alone: Visit, samples: NDArray[np.uint8]) -> None:
    """Its own pixels come from the bands that are looked at, exactly, also across the seams, and while one pans."""
    show(alone, "large")
    split(alone, 0)
    alone.page.locator("#compare").focus()
    alone.page.keyboard.press("1")
    width, height = view(alone)
    until(lambda: place(read(alone, 0, 0, 300, 200), samples) != (-1, -1), "exact pixels")
    row, column = place(read(alone, 0, 0, 300, 200), samples)
    assert (row, column) == (round(HEIGHT / 2 - height / 2), round(WIDTH / 2 - width / 2))
    alone.page.keyboard.press("ArrowRight")
    alone.page.keyboard.press("ArrowDown")
    moved = row + 64, column + 64
    until(lambda: place(read(alone, 0, 0, 300, 200), samples) == moved, "exact pixels after panning")


def test_pixels_become_squares(alone: Visit) -> None:
    """Above 100 % a pixel of the result is a square of one colour, and the zoom ends at 1600 %."""
    show(alone, "large")
    split(alone, 0)
    alone.page.click("[data-do=actual]")
    for _ in range(4):
        alone.page.click("[data-do=in]")
    expect(alone.page.locator("#zoom")).to_have_text("400 %")

    def squares() -> bool:
        shown = read(alone, 0, 0, 400, 400)
        edges = [
            int(np.abs(np.diff(shown.astype(int), axis=1)).sum(axis=(0, 2))[start::4].any())
            for start in range(4)
        ]
        return sum(edges) == 1

    until(squares, "squares of four")
    for _ in range(8):
        alone.page.click("[data-do=in]")
    expect(alone.page.locator("#zoom")).to_have_text("1600 %")


def test_divider_by_hand(alone: Visit) -> None:
    """At fit a drag anywhere moves the divider; zoomed in the handle still does, and the range follows."""
    show(alone, "large")
    split(alone, 50)
    box = alone.page.locator("#canvas").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    alone.page.mouse.move(box["x"] + box["width"] * 0.3, middle + 60)
    alone.page.mouse.down()
    alone.page.mouse.move(box["x"] + box["width"] * 0.25, middle + 60)
    alone.page.mouse.up()
    share = (box["width"] * 0.25 - (box["width"] - WIDTH * box["height"] / HEIGHT) / 2) / (
        WIDTH * box["height"] / HEIGHT
    )
    assert abs(float(alone.page.input_value("#split")) - 100 * share) <= 1
    alone.page.click("[data-do=actual]")
    expect(alone.page.locator("#zoom")).to_have_text("100 %")
    read(alone, 0, 0, 1, 1)  # once it is drawn, the handle is where it belongs
    handle = alone.page.locator("#divider").bounding_box()
    assert handle
    middle = handle["y"] + handle["height"] / 2  # the page may have been scrolled for the button
    alone.page.mouse.move(handle["x"] + handle["width"] / 2, middle)
    alone.page.mouse.down()
    alone.page.mouse.move(box["x"] + box["width"] * 0.75, middle)
    alone.page.mouse.up()
    assert abs(float(alone.page.input_value("#split")) - 75) <= 1


def test_original_is_at_the_same_place(alone: Visit, samples: NDArray[np.uint8]) -> None:
    """Both sides show the same part: across the divider the picture goes on."""
    show(alone, "large")
    alone.page.click("[data-do=actual]")
    split(alone, 100)

    def is_the_same_place() -> bool:
        original = read(alone, 0, 0, 300, 200).astype(int)
        split(alone, 0)
        until(lambda: place(read(alone, 0, 0, 300, 200), samples) != (-1, -1), "the result")
        result = read(alone, 0, 0, 300, 200).astype(int)
        split(alone, 100)
        inner = np.abs(original[..., 2] - result[..., 2])
        return bool(np.median(inner) <= 2)

    until(is_the_same_place, "the same part on both sides")


def test_drag_and_double_click(alone: Visit, samples: NDArray[np.uint8]) -> None:
    """A double click goes to 100 % at that point and back to fit; a drag pulls the picture along."""
    show(alone, "large")
    split(alone, 0)
    box = alone.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    alone.page.mouse.dblclick(x, y)
    expect(alone.page.locator("#zoom")).to_have_text("100 %")
    until(lambda: place(read(alone, 0, 0, 300, 200), samples) != (-1, -1), "the result")
    row, column = place(read(alone, 0, 0, 300, 200), samples)
    alone.page.mouse.move(x, y)
    alone.page.mouse.down()
    alone.page.mouse.move(x - 40, y - 30)
    alone.page.mouse.up()
    moved = row + 30, column + 40
    until(lambda: place(read(alone, 0, 0, 300, 200), samples) == moved, "the picture follows the hand")
    alone.page.mouse.dblclick(x, y)
    expect(alone.page.locator("#zoom")).not_to_have_text("100 %")


def test_wheel(alone: Visit) -> None:
    """A wheel scrolls the page until the picture was chosen; with Ctrl it zooms at once, and at its end it scrolls on."""
    show(alone, "large")
    page = alone.page
    page.set_viewport_size({"width": 1280, "height": 500})
    page.evaluate("() => { document.body.style.paddingBlockEnd = '60rem' }")  # there is where to scroll

    def point_at_it() -> int:
        """Point at the picture and return how far the page is scrolled."""
        page.evaluate("() => document.getElementById('canvas').scrollIntoView({ block: 'center' })")
        box = page.locator("#canvas").bounding_box()
        assert box
        page.mouse.move(box["x"] + 300, box["y"] + 100)
        return int(page.evaluate("scrollY"))

    until(lambda: view(alone)[1] < 400, "a lower canvas")
    fit = zoom(alone)
    point_at_it()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    until(lambda: zoom(alone) > fit, "zoomed with Ctrl")
    page.evaluate("() => document.getElementById('compare').focus({ preventScroll: true })")
    chosen = zoom(alone)
    page.mouse.wheel(0, -100)
    until(lambda: zoom(alone) > chosen, "zoomed once it was chosen")
    page.keyboard.press("0")
    before = point_at_it()
    page.mouse.wheel(0, 60)
    page.wait_for_function("before => scrollY > before", arg=before)
    assert zoom(alone) == fit
    page.evaluate("() => document.activeElement.blur()")
    before = point_at_it()
    page.mouse.wheel(0, 60)
    page.wait_for_function("before => scrollY > before", arg=before)
    assert zoom(alone) == fit
    page.set_viewport_size({"width": 1280, "height": 900})


def test_keys(alone: Visit) -> None:
    """On the focused viewer + - 0 1 zoom and Home and End move the divider; the range has its own keys."""
    show(alone, "large")
    page = alone.page
    fit = page.inner_text("#zoom")
    page.locator("#compare").focus()
    for key, said in (("1", "100 %"), ("+", "141 %"), ("-", "100 %"), ("-", "71 %"), ("0", fit)):
        page.keyboard.press(key)
        expect(page.locator("#zoom")).to_have_text(said)
    page.keyboard.press("Home")
    expect(page.locator("#split")).to_have_value("0")
    page.keyboard.press("End")
    expect(page.locator("#split")).to_have_value("100")
    page.locator("#split").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#split")).to_have_value("99")
    expect(page.locator("#zoom")).to_have_text(fit)


def test_strips_of_a_running_job(alone: Visit) -> None:
    """While a job runs its finished rows lie over the original, and there is nothing to divide yet."""
    show(alone, "small")
    expect(alone.page.locator("#split")).to_be_hidden()
    width, height = view(alone)

    def is_there(share: float) -> bool:
        colour = read(alone, width // 2, int(height * share), 1, 1)[0, 0]
        return tuple(int(value) for value in colour) == (255, 0, 255)

    alone.page.evaluate("window.preview(0, 0.25)")
    alone.page.evaluate("window.preview(0.25, 0.5)")
    until(lambda: is_there(0.1) and is_there(0.4), "the strips")
    assert not is_there(0.6)
    show(alone, "large")
    until(lambda: not is_there(0.1), "another item")


def test_window_of_another_size(alone: Visit) -> None:
    """The canvas follows the window, pixel for pixel, and fit stays fit."""
    show(alone, "large")
    for width in (700, 1280):
        alone.page.set_viewport_size({"width": width, "height": 900})
        box = alone.page.locator("#canvas").bounding_box()
        assert box
        until(lambda box=box: abs(view(alone)[0] - box["width"]) <= 1, "a canvas of that size")  # type: ignore[misc]
        until(
            lambda: abs(zoom(alone) - 100 * min(view(alone)[0] / WIDTH, view(alone)[1] / HEIGHT)) < 1, "fit"
        )
