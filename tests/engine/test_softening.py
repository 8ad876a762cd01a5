"""Less of the network as laws: 1 is the network alone, 0 the plain enlargement, in between the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from fourxl import softening
from fourxl.geometry import Span
from fourxl.testing import BlurRuntime, NearestRuntime

from .drawing import noise, png_file, slopes
from .jobs import SIZES, Job, model

if TYPE_CHECKING:
    from numpy.typing import NDArray


def plainly(samples: NDArray[Any], scale: int = 4) -> NDArray[np.float64]:
    """Return samples (height, width, channels) as Pillow enlarges each channel in one go: 8 bits, or float."""
    size = (samples.shape[1] * scale, samples.shape[0] * scale)
    planes = samples.transpose(2, 0, 1)
    if samples.dtype != np.uint8:
        planes = planes.astype(np.float32)
    enlarged = [
        Image.fromarray(np.ascontiguousarray(plane)).resize(size, Image.Resampling.BICUBIC)
        for plane in planes
    ]
    return np.stack([np.asarray(plane, np.float64) for plane in enlarged], axis=2)


def largest(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the largest difference between two pictures of one shape."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(np.float64) - other).max())


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_a_part_is_that_of_the_whole(scale, depth):
    """Wherever a part lies, it is cut out of the enlargement of the whole picture, to a millionth."""
    samples = noise(23, 17, 3, depth)
    whole = plainly(samples, scale) / (2**depth - 1)
    planes = samples.transpose(2, 0, 1)
    for rows in (Span(0, 17), Span(0, 1), Span(1, 9), Span(5, 6), Span(16, 17)):
        for columns in (Span(0, 23), Span(0, 3), Span(2, 20), Span(21, 23)):
            part = softening.plain(planes, rows, columns, scale)
            cut = whole[rows.scaled(scale).as_slice(), columns.scaled(scale).as_slice()]
            assert part.dtype == np.float32
            assert largest(part.transpose(1, 2, 0), cut) < 2e-6


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_at_0_the_result_is_the_plain_enlargement(width, height):
    """In tiles of any size nothing is left of the network, and no seam shows: Pillow's bicubic, to the bit."""
    samples = noise(width, height)
    for tile_px in (16, 50):
        job = Job(png_file(samples, 8), tile_px=tile_px, strength=0).run()
        assert np.array_equal(job.pixels, plainly(samples))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_at_0_every_kind_of_pixel_is_plain(channels):
    """Grey and opacity too; 16 bits are those of float, within a level of 65535."""
    for depth in (8, 16):
        samples = noise(40, 31, channels, depth)
        if channels in (2, 4):
            samples[..., -1] |= 1  # all visible, so that no colour is the engine's choice
        job = Job(png_file(samples, depth), tile_px=24, strength=0).run()
        expected = plainly(samples).clip(0, 2**depth - 1)
        assert largest(job.pixels, expected) <= (0 if depth == 8 else 1)


def test_at_1_nothing_is_mixed(monkeypatch):
    """The whole network is what it was before there was a strength: nothing else is computed."""
    data = png_file(noise(50, 40, 4), 8)
    before = Job(data, tile_px=24).run().sink.getvalue()
    monkeypatch.setattr(softening, "soften", None)
    assert Job(data, tile_px=24, strength=1.0).run().sink.getvalue() == before
    with pytest.raises(TypeError):
        Job(data, tile_px=24, strength=0.99).run()


@pytest.mark.parametrize("strength", [0.0, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_in_between_it_is_the_line(channels, strength):
    """Every sample lies between the two pictures where the strength says, within half a level."""
    samples = slopes(45, 37, channels)
    if channels == 4:
        samples[..., 3] |= 1
    network = samples.repeat(4, axis=0).repeat(4, axis=1)
    line = strength * network + (1 - strength) * plainly(samples)
    job = Job(png_file(samples, 8), NearestRuntime(), tile_px=24, strength=strength).run()
    assert largest(job.pixels, line) <= 0.51


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("strength", [0.1, 0.5, 0.8])
def test_no_seam_shows(strength, channels):
    """Tiles give the picture of one whole run, border included, under a network with a reach of its own."""
    data = png_file(noise(70, 61, channels), 8)
    whole = Job(data, BlurRuntime(3), model(3), tile_px=4096, strength=strength).run()
    tiled = Job(data, BlurRuntime(3), model(3), tile_px=32, strength=strength).run()
    assert whole.done.tiles == 1
    assert tiled.done.tiles > 4
    assert largest(tiled.pixels, whole.pixels) <= 1


def test_edges_of_a_shape_do_not_darken():
    """A red shape on transparent black is red wherever it is visible, at half the strength too."""
    samples = np.zeros((40, 40, 4), np.uint8)
    samples[12:28, 12:28] = (255, 0, 0, 255)
    job = Job(png_file(samples, 8), BlurRuntime(2), model(2), tile_px=24, strength=0.5).run()
    inner = job.pixels[16:-16, 16:-16]
    visible = inner[..., 3] > 0
    assert len(np.unique(inner[..., 3])) > 4
    assert (inner[visible][:, 0] >= 254).all()
    assert (inner[visible][:, 1:3] == 0).all()
