"""Writes the result: PNG in strips, JPEG and WebP through Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from PIL import Image

from fourxl import png
from fourxl.errors import SideTooLong
from fourxl.png import PngEncoder

if TYPE_CHECKING:
    from typing import IO

    from fourxl.bands import Band
    from fourxl.geometry import Size
    from fourxl.image import Picture, Samples
    from fourxl.settings import JobSettings

MIME_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}

_MAX_SIDE = {"png": 2**31 - 1, "jpeg": 65_500, "webp": 16_383}
"""Pixels; PNG and WebP by their specifications, JPEG by libjpeg's JPEG_MAX_DIMENSION."""


class Sink(Protocol):
    """Where the bytes of the result go, in order."""

    def write(self, data: bytes, /) -> object:
        """Append ``data``; the caller may reuse nothing of it."""


class Encoder(Protocol):
    """Takes finished rows from top to bottom."""

    def write(self, rows: Samples) -> None:
        """Append rows (count, width, channels): 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA."""

    def finish(self) -> None:
        """Complete the file."""


def result_depth(picture: Picture, settings: JobSettings) -> int:
    """Return the bits per channel of the result, 8 or 16."""
    if settings.format != "png":
        return 8
    return picture.depth if settings.depth == "same" else int(settings.depth)


def check_fits(size: Size, settings: JobSettings) -> None:
    """Refuse a result that its format cannot hold.

    Raises:
        SideTooLong: says the limit and which format has none.
    """
    longest, limit = max(size.width, size.height), _MAX_SIDE[settings.format]
    if longest > limit:
        raise SideTooLong(
            f"The result would be {size} pixels; {settings.format.upper()} holds at most {limit} a side. Choose PNG.",
            about="side-too-long",
            width=size.width,
            height=size.height,
            side=longest,
            limit=limit,
            format=settings.format,
        )


def open_png(
    sink: Sink, size: Size, picture: Picture, settings: JobSettings, bands: tuple[Band, ...] = ()
) -> PngEncoder:
    """Return ``open_encoder`` for a PNG, of which ``bands`` are written already."""
    return PngEncoder(sink.write, size, *_png_parts(picture, settings), bands=bands)


def png_opening(size: Size, picture: Picture, settings: JobSettings) -> bytes:
    """Return what a PNG result begins with, before its pixels."""
    return png.opening(size, *_png_parts(picture, settings))


def open_encoder(sink: Sink, size: Size, picture: Picture, settings: JobSettings) -> Encoder:
    """Return an encoder for a result of ``size`` that carries the profile and the EXIF data of ``picture``.

    ``metadata.for_result`` leaves there what may be carried.
    """
    if settings.format == "png":
        return open_png(sink, size, picture, settings)
    return _WholeEncoder(sink, size, picture.channels, settings, picture.icc, picture.exif)


def _png_parts(picture: Picture, settings: JobSettings) -> tuple[int, int, bytes | None, bytes | None]:
    """Return channels, depth, profile and EXIF data as PNG has it, a bare TIFF structure."""
    exif = picture.exif.removeprefix(b"Exif\0\0") if picture.exif else None
    return picture.channels, result_depth(picture, settings), picture.icc, exif


class _WholeEncoder:
    """Collects rows in one Pillow image, for formats whose encoders want the whole picture.

    JPEG has no transparency: what is transparent becomes white.
    """

    def __init__(
        self,
        sink: Sink,
        size: Size,
        channels: int,
        settings: JobSettings,
        icc: bytes | None,
        exif: bytes | None,
    ) -> None:
        self._sink, self._settings = sink, settings
        self._options = {
            name: value for name, value in (("icc_profile", icc), ("exif", exif)) if value is not None
        }
        self._flatten = settings.format == "jpeg" and channels in (2, 4)
        mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
        if self._flatten:
            mode = mode.removesuffix("A")
        self._canvas = Image.new(mode, (size.width, size.height))
        self._row = 0

    def write(self, rows: Samples) -> None:
        if self._flatten:
            rows = _on_white(rows)
        strip = Image.fromarray(np.ascontiguousarray(rows[..., 0] if rows.shape[2] == 1 else rows))
        self._canvas.paste(strip, (0, self._row))
        self._row += rows.shape[0]

    def finish(self) -> None:
        quality = self._settings.quality
        options = {"method": 2} if self._settings.format == "webp" else {"optimize": False}
        sink = cast("IO[bytes]", _WriteOnly(self._sink))
        self._canvas.save(sink, self._settings.format, quality=quality, **options, **self._options)


class _WriteOnly:
    """The least a file must do for Pillow's encoders."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: the sink has no buffer of ours."""


def _on_white(rows: Samples) -> Samples:
    alpha = rows[..., -1:].astype(np.uint16)
    blended = rows[..., :-1] * alpha + 255 * (255 - alpha)
    return ((blended + 127) // 255).astype(np.uint8)
