"""Less of the network: its tiles mixed with the plain enlargement of the same pixels.

The plain enlargement is Pillow's bicubic one, of 8 bits as 8 bits and of 16 bits as float32. Each tile
takes its context from the picture, so tiles give what the whole picture would, without a copy of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fourxl.geometry import Span
    from fourxl.image import Samples

    Floats = NDArray[np.float32]

_SUPPORT_PX = 2
"""Source pixels to each side that the bicubic filter takes in."""


def soften(enlarged: Floats, planes: Samples, rows: Span, columns: Span, scale: int, strength: float) -> None:
    """Turn ``enlarged`` into ``strength * enlarged + (1 - strength) * plain``, in place.

    ``enlarged`` is what the network made of ``rows`` and ``columns`` of the whole picture's ``planes``:
    (channels, height, width), 1 for full scale.
    """
    base = plain(planes, rows, columns, scale)
    enlarged -= base
    enlarged *= np.float32(strength)
    enlarged += base


def plain(planes: Samples, rows: Span, columns: Span, scale: int) -> Floats:
    """Return ``rows`` and ``columns`` of ``planes`` (channels, height, width), ``scale`` times larger.

    The result is 1 for full scale; what overshoots at 16-bit edges is left to whoever rounds.
    """
    around_rows, top = _around(rows, planes.shape[1])
    around_columns, left = _around(columns, planes.shape[2])
    source = planes[:, around_rows, around_columns]
    if source.dtype != np.uint8:
        source = source.astype(np.float32)
    size = (columns.length * scale, rows.length * scale)
    box = (left, top, left + columns.length, top + rows.length)
    result = np.empty((planes.shape[0], size[1], size[0]), np.float32)
    for plane, into in zip(source, result, strict=True):
        image = Image.fromarray(np.ascontiguousarray(plane)).resize(size, Image.Resampling.BICUBIC, box)
        np.multiply(np.asarray(image), np.float32(1 / np.iinfo(planes.dtype).max), out=into)
    return result


def _around(span: Span, length: int) -> tuple[slice, int]:
    """Return ``span`` with the filter's context, as far as the picture goes, and where in it ``span`` begins."""
    start = max(0, span.start - _SUPPORT_PX)
    return slice(start, min(length, span.stop + _SUPPORT_PX)), span.start - start
