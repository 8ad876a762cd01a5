"""Integer arithmetic of sizes and spans."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fourxl.geometry import Size, Span


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-3, 4), (0, 0)])
def test_a_size_has_at_least_one_pixel(width, height):
    """An empty or negative size cannot be made."""
    with pytest.raises(ValueError, match=f"{width}x{height}"):
        Size(width, height)


def test_a_scaled_size_has_factor_squared_the_pixels():
    """Scaling multiplies both sides, so the area grows by the square."""
    for width, height, factor in ((1, 1, 4), (7, 3, 2), (100, 1, 4)):
        scaled = Size(width, height).scaled(factor)
        assert str(scaled) == f"{width * factor}x{height * factor}"
        assert scaled.pixels == factor**2 * width * height


@pytest.mark.parametrize("factor", [1, 2, 4])
@pytest.mark.parametrize("offset", [-3, 0, 5])
def test_spans_scale_and_shift_their_length(factor, offset):
    """Shifting keeps a span's length, scaling multiplies it, and the slice takes that many items."""
    for start, stop in ((3, 3), (3, 4), (10, 17)):
        span = Span(start, stop)
        assert span.shifted(offset).length == span.length == stop - start
        assert span.shifted(offset).start == start + offset
        assert span.scaled(factor).length == factor * span.length
        assert len(list(range(100))[span.scaled(factor).as_slice()]) == factor * span.length


def test_the_light_modules_load_neither_numpy_nor_pillow():
    """errors, settings, events, manifest and geometry leave numpy and Pillow unloaded: the page imports them."""
    program = (
        "import sys, fourxl.errors, fourxl.settings, fourxl.events, fourxl.manifest, fourxl.geometry\n"
        "print(sorted({'numpy', 'PIL'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
