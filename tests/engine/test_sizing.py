"""How large the result is."""

from __future__ import annotations

import pytest

from fourxl import sizing
from fourxl.errors import InvalidSettings
from fourxl.geometry import Size
from fourxl.settings import JobSettings


@pytest.mark.parametrize(
    ("source", "scale", "wanted", "size", "label"),
    [
        (Size(72, 56), 4, {}, Size(288, 224), "4x"),
        (Size(72, 56), 2, {}, Size(144, 112), "2x"),
        (Size(72, 56), 8, {}, Size(576, 448), "8x"),
        (Size(72, 56), 4, {"scale": 4}, Size(288, 224), "4x"),
        (Size(73, 57), 4, {"scale": 3}, Size(219, 171), "3x"),
        (Size(73, 57), 8, {"scale": 2}, Size(146, 114), "2x"),
        (Size(72, 56), 4, {"width": 288}, Size(288, 224), "288w"),
        (Size(72, 56), 4, {"width": 100}, Size(100, 78), "100w"),
        (Size(72, 56), 4, {"width": 72, "scale": 2}, Size(72, 56), "72w"),
        (Size(72, 56), 4, {"width": 9}, Size(9, 7), "9w"),
        (Size(4, 2), 4, {"width": 1}, Size(1, 1), "1w"),
        (Size(4, 2), 4, {"width": 3}, Size(3, 2), "3w"),
        (Size(900, 1), 4, {"width": 3}, Size(3, 1), "3w"),
        (Size(1, 900), 4, {"width": 3}, Size(3, 2700), "3w"),
    ],
)
def test_size_and_its_name(source, scale, wanted, size, label):
    """A factor multiplies both sides; a width takes the height of the picture's shape, halves rounded up."""
    settings = JobSettings(**wanted)
    assert sizing.target(source, scale, settings) == size
    assert sizing.label(scale, settings) == label


@pytest.mark.parametrize(
    ("scale", "wanted", "words", "limit"),
    [
        (4, {"width": 289}, "at most 288", 288),
        (2, {"width": 145}, "at most 144", 144),
        (2, {"scale": 3}, "at most 2", 2),
        (1, {"scale": 2}, "at most 1", 1),
    ],
)
def test_larger_than_the_network_makes_it(scale, wanted, words, limit):
    """What would have to be made up is refused, with the most that can be had."""
    with pytest.raises(InvalidSettings, match=words) as refused:
        sizing.target(Size(72, 56), scale, JobSettings(**wanted))
    ((name, value),) = wanted.items()
    assert {"name": name, "value": str(value), "limit": limit}.items() <= refused.value.fields.items()
