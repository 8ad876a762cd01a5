"""Smaller rows to look at: the mean of square blocks, in 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fourxl.image import Samples


def shrunk(rows: Samples, step: int) -> Image.Image:
    """Return ``rows`` (count, width, 1 to 4) with one pixel for each ``step`` x ``step`` of them.

    At the right and below, blocks may be cut. Colours are weighted by their opacity.
    """
    return to_image(rows).reduce(step)


def to_image(rows: Samples) -> Image.Image:
    """Return ``rows`` (count, width, 1 to 4) as 8 bits in Pillow's hands: L, LA, RGB or RGBA."""
    levels = to_8_bits(rows)
    return Image.fromarray(np.ascontiguousarray(levels[..., 0] if levels.shape[2] == 1 else levels))


def to_samples(image: Image.Image) -> NDArray[np.uint8]:
    """Return (height, width, 1 to 4) of what ``to_image`` gives."""
    return np.asarray(image).reshape(image.height, image.width, -1)


def to_8_bits(rows: Samples) -> NDArray[np.uint8]:
    """Return ``rows`` as 8 bits: as they are, or the nearest levels."""
    if rows.dtype == np.uint8:
        return rows.view(np.uint8)
    return ((rows.astype(np.uint32) + 128) // 257).astype(np.uint8)
