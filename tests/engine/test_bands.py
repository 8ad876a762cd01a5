"""PNG files in bands: each band alone is a whole picture, all of them together are one."""

from __future__ import annotations

import io
import json
import zlib
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from fourxl import bands, png16
from fourxl.bands import Band, Layer
from fourxl.geometry import Size
from fourxl.png import PngEncoder

from .drawing import GREY_PROFILE, RGB_PROFILE, noise, reopened, slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _written(samples: NDArray[Any], strips: tuple[int, ...] = (), **extra: bytes) -> tuple[bytes, Layer]:
    """Return the file of ``samples`` and its layer; bands are cut after each of ``strips`` rows too."""
    height, width, channels = samples.shape
    file = io.BytesIO()
    size, depth = Size(width, height), samples.dtype.itemsize * 8
    encoder = PngEncoder(file.write, size, channels, depth, **extra)
    for start, stop in pairwise((0, *strips, height)):
        encoder.write(samples[start:stop])
        encoder.cut()
    encoder.finish()
    return file.getvalue(), Layer("a.png", size, 1, encoder.head, tuple(encoder.bands))


def _cut_out(data: bytes, layer: Layer, band: Band) -> bytes:
    before, after = layer.standalone(band)
    return before + data[band.start : band.stop] + after


def _read(data: bytes, depth: int) -> NDArray[Any]:
    return reopened(data) if depth == 8 else png16.read(data)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("strips", [(), (1,), (7, 8, 19)])
def test_the_file_and_each_band_of_it_are_pictures(channels, depth, strips, monkeypatch):
    """Whatever the size and however it was cut, the file gives all rows and each band its own."""
    monkeypatch.setattr(bands, "BAND_PIXELS", 60)
    for (width, height), draw in product([(1, 33), (9, 20), (13, 25), (61, 20)], (noise, slopes)):
        samples = draw(width, height, channels).astype(f"uint{depth}")
        data, layer = _written(samples, strips)
        assert np.array_equal(_read(data, depth), samples)
        assert sum(band.height for band in layer.bands) == height
        for band in layer.bands:
            rows = samples[band.top : band.top + band.height]
            assert np.array_equal(_read(_cut_out(data, layer, band), depth), rows)
            assert 1 <= band.height <= max(1, 60 // width)


def test_a_band_has_the_published_number_of_rows():
    """Wide pictures have many bands, small ones have one."""
    assert [band.height for band in _written(slopes(4096, 600))[1].bands] == [256, 256, 88]
    assert len(_written(slopes(900, 900))[1].bands) == 1
    assert bands.rows_in_band(3 << 20) == 1


def test_bands_cost_next_to_nothing(monkeypatch):
    """Cut every megapixel, a file is within 2 % of one that is not cut; a hundredth of that would show here."""
    samples = slopes(4096, 900) ^ (noise(4096, 900) & 3)
    cut, layer = _written(samples)
    monkeypatch.setattr(bands, "BAND_PIXELS", 1 << 30)
    whole, _ = _written(samples)
    assert len(layer.bands) > 3
    assert len(whole) < len(cut) < 1.02 * len(whole)


@pytest.mark.parametrize(("channels", "profile"), [(1, GREY_PROFILE), (3, RGB_PROFILE)])
def test_a_band_keeps_the_colour_profile(channels, profile):
    """What is cut out is shown in the picture's own colours."""
    data, layer = _written(noise(8, 8, channels), (3,), icc=profile, exif=b"II*\0\x08\0\0\0\0\0\0\0\0\0")
    for band in layer.bands:
        with Image.open(io.BytesIO(_cut_out(data, layer, band))) as opened:
            opened.verify()
            assert opened.info["icc_profile"] == profile


def test_a_band_that_was_damaged_is_told_from_a_good_one():
    """The checksum in a band's own tail is that of its rows: a changed byte cannot pass for a picture."""
    data, layer = _written(noise(30, 30), (10, 20))
    whole = bytearray(_cut_out(data, layer, layer.bands[1]))
    start = len(layer.standalone(layer.bands[1])[0]) + 8
    stream = bands.ZLIB_HEADER + bytes(whole[start : start + layer.bands[1].stop - layer.bands[1].start - 12])
    checksum = layer.bands[1].adler.to_bytes(4, "big")
    assert len(zlib.decompress(stream + b"\x03\x00" + checksum)) == 10 * 91
    with pytest.raises(zlib.error):
        zlib.decompress(stream + b"\x03\x00" + bytes(byte ^ 1 for byte in checksum))


@pytest.mark.parametrize("done", [1, 2, 3])
def test_an_encoder_goes_on_where_another_stopped(done):
    """From any number of whole bands on, the bytes are those of one that never stopped."""
    samples = noise(40, 30)
    strips = (6, 13, 22)
    data, layer = _written(samples, strips, icc=RGB_PROFILE)
    kept = layer.bands[:done]
    file = io.BytesIO(data[: kept[-1].stop])
    file.seek(0, io.SEEK_END)
    encoder = PngEncoder(file.write, layer.size, 3, 8, RGB_PROFILE, bands=kept)
    for start, stop in pairwise((*strips[done - 1 :], 30)):
        encoder.write(samples[start:stop])
        encoder.cut()
    encoder.finish()
    assert file.getvalue() == data
    assert tuple(encoder.bands) == layer.bands
    assert encoder.head == layer.head


@pytest.mark.parametrize("size_bytes", [0, 1, 1000, 200_000])
def test_checksums_join(size_bytes):
    """The checksum of two runs comes out of those of each, zeros and full bytes alike."""
    for first, second in product((b"", b"\xff" * 5000, noise(100, 3).tobytes()), (b"\xff", b"\0", b"ab")):
        after = (second * size_bytes)[:size_bytes]
        joined = bands.joined_adler(zlib.adler32(first), zlib.adler32(after), len(after))
        assert joined == zlib.adler32(first + after)


def test_a_layer_crosses_as_json():
    """What arrives equals what was sent."""
    _, layer = _written(noise(9, 9), (4,), icc=RGB_PROFILE)
    assert bands.from_wire(json.loads(json.dumps(layer.to_wire()))) == layer


@pytest.mark.parametrize("wire", [
    [[0, 5, 50, 90, 1], [6, 5, 90, 99, 1]], [[0, 5, 50, 90, 1], [5, 5, 91, 99, 1]], [[1, 5, 50, 90, 1]],
    [[0, 0, 50, 90, 1]], [[0, 5, 50, 50, 1]], [[0, 5, 50]], [["a", 5, 50, 90, 1]], [None],
])  # fmt: skip
def test_bands_that_do_not_fit_together_are_refused(wire):
    """A gap, an overlap, nothing in it, or something else altogether."""
    with pytest.raises((TypeError, ValueError)):
        bands.bands_from_wire(wire)
