"""Laws of looking at a picture: what zoom, pan and resize keep, and which bands a view needs."""

from __future__ import annotations

import itertools
import random

import pytest

from fourxl_web.page.viewer import levels
from fourxl_web.page.viewer.cache import Bitmaps
from fourxl_web.page.viewer.levels import Level, Rows
from fourxl_web.page.viewer.navigation import Navigation
from fourxl_web.page.viewer.viewport import (
    MAX_ZOOM,
    Box,
    Frame,
    Viewport,
    fitted,
    stepped,
    zoomed_within,
)

FRAMES = [
    Frame(view_width, view_height, width, height, largest_fit)
    for (view_width, view_height), (width, height), largest_fit in itertools.product(
        [(320, 512), (1280, 800), (801, 333)],
        [(1, 1), (288, 224), (16_384, 16_384), (40_000, 30), (333, 9_001)],
        [1.0, 3.0],
    )
]


def some_viewports(frame: Frame, count: int = 20) -> list[Viewport]:
    """Return viewports of every kind, allowed or not, the same in every run."""
    dice = random.Random(str(frame))  # noqa: S311 - a test, no secret
    return [
        Viewport(
            2 ** dice.uniform(-8, 6),
            dice.uniform(-2, 2) * frame.view_width,
            dice.uniform(-2, 2) * frame.view_height,
        )
        for _ in range(count)
    ]


