"""Plans of tiles, as laws over every small picture."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from fourxl import tiling
from fourxl.geometry import Size
from fourxl.tiling import FEATHER_PX

LENGTHS = (*range(1, 75), 99, 128, 200, 333)
TILES = (1, 16, 21, 28, 40, 64, 100)


def _plans(halo_px: int):
    """Yield every plan of one column, with its height, tile, floor and first row."""
    for height, tile_px, min_tile_px in product(LENGTHS, TILES, (1, 16)):
        starts = {0, 1, 5, height // 3, height // 2, height - 20, height - FEATHER_PX}
        for start in sorted(start for start in starts if 0 <= start <= max(0, height - FEATHER_PX)):
            plan = tiling.plan(Size(1, height), tile_px, halo_px, min_tile_px, start)
            yield plan, height, tile_px, min_tile_px, start


@pytest.mark.parametrize("halo_px", [0, 3, 8, 20])
def test_what_tiles_keep_covers_the_rest_once_but_for_feathers(halo_px):
    """Kept rows run from the first to the last, and neighbours share exactly one feather."""
    for plan, height, _, _, start in _plans(halo_px):
        assert plan.rows[0].keep.start == start
        assert plan.rows[-1].keep.stop == height
        assert plan.rows[0].lead == (FEATHER_PX if start else 0)
        assert plan.rows[-1].tail == 0
        for before, after in pairwise(plan.rows):
            assert before.keep.stop - after.keep.start == FEATHER_PX == before.tail == after.lead


@pytest.mark.parametrize("halo_px", [0, 3, 8, 20])
def test_what_is_kept_has_its_halo(halo_px):
    """A source lies in the picture and reaches a halo beyond what is kept, or to the picture's border."""
    for plan, height, _, _, _ in _plans(halo_px):
        for row in plan.rows:
            assert 0 <= row.source.start <= row.keep.start
            assert row.keep.stop <= row.source.stop <= height
            assert row.source.start == 0 or row.keep.start - row.source.start >= halo_px
            assert row.source.stop == height or row.source.stop - row.keep.stop >= halo_px


@pytest.mark.parametrize("halo_px", [0, 3, 8, 20])
def test_tiles_have_one_size_within_the_limit(halo_px):
    """All sources are equally long and fill the tile unless that is the floor; no tile exceeds what was asked."""
    for plan, height, tile_px, min_tile_px, _ in _plans(halo_px):
        lengths = {row.source.length for row in plan.rows}
        assert len(lengths) == 1
        assert plan.tile.height == max(*lengths, min_tile_px)
        assert plan.tile.height <= max(tile_px, tiling.smallest_tile(halo_px, min_tile_px))
        assert plan.tile.height <= max(height, min_tile_px)


@pytest.mark.parametrize("halo_px", [0, 3, 8, 20])
def test_feathers_never_touch(halo_px):
    """Each tile has room for both its feathers, so no pixel mixes three tiles and every strip moves on."""
    for plan, _, _, _, _ in _plans(halo_px):
        for row in plan.rows:
            assert row.keep.length >= row.lead + row.tail
            assert row.resolved.length > 0


@pytest.mark.parametrize("halo_px", [0, 3, 8, 20])
def test_a_picture_that_fits_is_one_tile(halo_px):
    """There is one tile exactly when what is left, with the halo above it, fits into the tile."""
    for plan, height, tile_px, min_tile_px, start in _plans(halo_px):
        allowed = max(tile_px, tiling.smallest_tile(halo_px, min_tile_px))
        assert (plan.tiles == 1) == (height - max(0, start - halo_px) <= allowed)


def test_columns_and_rows_are_planned_alike():
    """A picture laid on its side has the same plan laid on its side."""
    for width, height in product((1, 30, 70, 200), repeat=2):
        plan, turned = (tiling.plan(size, 40, 3, 16) for size in (Size(width, height), Size(height, width)))
        assert (plan.rows, plan.columns) == (turned.columns, turned.rows)
        assert (plan.tile.width, plan.tile.height) == (turned.tile.height, turned.tile.width)
        assert plan.tiles == len(plan.rows) * len(plan.columns)
