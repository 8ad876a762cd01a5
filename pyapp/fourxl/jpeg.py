"""Decodes JPEG with quarter-size colour (4:2:0) to the same pixels wherever it runs.

Builds of Pillow carry different JPEG libraries, and those agree on every plane of a file but
not on how small colour planes are enlarged to the size of the brightness plane: libjpeg-turbo
interpolates, libjpeg 9 (Pyodide's) uses a larger transform, and results differ by 20 levels.
So the planes are taken from Pillow, where all libraries agree: brightness at full size, colour
from a decode at half size, in which it needs no enlarging. The rest is done here, with the
integers of libjpeg-turbo, so that a computer's own Pillow gives the same pixels. The rarer
samplings (4:2:2 of some cameras) are left to the library, and may differ by some levels.
Source: JFIF 1.02; libjpeg's "fancy upsampling" (a triangle filter) and 16-bit fixed-point colours.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, JpegImagePlugin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

_QUARTER_COLOUR = [(2, 2), (1, 1), (1, 1)]
_BAND_ROWS = 256
_HALF = 1 << 15


def has_quarter_colour(opened: Image.Image) -> bool:
    """Return whether ``opened`` is a colour JPEG whose colour planes have half the sides."""
    if not isinstance(opened, JpegImagePlugin.JpegImageFile) or opened.mode != "RGB":
        return False
    if opened.info.get("adobe_transform") == 0 or min(opened.size) < 2:  # noqa: PLR2004 - RGB inside; nothing to halve
        return False
    return [layer[1:3] for layer in opened.layer] == _QUARTER_COLOUR


def read(data: bytes) -> Bytes:
    """Return (height, width, 3) RGB of a file that ``has_quarter_colour``.

    Raises:
        what Pillow raises for broken files.
    """
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
        opened.draft("L", opened.size)
        luma = np.asarray(opened)
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
        opened.draft("YCbCr", (opened.width // 2, opened.height // 2))
        chroma = np.asarray(opened)[..., 1:]
    height, width = luma.shape
    result = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BAND_ROWS):
        rows = np.arange(top, min(top + _BAND_ROWS, height))
        blue, red = (_enlarge(chroma[..., index], rows, width) for index in (0, 1))
        _to_rgb(luma[rows], blue, red, result[top : top + _BAND_ROWS])
    return result


def _enlarge(plane: Bytes, rows: NDArray[np.intp], width: int) -> Bytes:
    """Return ``rows`` of the plane at twice its size, each sample 3/4 of the nearest and 1/4 of the next one."""
    near = rows // 2
    if plane.shape[1] <= 2:  # noqa: PLR2004 - too narrow to interpolate for libjpeg, which repeats then
        return plane[near].repeat(2, axis=1)[:, :width]
    far = np.clip(near + np.where(rows % 2, 1, -1), 0, plane.shape[0] - 1)
    columns = plane[near].astype(np.uint16) * 3 + plane[far]
    padded = np.pad(columns, ((0, 0), (1, 1)), mode="edge")
    both = np.empty((rows.size, 2 * plane.shape[1]), np.uint8)
    both[:, 0::2] = (columns * 3 + padded[:, :-2] + 8) >> 4
    both[:, 1::2] = (columns * 3 + padded[:, 2:] + 7) >> 4
    return both[:, :width]


def _to_rgb(luma: Bytes, blue: Bytes, red: Bytes, out: Bytes) -> None:
    """Write RGB from brightness and colour differences to ``out``."""
    offset = np.arange(256, dtype=np.int32) - 128
    to_red = ((91881 * offset + _HALF) >> 16).astype(np.int16)
    to_blue = ((116130 * offset + _HALF) >> 16).astype(np.int16)
    green_of_blue, green_of_red = -22554 * offset + _HALF, -46802 * offset
    green = ((green_of_blue[blue] + green_of_red[red]) >> 16).astype(np.int16)
    for channel, difference in enumerate((to_red[red], green, to_blue[blue])):
        np.clip(luma + difference, 0, 255, out=out[..., channel], casting="unsafe")
