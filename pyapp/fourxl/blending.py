"""Tiles in, finished rows out, with memory for one strip.

Two ramps that sum to 1 by construction mix the pixels which neighbours share; nothing else is
touched, so there is no weight map, no division and no float copy of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fourxl.image import Samples
    from fourxl.tiling import AxisTile

    Floats = NDArray[np.float32]

_WHOLE = np.float32(1 << 23)
"""From here on a float32 is a whole number, which its lowest bits count: a sum with it is rounded (to even)."""


def quantise(samples: Floats, out: Samples) -> None:
    """Write ``samples`` (channels, height, width) in [0, 1] to ``out`` (height, width, channels), rounded.

    Values outside the range are clipped. ``samples`` is used up.
    """
    top = np.float32(np.iinfo(out.dtype).max)
    samples *= top
    samples += _WHOLE
    np.clip(samples, _WHOLE, _WHOLE + top, out=samples)
    numbers = samples.view(np.uint32)
    for channel in range(samples.shape[0]):
        out[..., channel] = numbers[channel]


class StripCanvas:
    """Joins the tiles of one strip after the other and emits their rows.

    A strip whose feather above is not there begins without a blend.

    All lengths are in result pixels: ``scale`` times those of the plan.
    """

    def __init__(
        self, width: int, channels: int, depth: int, scale: int, emit: Callable[[Samples], None]
    ) -> None:
        """Prepare for a result ``width`` pixels wide; ``emit`` gets rows (count, width, channels)."""
        self._width, self._channels, self._scale, self._emit = width, channels, scale, emit
        self._type = np.dtype(f"uint{depth}")
        self._above = self._below = self._right = np.empty((channels, 0, 0), np.float32)
        self._strip: Samples = np.empty((0, 0, channels), self._type)

    def open_strip(self, row: AxisTile) -> None:
        """Begin the strip of ``row``; one that was begun and not closed is forgotten."""
        self._row = row
        height, tail = row.resolved.length * self._scale, row.tail * self._scale
        self._strip = np.empty((height, self._width, self._channels), self._type)
        self._below = np.empty((self._channels, tail, self._width), np.float32)

    def add(self, column: AxisTile, samples: Floats) -> None:
        """Blend in the next tile from the left: (channels, height, width) of what row and column keep.

        ``samples`` is used up.
        """
        lead, tail = column.lead * self._scale, column.tail * self._scale
        if lead:
            _mix(self._right, samples[:, :, :lead], axis=2)
        stop = samples.shape[2] - tail
        self._right = samples[:, :, stop:].copy()
        resolved, where = samples[:, :, :stop], column.resolved.scaled(self._scale).as_slice()
        above = min(self._row.lead * self._scale, self._above.shape[1])
        if above:
            _mix(self._above[:, :, where], resolved[:, :above], axis=1)
        height = self._strip.shape[0]
        self._below[:, :, where] = resolved[:, height:]
        quantise(resolved[:, :height], self._strip[:, where])

    def close_strip(self) -> None:
        """Emit the finished rows; the feather below waits for the next strip."""
        self.skip_strip()
        self._emit(self._strip)

    def skip_strip(self) -> None:
        """Keep the feather below for the next strip, and nothing else: the rows are elsewhere."""
        self._above = self._below


def _mix(before: Floats, after: Floats, axis: int) -> None:
    """Turn ``after`` into a slope from ``before`` to itself along ``axis``."""
    count = after.shape[axis]
    ramp = (np.arange(count, dtype=np.float32) + np.float32(0.5)) / np.float32(count)
    if axis == 1:
        ramp = ramp[:, None]
    after -= before
    after *= ramp
    after += before
