"""Where a strip goes once it is finished: a journal, the result, smaller copies of it, a preview."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from fourxl import encode, png, png16, shrinking
from fourxl.bands import Layer
from fourxl.layers import RESULT
from fourxl.png import PngEncoder
from fourxl.reducing import Reducer

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.geometry import Size
    from fourxl.image import Picture, Samples
    from fourxl.journal import Checkpoint, Journal
    from fourxl.layers import LayerWriter
    from fourxl.previews import Previewer
    from fourxl.settings import JobSettings
    from fourxl.tiling import Standing


@dataclass(frozen=True, slots=True)
class Order:
    """What is delivered."""

    picture: Picture
    settings: JobSettings

    whole: Size
    """Of the rows that come."""

    size: Size
    """Of the result."""

    @property
    def is_reduced(self) -> bool:
        """Whether the result is smaller than what comes."""
        return self.size != self.whole

    @property
    def is_rows(self) -> bool:
        """Whether the result is the rows as they come, in a banded PNG."""
        return self.settings.format == "png" and not self.is_reduced

    @property
    def opening(self) -> bytes:
        """What the PNG of the rows begins with: the result, or one beside it."""
        if self.is_rows:
            return encode.png_opening(self.size, self.picture, self.settings)
        return png.opening(self.whole, self.picture.channels, self.depth)

    @property
    def depth(self) -> int:
        """Bits per channel of the rows."""
        return encode.result_depth(self.picture, self.settings)


class Delivery:
    """Takes the network's rows from top to bottom, strip by strip."""

    def __init__(
        self,
        order: Order,
        sink: encode.Sink,
        journal: Journal | None = None,
        begun: Checkpoint | None = None,
        layers: LayerWriter | None = None,
        previewer: Previewer | None = None,
    ) -> None:
        """Prepare for all rows, or for those that ``journal`` does not have at ``begun``."""
        self._order, self._journal, self._layers, self._previewer = order, journal, layers, previewer
        bands = begun.bands if begun else ()
        self._sink = _CountingSink(sink, begun.size_bytes if begun and order.is_rows else 0)
        picture, settings, size = order.picture, order.settings, order.size
        self._rows: PngEncoder | None = None
        self._encoder: encode.Encoder
        if order.is_rows:
            self._encoder = self._rows = encode.open_png(self._sink, size, picture, settings, bands)
        else:
            self._encoder = encode.open_encoder(self._sink, size, picture, settings)
            if journal is not None:
                self._rows = PngEncoder(
                    journal.write, order.whole, picture.channels, order.depth, bands=bands
                )
        self._emit: Callable[[Samples], None] = self._write
        if order.is_reduced:
            self._emit = Reducer(order.whole, size, self._write).write

    @property
    def size_bytes(self) -> int:
        """How many bytes the result has so far."""
        return self._sink.size_bytes

    def strip(self, rows: Samples) -> None:
        """Deliver one strip: rows (count, width, channels) of the result's depth."""
        if self._rows is not None:
            self._rows.write(rows)
            self._rows.cut()
        self._pass_on(rows)

    def again(self) -> None:
        """Deliver what the journal has from an earlier run, but for where it is."""
        assert self._journal is not None  # noqa: S101 - nothing has begun without one
        assert self._rows is not None  # noqa: S101 - a journal has rows
        if self._order.is_rows and self._layers is None and self._previewer is None:
            return
        kept = Layer("", self._order.whole, 1, self._rows.head, tuple(self._rows.bands))
        for band in kept.bands:
            before, after = kept.standalone(band)
            self._pass_on(_read(before + self._journal.read(band) + after, self._order.depth))

    async def keep(self, standing: Standing) -> None:
        """Make sure that all strips so far outlast a crash, as far as there is a journal."""
        if self._journal is not None and self._rows is not None:
            last = self._rows.bands[-1]
            share = (last.top + last.height) / self._order.whole.height
            await self._journal.keep(standing, self._rows.bands, share)

    def finish(self) -> tuple[Layer, ...]:
        """Complete the result and return its layers, if it has some."""
        self._encoder.finish()
        smaller = self._layers.finish() if self._layers is not None else ()
        if self._journal is not None:
            self._journal.end()
        if not smaller or not isinstance(self._encoder, PngEncoder):
            return ()
        bands = tuple(self._encoder.bands)
        return (Layer(RESULT, self._order.size, 1, self._encoder.head, bands), *smaller)

    def _pass_on(self, rows: Samples) -> None:
        self._emit(rows)
        if self._previewer is not None:
            self._previewer.write(rows)

    def _write(self, rows: Samples) -> None:
        """Write rows of the result, unless it is the rows: those are written where they come."""
        if not self._order.is_rows:
            self._encoder.write(rows)
        if self._layers is not None:
            self._layers.write(rows)


class _CountingSink:
    """Passes bytes on and counts them, on top of those that are there."""

    def __init__(self, sink: encode.Sink, size_bytes: int) -> None:
        self._sink = sink
        self.size_bytes = size_bytes

    def write(self, data: bytes) -> None:
        self.size_bytes += len(data)
        self._sink.write(data)


def _read(png_file: bytes, depth: int) -> Samples:
    """Return (height, width, channels) of a PNG of ours."""
    if depth == 16:  # noqa: PLR2004 - Pillow reads 8 bits
        return png16.read(png_file)
    with Image.open(io.BytesIO(png_file), formats=("PNG",)) as opened:
        return shrinking.to_samples(opened)
