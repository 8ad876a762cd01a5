"""A smaller result out of the network's: rows in, fewer and narrower rows out, with memory for a strip.

The filter is Pillow's Lanczos over three result pixels to each side, across first, then down. That is
the order in which Pillow goes about a whole picture (unless it is over a hundred times as high as wide),
so strips give what the whole picture would.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from fourxl.geometry import Size
    from fourxl.image import Samples

_SUPPORT = 3
"""Result pixels to each side that Lanczos takes in (Pillow's filter ``a = 3``)."""

_WINDOW_ROWS = 64
"""Source rows that one step goes forward by. Pillow's boxes are float32, exact for small numbers only;
in steps of this many rows the usual ratios (2, 4/3) have whole boxes."""

_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}

_TOP_16 = np.float32(65535)


class Reducer:
    """Takes the rows of a picture from top to bottom and emits those of a smaller one.

    8 bits are filtered by Pillow as 8 bits, 16 bits as float32 planes. Colours are weighted by their
    opacity, so that nothing unseen bleeds into edges; where nothing is opaque the result is black.
    """

    def __init__(self, source: Size, target: Size, emit: Callable[[Samples], None]) -> None:
        """Reduce from ``source`` to ``target``, no side of which is longer; ``emit`` gets (count, width, channels)."""
        self._source, self._target, self._emit = source, target, emit
        self._ratio = Fraction(source.height, target.height)
        self._reach = ceil(_SUPPORT * self._ratio) + 1
        self._step = max(1, floor(_WINDOW_ROWS / self._ratio))
        self._layers: list[Image.Image] = []
        """Rows that are narrowed and still needed."""

        self._first = self._next = self._done = 0
        """The source rows that ``_layers`` begin with and end before; the result rows emitted."""

    def write(self, rows: Samples) -> None:
        """Append rows (count, width, channels), uint8 or uint16; emit what they complete."""
        count = rows.shape[0]
        narrowed = [_resized(layer, (self._target.width, count)) for layer in _to_layers(rows)]
        kept = self._layers or [Image.new(layer.mode, (layer.width, 0)) for layer in narrowed]
        self._layers = [_joined(above, below) for above, below in zip(kept, narrowed, strict=True)]
        self._next += count
        while self._done < self._target.height:
            stop = min(self._done + self._step, self._target.height)
            if self._next < min(ceil(stop * self._ratio) + self._reach, self._source.height):
                break
            self._emit(_to_samples([self._rows(layer, stop) for layer in self._layers]))
            self._done = stop
        first = min(max(floor(self._done * self._ratio) - self._reach, self._first), self._next)
        self._layers = [_cut(layer, first - self._first, self._next - self._first) for layer in self._layers]
        self._first = first

    def _rows(self, layer: Image.Image, stop: int) -> Image.Image:
        """Return the result's rows from ``_done`` to ``stop``."""
        top, bottom = self._done * self._ratio, stop * self._ratio
        first = max(floor(top) - self._reach, self._first)
        last = min(ceil(bottom) + self._reach, self._next)
        window = _cut(layer, first - self._first, last - self._first)
        box = (0, float(top - first), window.width, float(bottom - first))
        return _resized(window, (window.width, stop - self._done), box)


def _resized(
    layer: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    return layer.resize(size, Image.Resampling.LANCZOS, box)


def _joined(above: Image.Image, below: Image.Image) -> Image.Image:
    if above.height == 0:
        return below
    both = Image.new(above.mode, (above.width, above.height + below.height))
    both.paste(above, (0, 0))
    both.paste(below, (0, above.height))
    return both


def _cut(layer: Image.Image, start: int, stop: int) -> Image.Image:
    return layer.crop((0, start, layer.width, stop))


def _to_layers(rows: Samples) -> list[Image.Image]:
    """Return ``rows`` as Pillow takes them: one image of 8 bits, or float32 planes; premultiplied."""
    if rows.dtype == np.uint8:
        image = Image.fromarray(rows[..., 0] if rows.shape[2] == 1 else rows)
        return [image.convert(_PREMULTIPLIED.get(image.mode, image.mode))]
    planes = rows.transpose(2, 0, 1).astype(np.float32)
    if _has_alpha(planes):
        planes[:-1] *= planes[-1] / _TOP_16
    return [Image.fromarray(plane) for plane in planes]


def _to_samples(layers: list[Image.Image]) -> Samples:
    """Return what ``_to_layers`` turned into ``layers``, rounded."""
    if layers[0].mode != "F":
        image = layers[0]
        plain = {premultiplied: mode for mode, premultiplied in _PREMULTIPLIED.items()}
        pixels: Samples = np.asarray(image.convert(plain.get(image.mode, image.mode)))
        return pixels.reshape(image.height, image.width, -1)
    planes = np.stack([np.asarray(layer) for layer in layers], axis=2)
    if _has_alpha(layers):
        alpha = planes[..., -1:]
        visible = np.rint(alpha) > 0
        planes[..., :-1] *= np.divide(_TOP_16, alpha, out=np.zeros_like(alpha), where=visible)
    samples: Samples = np.rint(planes.clip(0, _TOP_16)).astype(np.uint16)
    return samples


def _has_alpha(planes: Sized) -> bool:
    return len(planes) in (2, 4)
