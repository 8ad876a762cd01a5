"""A picture at several sizes, each in bands, and which of them a view needs; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fourxl_web.page.viewer.viewport import Box

_SLACK = 1.001
"""So much softer than the screen nobody sees; it saves a step where rounding would ask for one."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a level, decoded and drawn together."""

    top: int
    height: int


@dataclass(frozen=True, slots=True)
class Level:
    """A picture at one size."""

    width: int
    height: int
    across: float
    down: float
    """What one of its pixels covers, in pixels of the whole picture."""

    bands: tuple[Rows, ...]

    def box(self, band: Rows) -> tuple[float, float]:
        """Return the first and the last row of the whole picture that ``band`` covers."""
        return band.top * self.down, (band.top + band.height) * self.down

    def needed(self, seen: Box) -> tuple[int, ...]:
        """Return the numbers of the bands that show ``seen``, the ones nearest to its middle first."""
        middle = (seen.top + seen.bottom) / 2
        found = []
        for number, band in enumerate(self.bands):
            top, bottom = self.box(band)
            if top < seen.bottom and bottom > seen.top:
                found.append((abs((top + bottom) / 2 - middle), number))
        return tuple(number for _, number in sorted(found))

    def pixels(self, number: int) -> int:
        """Return how many pixels that band has."""
        return self.width * self.bands[number].height


def whole(width: int, height: int, of_width: int, of_height: int) -> Level:
    """Return a level of that size, in one band, of a picture of ``of_width`` x ``of_height``."""
    return Level(width, height, of_width / width, of_height / height, (Rows(0, height),))


def reduced(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Return the sides of that picture when its longer one is at most ``max_side``."""
    share = min(1.0, max_side / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))


def choose(levels: Sequence[Level], zoom: float) -> int:
    """Return the number of the smallest level that has a pixel for each device pixel, or of the finest.

    ``levels`` go from the finest to the coarsest.
    """
    for number in reversed(range(len(levels))):
        if max(levels[number].across, levels[number].down) * zoom <= _SLACK:
            return number
    return 0


def instead(levels: Sequence[Level], wanted: int) -> tuple[int, ...]:
    """Return the numbers of the other levels, in the order in which they stand in for that one."""
    coarser = range(wanted + 1, len(levels))
    finer = range(wanted - 1, -1, -1)
    return (*coarser, *finer)


def source_rows(band: Rows, level: Level, seen: Box, margin: int = 2) -> tuple[int, int]:
    """Return the first row of ``band`` that is seen and the first behind, in its own rows."""
    first = math.floor(seen.top / level.down) - band.top - margin
    last = math.ceil(seen.bottom / level.down) - band.top + margin
    return min(max(first, 0), band.height), max(min(last, band.height), 0)


def source_columns(level: Level, seen: Box, margin: int = 2) -> tuple[int, int]:
    """Return the first column of ``level`` that is seen and the first behind."""
    first = math.floor(seen.left / level.across) - margin
    last = math.ceil(seen.right / level.across) + margin
    return min(max(first, 0), level.width), max(min(last, level.width), 0)
