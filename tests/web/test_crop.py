"""The part of a picture on which the models are tried is always inside, and where it was put."""

from __future__ import annotations

import pytest

from fourxl_web.page.trying.crop import SIDE_PX, middle

SIZES = [(1, 1), (50, 400), (96, 96), (97, 300), (6000, 4000)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_always_inside(width: int, height: int) -> None:
    """Wherever a hand or a key puts it, all of it is in the picture."""
    for x in (-10, 0, width / 3, width, 2 * width):
        for y in (-10, 0, height / 3, height, 2 * height):
            part = middle(width, height).around(x, y).moved(17, -5)
            assert 0 <= part.left <= width - part.width
            assert 0 <= part.top <= height - part.height
            assert (part.width, part.height) == (min(SIDE_PX, width), min(SIDE_PX, height))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_is_where_it_was_put(width: int, height: int) -> None:
    """It starts in the middle, and follows the pointer to within a pixel where there is room."""
    assert middle(width, height).place == pytest.approx((0.5, 0.5), abs=1 / min(width, height))
    if min(width, height) > 2 * SIDE_PX:
        part = middle(width, height).around(200, 150)
        assert part.left + part.width / 2 == pytest.approx(200, abs=1)
        assert part.top + part.height / 2 == pytest.approx(150, abs=1)
