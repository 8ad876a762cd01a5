"""Paeth's predictor, eight bytes at a time, beside its definition."""

from __future__ import annotations

import numpy as np
import pytest

from fourxl import paeth

from .drawing import noise


def _by_definition(left, above, corner):
    """Return the specification's predictor, in its own words."""
    a, b, c = (values.astype(int) for values in (left, above, corner))
    slope = a + b - c
    to_a, to_b, to_c = abs(slope - a), abs(slope - b), abs(slope - c)
    return np.where((to_a <= to_b) & (to_a <= to_c), a, np.where(to_b <= to_c, b, c))


@pytest.mark.parametrize("corner", range(256))
def test_every_prediction_is_that_of_the_definition(corner):
    """All 16 million of them: each byte beside each other byte, with each above-left."""
    every = np.arange(256, dtype=np.uint8)
    left, above, above_left = np.repeat(every, 256), np.tile(every, 256), np.full(1 << 16, corner, np.uint8)
    predicted = paeth._predicted(*(values.view(np.uint64) for values in (left, above, above_left)))
    assert np.array_equal(predicted.view(np.uint8), _by_definition(left, above, above_left))


@pytest.mark.parametrize("step", [1, 2, 3, 4, 6, 8])
@pytest.mark.parametrize("pixels", [1, 2, 5, 31])
def test_rows_of_any_length_are_filtered(pixels, step):
    """The first pixel of a row has zeros at its left, the first row what is given as the one above."""
    rows = noise(pixels, 4, step).reshape(4, -1)
    raw, above = rows[1:], rows[0]
    out = np.empty((3, pixels * step + 1), np.uint8)[:, 1:]
    paeth.filtered(raw, above, step, out)
    lefts = np.pad(rows, ((0, 0), (step, 0)))[:, : pixels * step]
    assert np.array_equal(out, (raw - _by_definition(lefts[1:], rows[:-1], lefts[:-1])).astype(np.uint8))