def point_at(viewport: Viewport, x: float, y: float) -> tuple[float, float]:
    """Return the point of the picture that is shown at (x, y)."""
    return (x - viewport.left) / viewport.zoom, (y - viewport.top) / viewport.zoom


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_zooming_keeps_the_point(frame: Frame) -> None:
    """Whatever is under the pointer stays under it."""
    for viewport in some_viewports(frame):
        for x, y in ((0, 0), (17.25, 200), (frame.view_width, frame.view_height / 3)):
            before = point_at(viewport, x, y)
            after = point_at(viewport.zoomed(viewport.zoom * 1.7, x, y), x, y)
            assert after == pytest.approx(before, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_clamping_twice_is_clamping_once(frame: Frame) -> None:
    """What is allowed is left alone."""
    for viewport in some_viewports(frame):
        once = viewport.clamped(frame)
        twice = once.clamped(frame)
        assert (twice.zoom, twice.left, twice.top) == pytest.approx((once.zoom, once.left, once.top))


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_the_picture_is_never_lost(frame: Frame) -> None:
    """After every move each axis is centred if it fits, and leaves no gap if it does not."""
    for viewport in some_viewports(frame):
        allowed = viewport.clamped(frame)
        assert frame.least_zoom <= allowed.zoom <= MAX_ZOOM
        for start, view, length in (
            (allowed.left, frame.view_width, frame.width * allowed.zoom),
            (allowed.top, frame.view_height, frame.height * allowed.zoom),
        ):
            if length <= view:
                assert start == pytest.approx((view - length) / 2)
            else:
                assert view - length - 1e-6 <= start <= 1e-6
        assert not allowed.visible(frame).is_empty


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_fit_shows_everything(frame: Frame) -> None:
    """All of the picture is seen, and one side of the view is filled unless the picture is small."""
    viewport = fitted(frame)
    seen = viewport.visible(frame)
    assert (seen.left, seen.top) == pytest.approx((0, 0), abs=1e-6)
    assert (seen.right, seen.bottom) == pytest.approx((frame.width, frame.height))
    assert viewport.is_fit(frame)
    assert not viewport.can_pan(frame)
    filled = max(
        frame.width * viewport.zoom / frame.view_width, frame.height * viewport.zoom / frame.view_height
    )
    assert filled == pytest.approx(1) or viewport.zoom == pytest.approx(frame.largest_fit)


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_whole_pixels_at_100_percent(frame: Frame) -> None:
    """At 100 % each pixel of the picture is one of the screen's."""
    for viewport in some_viewports(frame):
        actual = zoomed_within(viewport.clamped(frame), frame, 1, 31.4, 15.9).snapped()
        assert actual.zoom == 1
        assert actual.left.is_integer()
        assert actual.top.is_integer()


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_every_step_of_the_buttons_meets_100_percent(frame: Frame) -> None:
    """From fit, stepping in or out comes to exactly 1 on its way past it."""
    zoom, is_below = frame.fit, frame.fit < 1
    for _ in range(60):
        following = stepped(zoom, 1 if is_below else -1)
        assert following > zoom if is_below else following < zoom
        if (zoom < 1 < following) or (following < 1 < zoom):
            pytest.fail(f"from {zoom} to {following}")
        zoom = following
        if zoom == 1:
            return
    assert frame.fit == pytest.approx(1)


def test_a_step_back_undoes_a_step() -> None:
    """In and out are the same steps."""
    for zoom in (0.125, 0.5, 1.0, 2.0, 8.0):
        assert stepped(stepped(zoom, 1), -1) == pytest.approx(zoom)


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_divider_is_where_it_was_put(frame: Frame) -> None:
    """The divider follows the pointer, and stays on the picture."""
    for viewport in some_viewports(frame):
        allowed = viewport.clamped(frame)
        for share in (0, 0.25, 1):
            x = allowed.across(share, frame)
            assert -1e-6 <= x <= frame.view_width + 1e-6
            assert allowed.share_at(x, frame) == pytest.approx(share, abs=1e-6)
        assert allowed.share_at(-10_000, frame) == 0
        assert allowed.share_at(10_000, frame) == 1


def test_a_result_takes_the_place_of_its_source() -> None:
    """When the result comes, four times larger, the same part stays in the view, and fit stays fit."""
    navigation = Navigation(lambda: None, lambda: 1.0)
    small, large = Frame(640, 480, 500, 400, 4), Frame(640, 480, 2000, 1600, 1)
    navigation.look(small)
    assert navigation.viewport.is_fit(small)
    navigation.look(large)
    assert navigation.viewport.is_fit(large)
    navigation.look(small)
    navigation.zoom_by(3, 100, 50)
    before = navigation.viewport.visible(small)
    navigation.look(large)
    after = navigation.viewport.visible(large)
    assert [side / 4 for side in (after.left, after.top, after.right, after.bottom)] == pytest.approx(
        [before.left, before.top, before.right, before.bottom]
    )


def test_a_larger_window_shows_the_same_middle() -> None:
    """A view that changes its size keeps the zoom and what is in its middle."""
    navigation = Navigation(lambda: None, lambda: 1.0)
    old, new = Frame(640, 480, 4000, 3000), Frame(900, 700, 4000, 3000)
    navigation.look(old)
    navigation.do("actual")
    middle = point_at(navigation.viewport, 320, 240)
    navigation.look(new)
    assert navigation.viewport.zoom == 1
    assert point_at(navigation.viewport, 450, 350) == pytest.approx(middle)


def banded(width: int, height: int, reduction: int) -> Level:
    """Return a level as a banded PNG has it."""
    wide, tall = -(-width // reduction), -(-height // reduction)
    step = max(1, (1 << 20) // wide)
    rows = tuple(Rows(top, min(step, tall - top)) for top in range(0, tall, step))
    return Level(wide, tall, reduction, reduction, rows)


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_bands_cover_what_is_seen(frame: Frame) -> None:
    """The bands that are asked for cover the view, and each of them is seen; of each the rows that are drawn do."""
    level = banded(frame.width, frame.height, 1)
    for viewport in some_viewports(frame):
        seen = viewport.clamped(frame).snapped().visible(frame)
        numbers = sorted(level.needed(seen))
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert level.box(level.bands[numbers[0]])[0] <= seen.top
        assert level.box(level.bands[numbers[-1]])[1] >= min(seen.bottom, frame.height)
        for number in numbers:
            band = level.bands[number]
            first, last = levels.source_rows(band, level, seen)
            assert 0 <= first < last <= band.height
            top, bottom = level.box(band)
            assert top + first * level.down <= max(seen.top, top)
            assert top + last * level.down >= min(seen.bottom, bottom)
        column, end = levels.source_columns(level, seen)
        assert column * level.across <= seen.left
        assert end * level.across >= min(seen.right, frame.width)


def test_middle_comes_first() -> None:
    """The bands in the middle of the view are asked for before those at its edges."""
    level = Level(100, 100, 1, 1, tuple(Rows(top, 10) for top in range(0, 100, 10)))
    assert level.needed(Box(0, 20, 100, 70))[0] == 4
    assert sorted(level.needed(Box(0, 20, 100, 70))) == [2, 3, 4, 5, 6]


def test_smallest_level_that_is_sharp() -> None:
    """There is a pixel for each of the screen, and not four, wherever the levels allow it."""
    every = [banded(16_384, 16_384, reduction) for reduction in (1, 2, 4, 8)]
    assert [levels.choose(every, zoom) for zoom in (4, 1, 0.51, 0.5, 0.26, 0.25, 0.1, 0.01)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        3,
        3,
    ]
    assert sorted(levels.instead(every, 1)) == [0, 2, 3]


class Bitmap:
    """Something that can be closed."""

    is_closed = False

    def close(self) -> None:
        """Close it once."""
        assert not self.is_closed
        self.is_closed = True


def test_bitmaps_are_bounded_and_closed() -> None:
    """What is kept is within the budget, the last used stay, what is needed now stays, and the rest is closed."""
    kept = Bitmaps(100)
    made = {name: Bitmap() for name in "abcde"}
    for name in "abc":
        kept.put(name, made[name], 30)
    assert kept.get("a") is made["a"]
    kept.put("d", made["d"], 30)
    assert [name for name in "abcd" if name in kept] == ["a", "c", "d"]
    assert made["b"].is_closed
    kept.put("e", made["e"], 90, needed={"a", "d"})
    assert [name for name in "acde" if name in kept] == ["a", "d", "e"]
    assert kept.pixels == 150
    kept.clear()
    assert kept.pixels == 0
    assert all(bitmap.is_closed for bitmap in made.values())
