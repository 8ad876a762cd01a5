"""The strip-wise PNG writer, read back by Pillow."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from fourxl import png16
from fourxl.geometry import Size
from fourxl.png import PngEncoder

from .drawing import PNG_HEAD, RGB_PROFILE, noise, reopened, slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _written(samples: NDArray[Any], heights: tuple[int, ...] | None = None, **extra: bytes) -> bytes:
    """Return the file of ``samples``, given to the encoder in strips of ``heights``, over and over."""
    height, width, channels = samples.shape
    pieces: list[bytes] = []
    encoder = PngEncoder(pieces.append, Size(width, height), channels, samples.dtype.itemsize * 8, **extra)
    row, turn = 0, 0
    while row < height:
        step = heights[turn % len(heights)] if heights else height
        encoder.write(samples[row : row + step])
        row, turn = row + step, turn + 1
    encoder.finish()
    return b"".join(pieces)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    assert data.startswith(PNG_HEAD)
    position, found = len(PNG_HEAD), []
    while position < len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind, payload = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        assert struct.unpack_from(">I", data, position + 8 + length)[0] == zlib.crc32(kind + payload)
        found.append((kind, payload))
        position += 12 + length
    return found


def _raw(data: bytes) -> bytes:
    return zlib.decompress(b"".join(payload for kind, payload in _chunks(data) if kind == b"IDAT"))


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_pixel_comes_back(channels, depth):
    """Grey, grey+alpha, RGB and RGBA of 8 and 16 bits are read back exactly, noise and slopes alike."""
    for width, height in product((1, 2, 7, 64), (1, 3, 20)):
        for samples in (noise(width, height, channels, depth), slopes(width, height, channels)):
            pixels = samples.astype(f"uint{depth}")
            data = _written(pixels)
            read = reopened(data) if depth == 8 else png16.read(data)
            assert np.array_equal(read, pixels)


@pytest.mark.parametrize("heights", [(1,), (2,), (7,), (1, 5), (3, 1, 1), (19, 1)])
@pytest.mark.parametrize("depth", [8, 16])
def test_strips_of_any_heights_make_one_picture(heights, depth):
    """However the rows are cut into strips, the filtered rows in the file are the same."""
    samples = noise(9, 20, 3, depth)
    assert _raw(_written(samples, heights)) == _raw(_written(samples))


def test_a_strip_of_many_blocks_is_whole():
    """Rows wider than what is filtered at once, and strips many times as large, are read back exactly."""
    for width, height in ((100_000, 3), (900, 700)):
        samples = noise(width, height)
        assert np.array_equal(reopened(_written(samples)), samples)


def test_filtering_needs_little_memory():
    """A strip of 12 MB is written with less than half of that on top."""
    samples = np.zeros((1000, 4000, 3), np.uint8)
    encoder = PngEncoder(lambda _data: None, Size(4000, 1000), 3, 8)
    tracemalloc.start()
    try:
        encoder.write(samples)
        assert tracemalloc.get_traced_memory()[1] < samples.size / 2
    finally:
        tracemalloc.stop()


def test_slopes_are_filtered():
    """Paeth's predictor leaves little of a smooth picture: the file is far smaller than without it."""
    samples = slopes(200, 200)
    assert len(_written(samples)) < len(zlib.compress(samples.tobytes(), 9)) / 2


def test_chunks_stand_in_the_order_of_the_specification():
    """IHDR first, profile and EXIF before the pixels, IEND last and once; each with its checksum."""
    data = _written(noise(30, 30), (10,), icc=RGB_PROFILE, exif=b"II*\0\x08\0\0\0\0\0\0\0\0\0")
    kinds = [kind for kind, _ in _chunks(data)]
    assert kinds[:3] == [b"IHDR", b"iCCP", b"eXIf"]
    assert kinds[-1] == b"IEND"
    assert set(kinds[3:-1]) == {b"IDAT"}


@pytest.mark.parametrize("depth", [8, 16])
def test_profile_and_exif_arrive(depth):
    """Pillow reads back the profile byte for byte, and the EXIF fields."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "A maker"
    bare = exif.tobytes().removeprefix(b"Exif\0\0")
    data = _written(noise(4, 4, 3, depth), icc=RGB_PROFILE, exif=bare)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.info["icc_profile"] == RGB_PROFILE
        assert opened.getexif()[ExifTags.Base.Make] == "A maker"


def test_an_unfinished_file_has_no_end_mark():
    """Before ``finish`` the file is recognisably incomplete."""
    pieces: list[bytes] = []
    PngEncoder(pieces.append, Size(5, 5), 3, 8).write(noise(5, 5))
    assert b"IEND" not in b"".join(pieces)
