"""The viewer under fingers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser import Visit, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray
    from playwright.sync_api import Browser
from tests.e2e.large_result import given, open_alone, place, read, scenery, show, split, until, view, zoom


@pytest.fixture(scope="module")
def samples() -> NDArray[np.uint8]:
    """Return the large result's samples."""
    return scenery()


@pytest.fixture(scope="module")
def phone(chromium: Browser, site_url: str, samples: NDArray[np.uint8]) -> Iterator[Visit]:
    """Give the same on a screen for fingers, with three device pixels for each CSS pixel."""
    options: dict[str, Any] = {"has_touch": True, "is_mobile": True, "device_scale_factor": 3}
    for opened in visiting(chromium, viewport={"width": 360, "height": 740}, **options):
        yield open_alone(opened, site_url, given(samples))


def touch(visit: Visit, *frames: list[tuple[float, float]]) -> None:
    """Put fingers down at the first places, move them through the others and lift them."""
    session = visit.page.context.new_cdp_session(visit.page)
    for number, points in enumerate(frames):
        session.send(
            "Input.dispatchTouchEvent",
            {
                "type": "touchMove" if number else "touchStart",
                "touchPoints": [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)],
            },
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def test_pinch(phone: Visit) -> None:
    """Two fingers zoom by as much as they move apart, and never the page."""
    show(phone, "large")
    fit = zoom(phone)
    box = phone.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch(phone, *([(x - apart, y), (x + apart, y)] for apart in (20, 30, 40, 60, 80)))
    until(lambda: abs(zoom(phone) - 4 * fit) <= 0.15 * fit + 1, f"four times {fit}, not {zoom(phone)}")
    assert phone.page.evaluate("visualViewport.scale") == 1


def test_one_finger_scrolls_or_divides(phone: Visit) -> None:
    """At fit one finger scrolls the page up and down, and moves the divider to the sides; zoomed in it pans."""
    show(phone, "large")
    split(phone, 50)
    box = phone.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.7
    touch(phone, *([(x + way, y)] for way in (0, 10, 30, 60)))
    until(
        lambda: abs(float(phone.page.input_value("#split")) - 100 * (0.3 + 60 / box["width"])) < 2, "divider"
    )
    before = phone.page.evaluate("scrollY")
    touch(phone, *([(x, y - way)] for way in (0, 20, 40, 60, 80)))
    phone.page.wait_for_function("before => scrollY !== before", arg=before)
    phone.page.click("[data-do=actual]")
    expect(phone.page.locator("#canvas")).to_have_css("touch-action", "none")


def test_double_tap(phone: Visit, samples: NDArray[np.uint8]) -> None:
    """Two taps show 100 % of the screen's own pixels, exactly, and two more everything."""
    show(phone, "large")
    split(phone, 0)
    fit = phone.page.inner_text("#zoom")
    box = phone.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6
    for said in ("100 %", fit):
        phone.page.touchscreen.tap(x, y)
        phone.page.touchscreen.tap(x, y)
        expect(phone.page.locator("#zoom")).to_have_text(said)
        if said != fit:
            assert abs(view(phone)[0] - 3 * box["width"]) <= 1
            until(lambda: place(read(phone, 0, 0, 300, 200), samples) != (-1, -1), "exact pixels")
