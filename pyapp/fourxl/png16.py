"""Reads PNG files with 16 bits per channel, of which Pillow alone keeps only 8.

Pillow undoes PNG's row filters and interlacing for any layout of bytes; what it cannot hold is
a 16-bit colour. So the file is unpacked twice, once for the high bytes and once for the low
ones: the raw modes ``;16B`` and ``;16L`` take the first and the second byte of each sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image

from fourxl.bounded import BoundedFile

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile


def is_16bit(opened: Image.Image) -> bool:
    """Return whether ``opened`` (not loaded yet) is a PNG of 16 bits per channel."""
    return opened.format == "PNG" and str(cast("ImageFile", opened).tile[0].args).endswith(";16B")


def read(data: bytes) -> NDArray[np.uint16]:
    """Return (height, width, 1 to 4) samples of a 16-bit PNG: grey, grey+alpha, RGB or RGBA.

    A colour marked as transparent (chunk tRNS) becomes an alpha channel.

    Raises:
        what Pillow raises for broken files.
    """
    with Image.open(BoundedFile(data).for_pixels(), formats=("PNG",)) as opened:
        layout = str(opened.tile[0].args)
        clear = opened.info.get("transparency")
    if layout == "I;16B":
        with Image.open(BoundedFile(data).for_pixels(), formats=("PNG",)) as opened:
            samples = np.array(opened, dtype=np.uint16)[..., None]
    elif layout == "LA;16B":  # four bytes a pixel: read as if they were RGBA
        samples = _unpack(data, "RGBA", "RGBA").view(">u2").astype(np.uint16)
    else:
        mode = layout.removesuffix(";16B")
        samples = _unpack(data, mode, f"{mode};16B").astype(np.uint16)
        samples <<= 8
        samples |= _unpack(data, mode, f"{mode};16L")
    if clear is None:
        return samples
    opaque = (samples != np.asarray(clear, dtype=np.uint16)).any(axis=2, keepdims=True)
    return np.concatenate([samples, opaque * np.uint16(65535)], axis=2)


def _unpack(data: bytes, mode: str, raw_mode: str) -> NDArray[np.uint8]:
    """Return the bytes of the file as Pillow unpacks them under another layout of the same width."""
    with Image.open(BoundedFile(data).for_pixels(), formats=("PNG",)) as opened:
        opened.tile = [opened.tile[0]._replace(args=raw_mode)]
        opened._mode = mode  # noqa: SLF001 - Pillow has no public way to unpack under another mode
        opened.info.pop("transparency", None)
        return np.array(opened)
