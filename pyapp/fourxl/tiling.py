"""Where the tiles lie: pure integers, in source pixels.

All tiles of a plan have one size, lie inside the picture and are spread evenly. Neighbours
overlap by a halo on each side (context that is thrown away) and a feather between the halos
(pixels that both compute and that are blended). The picture's own border gets no halo: there
the network sees what it would see if it ran on the whole picture at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from fourxl.geometry import Size, Span

FEATHER_PX = 4
"""Pixels that two neighbours share and blend."""

MIN_STEP_PX = 8
"""A tile must bring at least this many new pixels; twice the feather, so that feathers never touch."""


@dataclass(frozen=True, slots=True)
class AxisTile:
    """One tile along one axis."""

    source: Span
    """What the network is given."""

    keep: Span
    """What it answers for, feathers included."""

    lead: int
    """Pixels at the start of ``keep`` that are blended with the tile before."""

    tail: int
    """Pixels at the end of ``keep`` that are blended with the tile after."""

    @property
    def resolved(self) -> Span:
        """The part of ``keep`` that is final once this tile is blended in."""
        return Span(self.keep.start, self.keep.stop - self.tail)


@dataclass(frozen=True, slots=True)
class TilePlan:
    """Tiles for a picture, or for what is left of it: every row with every column."""

    tile: Size
    """What each call of the runtime gets."""

    rows: tuple[AxisTile, ...]
    columns: tuple[AxisTile, ...]

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return len(self.rows) * len(self.columns)


@dataclass(frozen=True, slots=True)
class Place:
    """One strip of one plan: with the picture and the model, enough to compute it again."""

    tile_px: int
    """What the plan was asked for; its tiles may be smaller."""

    from_row: int
    """Where the plan begins, in the source."""

    strip: int
    """Index of the plan's row of tiles."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a walk over a picture has come."""

    last: Place
    """The strip that was finished last."""

    tile_px: int
    """What the next strips are planned for: less than ``last`` was, where memory ended below it."""


def smallest_tile(halo_px: int, min_tile_px: int) -> int:
    """Return the least side of a tile that still brings new pixels."""
    return max(min_tile_px, 2 * halo_px + FEATHER_PX + MIN_STEP_PX)


def plan(size: Size, tile_px: int, halo_px: int, min_tile_px: int, from_row: int = 0) -> TilePlan:
    """Return tiles of at most ``tile_px`` a side for the rows of the picture from ``from_row`` on.

    A ``tile_px`` below ``smallest_tile`` is raised to it. ``from_row`` above 0 goes on where an
    earlier plan stopped: its first feather overlaps that plan's last one.
    """
    tile_px = max(tile_px, smallest_tile(halo_px, min_tile_px))
    rows = _cover(size.height, tile_px, halo_px, from_row)
    columns = _cover(size.width, tile_px, halo_px, 0)
    tile = Size(max(columns[0].source.length, min_tile_px), max(rows[0].source.length, min_tile_px))
    return TilePlan(tile, rows, columns)


def _cover(length: int, tile_px: int, halo_px: int, start: int) -> tuple[AxisTile, ...]:
    """Return tiles that answer for ``[start, length)``."""
    first = max(0, start - halo_px)
    available = length - first
    lead = FEATHER_PX if start else 0
    if available <= tile_px:
        return (AxisTile(Span(first, length), Span(start, length), lead, 0),)
    overlap = 2 * halo_px + FEATHER_PX
    count = -(-(available - overlap) // (tile_px - overlap))
    side = -(-(available + (count - 1) * overlap) // count)
    begins = [first + i * (available - side) // (count - 1) for i in range(count)]
    seams = [(begins[i] + side + begins[i + 1] - FEATHER_PX) // 2 for i in range(count - 1)]
    starts = [start, *seams]
    stops = [seam + FEATHER_PX for seam in seams] + [length]
    return tuple(
        AxisTile(
            Span(begins[i], begins[i] + side),
            Span(starts[i], stops[i]),
            FEATHER_PX if i else lead,
            FEATHER_PX if i < count - 1 else 0,
        )
        for i in range(count)
    )
