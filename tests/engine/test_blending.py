"""Tiles in, rows out: exact where tiles agree, a slope where they do not."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from fourxl import tiling
from fourxl.blending import StripCanvas, quantise
from fourxl.geometry import Size
from fourxl.tiling import FEATHER_PX, TilePlan

from .drawing import noise


@pytest.mark.parametrize(("depth", "levels"), [(8, 256), (16, 65536)])
def test_every_level_comes_back(depth, levels):
    """Each integer level, divided to [0, 1], is quantised to itself."""
    out = np.empty((1, levels, 1), f"uint{depth}")
    quantise((np.arange(levels) / (levels - 1)).astype(np.float32).reshape(1, 1, -1), out)
    assert np.array_equal(out[0, :, 0], np.arange(levels))


@pytest.mark.parametrize("depth", [8, 16])
def test_values_are_rounded_and_clipped(depth):
    """Between levels the nearest wins; outside [0, 1] the end does."""
    top = 2**depth - 1
    out = np.empty((1, 6, 1), f"uint{depth}")
    values = np.array([-3.0, -1e-9, 9.4 / top, 9.6 / top, 1 + 1e-6, 1e9], np.float32)
    quantise(values.reshape(1, 1, -1), out)
    assert out[0, :, 0].tolist() == [0, 0, 9, 10, top, top]


def _run(plan: TilePlan, size: Size, scale: int, tile_of: Any, channels: int = 1, depth: int = 8) -> Any:
    """Return what a canvas emits for tiles ``tile_of(row index, column index, rows, columns)``."""
    emitted: list[Any] = []
    canvas = StripCanvas(size.width * scale, channels, depth, scale, emitted.append)
    for i, row in enumerate(plan.rows):
        canvas.open_strip(row)
        for j, column in enumerate(plan.columns):
            slices = (row.keep.scaled(scale).as_slice(), column.keep.scaled(scale).as_slice())
            canvas.add(column, tile_of(i, j, *slices))
        canvas.close_strip()
        assert sum(map(len, emitted)) == row.resolved.stop * scale
    return np.concatenate(emitted)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_tiles_that_agree_give_the_picture_exactly(scale, depth):
    """Tiles cut from one picture join to that picture, for every layout: the ramps add up to 1."""
    for width, height, halo_px in product((5, 29, 64), (5, 37, 64), (0, 3)):
        size = Size(width, height)
        picture = noise(width * scale, height * scale, 3, depth)
        planes = picture.transpose(2, 0, 1).astype(np.float32) / np.float32(2**depth - 1)
        plan = tiling.plan(size, 28, halo_px, 1)

        def tile_of(_i, _j, rows, columns, planes=planes):
            return planes[:, rows, columns].copy()

        assert np.array_equal(_run(plan, size, scale, tile_of, 3, depth), picture)


@pytest.mark.parametrize("scale", [1, 4])
@pytest.mark.parametrize("axis", [0, 1])
def test_tiles_that_differ_meet_in_a_slope_of_one_feather(axis, scale):
    """Between a black and a white tile lies one straight slope as wide as the feather; all else is untouched."""
    size = Size(1, 40) if axis == 0 else Size(40, 1)
    plan = tiling.plan(size, 28, 3, 1)
    assert plan.tiles == 2

    def tile_of(i, j, rows, columns):
        shape = (1, rows.stop - rows.start, columns.stop - columns.start)
        return np.full(shape, float(i + j), np.float32)

    line = np.take(_run(plan, size, scale, tile_of), 0, axis=1 - axis)[:, 0].astype(int)
    second = (plan.rows if axis == 0 else plan.columns)[1]
    start, stop = second.keep.start * scale, (second.keep.start + FEATHER_PX) * scale
    assert (line[:start] == 0).all()
    assert (line[stop:] == 255).all()
    width = FEATHER_PX * scale
    assert np.abs(line[start:stop] - 255 * (np.arange(width) + 0.5) / width).max() <= 0.5


def test_four_tiles_mix_where_they_meet():
    """In the corner that four tiles share, each has the product of its two ramps as its share."""
    size, plan = Size(40, 40), tiling.plan(Size(40, 40), 28, 3, 1)
    levels = np.array([[0.0, 0.2], [0.6, 1.0]], np.float32)

    def tile_of(i, j, rows, columns):
        return np.full((1, rows.stop - rows.start, columns.stop - columns.start), levels[i, j], np.float32)

    result = _run(plan, size, 1, tile_of, depth=16)[..., 0] / 65535
    ramp = (np.arange(FEATHER_PX) + 0.5) / FEATHER_PX
    corner = plan.rows[1].keep.start
    down, across = ramp[:, None], ramp[None, :]
    expected = (1 - down) * ((1 - across) * levels[0, 0] + across * levels[0, 1]) + down * (
        (1 - across) * levels[1, 0] + across * levels[1, 1]
    )
    met = result[corner : corner + FEATHER_PX, corner : corner + FEATHER_PX]
    assert np.abs(met - expected).max() < 1e-4


def test_a_strip_that_was_not_closed_is_forgotten():
    """A strip begun again after a failure shows nothing of the first attempt, feathers included."""
    size = Size(40, 40)
    plan = tiling.plan(size, 28, 3, 1)
    picture = noise(40, 40, 1)
    planes = picture.transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    emitted: list[Any] = []
    canvas = StripCanvas(40, 1, 8, 1, emitted.append)
    for row in plan.rows:
        for attempt in ("fails", "works"):
            canvas.open_strip(row)
            for column in plan.columns[: 1 if attempt == "fails" else None]:
                tile = planes[:, row.keep.as_slice(), column.keep.as_slice()].copy()
                canvas.add(column, 1 - tile if attempt == "fails" else tile)
        canvas.close_strip()
    assert np.array_equal(np.concatenate(emitted), picture)
