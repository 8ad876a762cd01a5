"""16-bit PNGs, sample for sample. Decoding of whole files is tested with ``image``."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from fourxl import png16

from .drawing import chunk, noise, pillow_file, png_file


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_only_16_bits_are_16_bits(channels, depth):
    """A PNG is told to have 16 bits exactly when it has."""
    if depth < 8 and channels > 1:
        depth = 8
    with Image.open(io.BytesIO(png_file(noise(3, 3, channels, depth), depth))) as opened:
        assert png16.is_16bit(opened) == (depth == 16)


@pytest.mark.parametrize("format_name", ["JPEG", "WEBP", "GIF", "BMP"])
def test_other_formats_have_8_bits(format_name):
    """No other format is taken for a 16-bit PNG."""
    with Image.open(io.BytesIO(pillow_file(noise(3, 3), format_name))) as opened:
        assert not png16.is_16bit(opened)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_both_bytes_of_each_sample_are_read(channels):
    """All 65,536 levels come back in every channel, in their place."""
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    samples = np.stack([np.roll(levels, 1000 * channel) for channel in range(channels)], axis=2)
    read = png16.read(png_file(samples, 16))
    assert read.dtype == np.uint16
    assert np.array_equal(read, samples)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_transparent_colour_is_compared_in_all_16_bits(channels):
    """Only the very colour in tRNS is transparent, not one that shares its high bytes."""
    samples = np.full((1, 3, channels), 0x1234, np.uint16)
    samples[0, 1] = 0x1235
    samples[0, 2, -1] = 0x1334
    clear = chunk(b"tRNS", struct.pack(f">{channels}H", *[0x1234] * channels))
    read = png16.read(png_file(samples, 16, before=[clear]))
    assert np.array_equal(read[..., :-1], samples)
    assert read[0, :, -1].tolist() == [0, 65535, 65535]
