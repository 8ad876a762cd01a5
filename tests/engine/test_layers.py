"""Smaller copies of large results: each the mean of the one before, written while rows pass."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from fourxl import layers
from fourxl.errors import DeviceLost
from fourxl.geometry import Size
from fourxl.journal import Journal
from fourxl.layers import RESULT, Looks
from fourxl.testing import NearestRuntime

from .drawing import RGB_PROFILE, noise, pillow_file, png_file, reopened, slopes
from .folders import MemoryFolder, StopAt
from .jobs import Job, model

if TYPE_CHECKING:
    from fourxl.bands import Layer
    from fourxl.runtime import TileRuntime


def _bands(folder: MemoryFolder, layer: Layer) -> np.ndarray[Any, Any]:
    """Return the pixels of a layer, put together from its bands, each read alone."""
    data, parts = folder.files[layer.file].getvalue(), []
    for band in layer.bands:
        before, after = layer.standalone(band)
        parts.append(reopened(before + data[band.start : band.stop] + after))
    return np.concatenate(parts)


def _mean(samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the mean of each block of 4x4, cut at the right and below, as numbers between levels."""
    height, width, _ = samples.shape
    rows = np.add.reduceat(samples.astype(float), range(0, height, 4), axis=0)
    sums = np.add.reduceat(rows, range(0, width, 4), axis=1)
    counts = np.outer(
        np.minimum(4, height - np.arange(0, height, 4)), np.minimum(4, width - np.arange(0, width, 4))
    )
    return sums / counts[..., None]


