"""Pictures as the browser opens them: whole, smaller, or only the rows that are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import js
from pyodide.ffi import JsException, to_js

from fourxl_web.page.viewer import levels
from fourxl_web.page.viewer.levels import Level, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fourxl.bands import Layer

WHOLE_PX = 4096 * 4096
"""What every browser opens in one piece; also the most that iOS allows (section on canvases in FIELD)."""

_DARING_PX = 4 * WHOLE_PX
"""What a computer most often opens in one piece."""

_LARGE_SIDE_PX, _SMALL_SIDE_PX = 4096, 2048
"""The longer side of smaller copies, which are quicker to draw."""


class Picture(Protocol):
    """A picture at several sizes."""

    width: int
    height: int
    levels: list[Level]
    """From the finest to the coarsest."""

    async def decode(self, level: Level, number: int) -> Any:
        """Return the ImageBitmap of one of its bands; the caller closes it."""

    @property
    def is_whole(self) -> bool:
        """Whether every pixel of it can be looked at."""


class BlobPicture:
    """A file that the browser opens as one, and smaller copies of it."""

    def __init__(self, blob: Any, width: int, height: int, *, is_small_device: bool) -> None:
        """Show ``blob``, a picture of those sides."""
        self._blob, self.width, self.height = blob, width, height
        pixels = width * height
        self.levels: list[Level] = []
        if pixels <= (WHOLE_PX if is_small_device else _DARING_PX):
            self.levels.append(levels.whole(width, height, width, height))
        side_px = _SMALL_SIDE_PX if pixels <= WHOLE_PX else _LARGE_SIDE_PX
        if max(width, height) > side_px or not self.levels:
            self.levels.append(levels.whole(*levels.reduced(width, height, side_px), width, height))

    @property
    def is_whole(self) -> bool:
        """Whether every pixel of it can be looked at."""
        return bool(self.levels) and self.levels[0].width == self.width

    async def decode(self, level: Level, number: int) -> Any:  # noqa: ARG002 - each level is one band
        """Return the ImageBitmap of one of its levels."""
        if level.width == self.width:
            return await js.createImageBitmap(self._blob)
        return await js.createImageBitmap(self._blob, _resized(level.width, level.height))


class LayeredPicture:
    """A result that is too large to be opened as one, as banded PNG files."""

    is_whole = True

    def __init__(self, layers: Sequence[tuple[Layer, Any]]) -> None:
        """Show ``layers``, each with the Blob it lies in; one of them is the whole result."""
        ordered = sorted(layers, key=lambda layer: layer[0].reduction)
        whole = ordered[0][0].size
        self.width, self.height = whole.width, whole.height
        self.levels = [_level(layer) for layer, _ in ordered]
        self._layers = dict(zip((level.width for level in self.levels), ordered, strict=True))

    async def decode(self, level: Level, number: int) -> Any:
        """Return the ImageBitmap of one of its bands."""
        layer, file = self._layers[level.width]
        band = layer.bands[number]
        before, after = layer.standalone(band)
        parts = to_js([before, file.slice(band.start, band.stop), after])
        return await js.createImageBitmap(js.Blob.new(parts, _of(type="image/png")))


def _level(layer: Layer) -> Level:
    rows = tuple(Rows(band.top, band.height) for band in layer.bands)
    return Level(layer.size.width, layer.size.height, layer.reduction, layer.reduction, rows)


@dataclass(frozen=True, slots=True)
class Still:
    """An opened picture."""

    bitmap: Any
    width: int
    height: int
    """Of the file, turned as it is to be seen; the bitmap may be smaller."""


async def open_still(blob: Any) -> Still | None:
    """Return ``blob`` as the browser shows it, or None when it cannot."""
    try:
        bitmap = await js.createImageBitmap(blob)
        width, height = bitmap.width, bitmap.height
        if width * height > WHOLE_PX:
            whole, sides = bitmap, levels.reduced(width, height, _LARGE_SIDE_PX)
            try:
                bitmap = await js.createImageBitmap(whole, _resized(*sides))
            finally:
                whole.close()
    except JsException:
        return None
    return Still(bitmap, width, height)


def _resized(width: int, height: int) -> Any:
    return _of(resizeWidth=width, resizeHeight=height, resizeQuality="high")


def _of(**values: Any) -> Any:
    return to_js(values, dict_converter=js.Object.fromEntries)
