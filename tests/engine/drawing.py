"""Small pictures and files of our own, made when a test asks for them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import ExifTags, Image, ImageCms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Samples = NDArray[np.unsignedinteger[Any]]

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
RGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY_PROFILE = RGB_PROFILE[:16] + b"GRAY" + RGB_PROFILE[20:]
"""Grey by its header, which is all that anything here reads."""

PLACE = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: (48.0, 8.0, 14.0),
    ExifTags.GPS.GPSLongitudeRef: "E",
    ExifTags.GPS.GPSLongitude: (11.0, 34.0, 31.0),
}
TAKEN = "2024:05:06 07:08:09"
"""Where and when the pictures of ``camera_exif`` were taken."""

_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column, first row, column step, row step (PNG specification, 8.2)."""


def noise(width: int, height: int, channels: int = 3, depth: int = 8, seed: int = 0) -> Samples:
    """Return random samples (height, width, channels), reproducible by ``seed``."""
    rng = np.random.default_rng((seed, width, height, channels, depth))
    return rng.integers(0, 2**depth, (height, width, channels), dtype=np.uint16 if depth == 16 else np.uint8)


def slopes(width: int, height: int, channels: int = 3) -> Samples:
    """Return smooth uint8 samples, which lossy formats keep closely."""
    x, y = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    planes = [200 * x + 0 * y, 200 * y + 0 * x, 100 * x + 100 * y, 255 - 200 * x * y]
    return np.stack(planes[:channels], axis=2).astype(np.uint8)


def pillow(samples: Samples) -> Image.Image:
    """Return uint8 samples (height, width, 1 to 4) as a Pillow image."""
    return Image.fromarray(np.ascontiguousarray(samples[..., 0] if samples.shape[2] == 1 else samples))


def pillow_file(samples: Samples | Image.Image, format_name: str, **options: Any) -> bytes:
    """Return the bytes of a file that Pillow writes."""
    buffer = io.BytesIO()
    picture = samples if isinstance(samples, Image.Image) else pillow(samples)
    picture.save(buffer, format_name, **options)
    return buffer.getvalue()


def reopened(data: bytes) -> NDArray[Any]:
    """Return what Pillow reads from a file of 8 bits, as (height, width, channels)."""
    with Image.open(io.BytesIO(data)) as opened:
        pixels = np.array(opened)
    return pixels.reshape(*pixels.shape[:2], -1)


def chunk(kind: bytes, payload: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png_header(
    width: int, height: int, depth: int = 8, colour_type: int = 2, *, interlaced: bool = False
) -> bytes:
    """Return the signature and IHDR of a PNG, as absurd as they are asked for."""
    fields = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))
    return PNG_HEAD + chunk(b"IHDR", fields)


def png_file(
    samples: Samples,
    depth: int,
    *,
    colour_type: int | None = None,
    interlaced: bool = False,
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
) -> bytes:
    """Return a PNG of samples (height, width, channels), written without the product and without Pillow.

    ``before`` and ``after`` are whole chunks around the pixels. Row filters alternate between
    None and Sub, so that a reader must undo them.
    """
    height, width, channels = samples.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels] if colour_type is None else colour_type
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    raw = b"".join(_rows(samples[y::down, x::across], depth) for x, y, across, down in passes)
    pixels = chunk(b"IDAT", zlib.compress(raw))
    head = png_header(width, height, depth, kind, interlaced=interlaced)
    return b"".join((head, *before, pixels, *after, chunk(b"IEND", b"")))


def _rows(samples: Samples, depth: int) -> bytes:
    if samples.shape[0] == 0 or samples.shape[1] == 0:
        return b""
    step = max(1, samples.shape[2] * depth // 8)
    rows = []
    for number, row in enumerate(samples):
        packed = _pack(row.reshape(-1), depth)
        if number % 2:
            shifted = bytes(step) + packed[:-step]
            rows.append(b"\1" + bytes((a - b) % 256 for a, b in zip(packed, shifted, strict=True)))
        else:
            rows.append(b"\0" + packed)
    return b"".join(rows)


def _pack(values: Samples, depth: int) -> bytes:
    if depth == 16:
        return values.astype(">u2").tobytes()
    bits = np.unpackbits(values.astype(np.uint8)[:, None], axis=1)[:, 8 - depth :]
    return np.packbits(bits.reshape(-1)).tobytes()


def camera_exif(orientation: int = 6) -> bytes:
    """Return EXIF as a telephone writes it: maker, time, place, orientation."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "A maker"
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = TAKEN
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(PLACE)
    return exif.tobytes()
