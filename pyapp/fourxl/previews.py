"""Finished strips, small enough to be looked at while the rest is computed."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourxl.shrinking import shrunk

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.geometry import Size
    from fourxl.image import Samples

MAX_WIDTH_PX = 1024

_LEAST_STEP = 3
"""Result pixels, along each side, in one of the preview: finer ones of a narrow picture cost more than
3 % of a job with the fastest model."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Rows that are finished, reduced."""

    top: int
    """Where they begin, in rows of the network's result."""

    height: int
    """How many they are there."""

    total_height: int
    """Of the network's result."""

    png: bytes
    """A picture of these rows; at most ``MAX_WIDTH_PX`` wide."""


class Previewer:
    """Takes the rows of a picture from top to bottom and tells of them strip by strip."""

    def __init__(self, whole: Size, icc: bytes | None, tell: Callable[[Strip], None]) -> None:
        """Prepare for a picture of size ``whole``."""
        self._whole, self._icc, self._tell = whole, icc, tell
        self._step = max(_LEAST_STEP, -(-whole.width // MAX_WIDTH_PX))
        self._top = 0

    def write(self, rows: Samples) -> None:
        """Tell of ``rows`` (count, width, channels), which are one strip."""
        file = io.BytesIO()
        shrunk(rows, self._step).save(
            file, "PNG", compress_level=1, compress_type=zlib.Z_RLE, icc_profile=self._icc
        )
        self._tell(Strip(self._top, len(rows), self._whole.height, file.getvalue()))
        self._top += len(rows)