@pytest.mark.parametrize(("width", "height"), [(40, 41), (43, 8), (33, 1), (1, 70), (64, 64), (17, 130)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_copy_is_the_mean_of_blocks(width, height, channels, monkeypatch):
    """However the rows come, each layer is the one before in blocks of 4x4, within a level, edges included."""
    monkeypatch.setattr(layers, "_SMALLEST_PX", 4)
    monkeypatch.setattr(layers, "_STRIP_PIXELS", 64)
    samples = noise(width, height, channels)
    for step in (1, 3, 4, 50):
        folder = MemoryFolder()
        made = asyncio.run(_written(folder, samples, step))
        assert [layer.reduction for layer in made] == [4**index for index in range(1, len(made) + 1)]
        larger = samples
        for layer in made:
            pixels = _bands(folder, layer)
            assert np.array_equal(pixels, reopened(folder.files[layer.file].getvalue()))
            assert pixels.shape[:2] == (layer.size.height, layer.size.width)
            assert np.abs(pixels - _mean(larger)).max() <= 1
            larger = pixels
        assert max(larger.shape[:2]) <= 4 < max(samples.shape[:2])


async def _written(folder: MemoryFolder, samples: np.ndarray[Any, Any], step: int) -> tuple[Layer, ...]:
    height, width, channels = samples.shape
    writer = await layers.open_layers(folder, Size(width, height), channels, None)
    for top in range(0, height, step):
        writer.write(samples[top : top + step])
    return writer.finish()


def test_16_bits_become_8():
    """A layer is to look at; its levels are the nearest ones."""
    folder = MemoryFolder()
    samples = np.full((1040, 8, 3), 1000, np.uint16)
    (layer,) = asyncio.run(_written(folder, samples, 100))
    assert (_bands(folder, layer) == round(1000 / 257)).all()


def test_colours_under_transparency_do_not_bleed():
    """Red beside what nobody sees is red in a copy, and half as opaque."""
    folder = MemoryFolder()
    samples = np.zeros((8, 1040, 4), np.uint8)
    samples[:, ::2] = (200, 0, 0, 255)
    (layer,) = asyncio.run(_written(folder, samples, 8))
    pixels = _bands(folder, layer).astype(int)
    assert np.abs(pixels - (200, 0, 0, 128)).max() <= 2


@pytest.fixture(name="small_is_large")
def _small_is_large(monkeypatch):
    monkeypatch.setattr(layers, "LARGE_PIXELS", 10_000)
    monkeypatch.setattr(layers, "_SMALLEST_PX", 64)


@pytest.mark.usefixtures("small_is_large")
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("wanted", [{}, {"width": 131}])
def test_a_large_png_is_its_own_first_layer(wanted, depth):
    """The result is there in bands, and its copies in its own colours and profile."""
    data = png_file(noise(60, 70, 3, depth), depth)
    folder = MemoryFolder()
    result, looks = folder.file(RESULT), Looks(folder)
    job = Job(data, sink=result, aside={"looks": looks}, tile_px=32, **wanted).run()
    size = Size(job.done.width, job.done.height)
    first, *smaller = looks.made
    assert (first.file, first.size, first.reduction) == (RESULT, size, 1)
    assert [layer.reduction for layer in smaller] == ([4] if size.height < 256 else [4, 16])
    shown = job.pixels if depth == 8 else job.pixels / 257
    assert np.abs(_bands(folder, smaller[0]) - _mean(shown)).max() <= 1.5
    if depth == 8:
        assert np.array_equal(_bands(folder, first), job.pixels)


@pytest.mark.usefixtures("small_is_large")
def test_layers_are_whole_after_a_job_was_cut_off():
    """Rows that an earlier run had kept are in the copies too, byte for byte."""
    data = png_file(noise(60, 90), 8)

    def run(*runtimes: TileRuntime) -> tuple[Job, Any]:
        folder = MemoryFolder()
        result, looks = folder.file(RESULT), Looks(folder)
        for runtime in runtimes:
            job = Job(
                data,
                runtime,
                sink=result,
                aside={"looks": looks, "keep": Journal(folder, result)},
                tile_px=32,
            )
            with suppress(DeviceLost):
                job.run()
        return job, (looks.made, {name: file.data for name, file in folder.files.items()})

    calm, expected = run(NearestRuntime())
    hurt, got = run(StopAt(NearestRuntime(), 7), NearestRuntime())
    assert (calm.done.resumed_share, len(expected[0])) == (0, 3)
    assert 0 < hurt.done.resumed_share < 1
    assert got == expected


@pytest.mark.parametrize("format_name", ["png", "jpeg"])
def test_small_results_have_no_layers(format_name):
    """They are shown themselves."""
    folder = MemoryFolder()
    looks = Looks(folder)
    job = Job(png_file(noise(60, 70), 8), aside={"looks": looks}, tile_px=32, format=format_name).run()
    assert (looks.made, folder.files) == ((), {})
    if format_name == "jpeg":
        assert asyncio.run(layers.of_file(job.sink.getvalue(), folder)) == ()


@pytest.mark.usefixtures("small_is_large")
@pytest.mark.parametrize("format_name", ["jpeg", "webp"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_layers_of_a_jpeg_show_what_is_in_the_file(format_name, channels):
    """Its first layer is the file as it is decoded, losses and all, with its profile."""
    source = pillow_file(slopes(60, 70, channels), "PNG", icc_profile=RGB_PROFILE)
    data = Job(source, format=format_name, quality=20).run().sink.getvalue()
    with Image.open(io.BytesIO(data)) as opened:
        expected = np.asarray(opened).reshape(280, 240, -1)
        profile = opened.info.get("icc_profile")
    assert (profile is not None) == (channels > 1)
    folder = MemoryFolder()
    first, second, *_ = asyncio.run(layers.of_file(data, folder))
    assert (first.size, first.reduction, second.reduction) == (Size(240, 280), 1, 4)
    assert np.array_equal(_bands(folder, first), expected)
    for layer in (first, second):
        with Image.open(io.BytesIO(folder.files[layer.file].getvalue())) as opened:
            assert opened.info.get("icc_profile") == profile


@pytest.mark.usefixtures("small_is_large")
@pytest.mark.parametrize("format_name", ["jpeg", "webp"])
def test_a_result_that_pillow_takes_for_an_attack_has_layers(format_name, monkeypatch):
    """Pillow opens no file of more than 179 million pixels; a photo of 12 million makes one."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 30_000)
    monkeypatch.setattr(layers, "_STRIP_PIXELS", 20_000)
    data = Job(png_file(noise(60, 70), 8), format=format_name).run().sink.getvalue()
    first, *_ = asyncio.run(layers.of_file(data, MemoryFolder()))
    assert first.size == Size(240, 280)


def test_memory_for_wide_results_is_a_strip_and_a_band():
    """A result four times as high needs no more, journal and layers included."""

    class _Discard:
        def write(self, data: bytes) -> None:
            """Forget."""

        def truncate(self, size_bytes: int) -> None:
            """Forget."""

        def flush(self) -> None:
            """Do nothing."""

    class _Folder(MemoryFolder):
        async def open(self, name: str) -> Any:
            del name
            return _Discard()

    def peak(height: int) -> int:
        data = png_file(np.zeros((height, 1024, 3), np.uint8), 8)
        sink, folder = _Discard(), _Folder()
        aside = {"keep": Journal(folder, sink), "looks": Looks(folder), "preview": lambda _: None}
        job = Job(data, NearestRuntime(), model(4), sink, aside, tile_px=64)
        tracemalloc.start()
        try:
            job.run()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(300)
    low, high = peak(300), peak(1200)
    source = 1024 * 3 * 900
    assert high - low < 4 * source
    assert high < 1200 * 1024 * 3 * 16 / 2
