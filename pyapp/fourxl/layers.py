"""Smaller copies of a large result, to look at: a quarter of each side, a sixteenth, and so on.

A viewer that had to unpack the whole result would need its memory several times over. Each layer is
a banded PNG (``fourxl.bands``), so that only what is on the screen is unpacked.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL.JpegImagePlugin import JpegImageFile
from PIL.WebPImagePlugin import WebPImageFile

from fourxl.bands import Layer
from fourxl.geometry import Size
from fourxl.png import PngEncoder
from fourxl.shrinking import shrunk, to_8_bits, to_samples

if TYPE_CHECKING:
    from PIL import Image

    from fourxl.image import Samples
    from fourxl.keeping import Folder

RESULT = "result.png"
"""What the result is called where it is a layer itself."""

LARGE_PIXELS = 1 << 24
"""Smaller results are shown whole."""

STEP = 4
_SMALLEST_PX = 1024
"""No layer is made of one that has no longer side."""

_STRIP_PIXELS = 1 << 22
"""Of a decoded file, handed on at a time."""


class Looks:
    """Asks a job for smaller copies of a large result, and is told what was made."""

    def __init__(self, folder: Folder) -> None:
        """Have them written to ``folder``."""
        self.folder = folder
        self.made: tuple[Layer, ...] = ()
        """The result first, where it can be shown itself; empty when it is small, or no PNG."""


class LayerWriter:
    """Takes the rows of a picture from top to bottom and writes smaller copies, with memory for a few rows."""

    def __init__(self, copies: list[_Copy]) -> None:
        """Write ``copies``, each made of the one before; ``open_layers`` makes them."""
        self._copies = copies

    def write(self, rows: Samples) -> None:
        """Append rows (count, width, channels) of the picture, of 8 or 16 bits."""
        for start in range(0, len(rows), self._at_once(rows)):
            self._pass_down(rows[start : start + self._at_once(rows)], is_last=False)

    def finish(self) -> tuple[Layer, ...]:
        """Complete the files and return what is in them, large ones first."""
        self._pass_down(None, is_last=True)
        return tuple(copy.finish() for copy in self._copies)

    def _pass_down(self, rows: Samples | None, *, is_last: bool) -> None:
        for copy in self._copies:
            rows = copy.write(rows, is_last=is_last)

    @staticmethod
    def _at_once(rows: Samples) -> int:
        width: int = rows.shape[1]
        return max(STEP, _STRIP_PIXELS // width)


class _Copy:
    """One copy; its rows are the means of blocks of what it is made of."""

    def __init__(self, encoder: PngEncoder, name: str, size: Size, reduction: int) -> None:
        self._encoder, self._name, self._size, self._reduction = encoder, name, size, reduction
        self._waiting: Samples | None = None

    def write(self, rows: Samples | None, *, is_last: bool) -> Samples | None:
        """Take rows of the larger copy and return those of this one that they complete."""
        levels = [to_8_bits(part) for part in (self._waiting, rows) if part is not None]
        if not levels:
            return None
        both = np.concatenate(levels)
        whole = len(both) if is_last else len(both) // STEP * STEP
        self._waiting = both[whole:].copy() if whole < len(both) else None
        if whole == 0:
            return None
        reduced = to_samples(shrunk(both[:whole], STEP))
        self._encoder.write(reduced)
        return reduced

    def finish(self) -> Layer:
        self._encoder.finish()
        return Layer(self._name, self._size, self._reduction, self._encoder.head, tuple(self._encoder.bands))


async def open_layers(folder: Folder, size: Size, channels: int, icc: bytes | None) -> LayerWriter:
    """Return what writes the smaller copies of a picture of ``size`` to ``folder``."""
    copies, reduction = [], 1
    while max(size.width, size.height) > _SMALLEST_PX:
        size, reduction = Size(-(-size.width // STEP), -(-size.height // STEP)), reduction * STEP
        name = f"layer-{reduction}.png"
        file = await folder.open(name)
        file.truncate(0)
        copies.append(_Copy(PngEncoder(file.write, size, channels, 8, icc), name, size, reduction))
    return LayerWriter(copies)


async def of_file(data: bytes, folder: Folder) -> tuple[Layer, ...]:
    """Return all layers of a finished JPEG or WebP, written to ``folder``: what is shown is what is in the file.

    A small one has none. The picture is unpacked once, as a whole; those formats know no other way.
    """
    with _opened(data) as opened:
        size, icc = Size(*opened.size), opened.info.get("icc_profile")
        if size.pixels <= LARGE_PIXELS:
            return ()
        channels = len(opened.getbands())
        name = "layer-1.png"
        file = await folder.open(name)
        file.truncate(0)
        encoder = PngEncoder(file.write, size, channels, 8, icc)
        smaller = await open_layers(folder, size, channels, icc)
        count = max(1, _STRIP_PIXELS // size.width)
        for top in range(0, size.height, count):
            rows = to_samples(opened.crop((0, top, size.width, min(top + count, size.height))))
            encoder.write(rows)
            smaller.write(rows)
    encoder.finish()
    return (Layer(name, size, 1, encoder.head, tuple(encoder.bands)), *smaller.finish())


def _opened(data: bytes) -> Image.Image:
    """Return a JPEG or WebP of ours, as large as it may be: ``Image.open`` takes a large one for an attack."""
    kind = JpegImageFile if data.startswith(b"\xff\xd8") else WebPImageFile
    return kind(io.BytesIO(data))
