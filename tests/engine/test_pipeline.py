"""The whole job as laws: over a nearest-neighbour runtime the result equals ``numpy.repeat``."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fourxl import events, image
from fourxl.errors import (
    DeviceLost,
    FourxlError,
    InputError,
    InvalidSettings,
    OutOfMemory,
    SideTooLong,
    WrongNumbers,
)
from fourxl.manifest import Checkpoint, Trained
from fourxl.testing import BlurRuntime, NearestRuntime, OutOfMemoryAt

from .drawing import RGB_PROFILE, camera_exif, noise, pillow, pillow_file, png_file, slopes
from .jobs import SIZES, Job, assert_repeated, enlarged, model


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("halo_px", [0, 3, 8, 20])
def test_every_size_and_halo_is_repeated(width, height, halo_px):
    """Whatever the size, tile and halo, each pixel is repeated 4x4 and nothing else happens."""
    samples = noise(width, height)
    for tile_px in (16, 32, 50):
        job = Job(png_file(samples, 8), spec=model(halo_px), tile_px=tile_px).run()
        assert_repeated(job.pixels, samples)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("min_tile_px", [1, 48])
def test_every_kind_of_pixel_is_repeated(channels, depth, min_tile_px):
    """Grey, grey+alpha, RGB and the visible part of RGBA, in 8 and 16 bits, arrive bit for bit."""
    for width, height in ((5, 4), (70, 45)):
        samples = noise(width, height, channels, depth)
        if channels in (2, 4):
            samples[: height // 2, : width // 2, -1] = 0
        job = Job(png_file(samples, depth), spec=model(min_tile_px=min_tile_px), tile_px=32).run()
        assert image.decode(job.sink.getvalue()).depth == depth
        assert_repeated(job.pixels, samples)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_every_scale_is_repeated(scale):
    """The scale is the model's; 4 is no constant of the engine."""
    samples = noise(45, 37, 4)
    job = Job(png_file(samples, 8), NearestRuntime(scale), model(scale=scale), tile_px=24).run()
    assert_repeated(job.pixels, samples, scale)


def test_depths_convert_by_value():
    """8 bits asked as 16 are the same tones; 16 asked as 8 are the nearest ones."""
    eight, sixteen = noise(6, 5), noise(6, 5, 3, 16)
    assert np.array_equal(Job(png_file(eight, 8), depth="16").run().pixels, enlarged(eight.astype(int) * 257))
    nearest = np.floor(sixteen / 257 + 0.5)
    assert np.array_equal(Job(png_file(sixteen, 16), depth="8").run().pixels, enlarged(nearest))


SMALLER = [{"scale": 2}, {"scale": 3}, {"width": 211}, {"width": 75}, {"width": 9}, {"width": 299}]


@pytest.mark.parametrize("wanted", SMALLER)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_smaller_result_is_the_large_one_reduced(wanted, channels):
    """Through tiles and strips, 2x, 3x and any width are Pillow's Lanczos of the 4x result, within a level."""
    samples = noise(75, 64, channels)
    if channels in (2, 4):
        samples[..., -1] |= 128  # colours of what is hardly visible are rough in 8 bits, as Pillow's are
    data = png_file(samples, 8)
    large = pillow(Job(data, tile_px=32).run().pixels)
    job = Job(data, tile_px=32, **wanted).run()
    size = (job.done.width, job.done.height)
    expected = np.asarray(large.resize(size, Image.Resampling.LANCZOS)).reshape(size[1], size[0], -1)
    assert size[0] == wanted.get("width", 75 * wanted.get("scale", 0))
    assert np.abs(job.pixels.astype(int) - expected).max() <= (1 if channels in (1, 3) else 3)


@pytest.mark.parametrize("wanted", SMALLER)
def test_16_bits_stay_16_bits(wanted):
    """A 16-bit picture is reduced in 16 bits: within a level of 65535 of Pillow's float planes."""
    data = png_file(noise(75, 64, 3, 16), 16)
    large = Job(data, tile_px=32).run().pixels.astype(np.float32)
    job = Job(data, tile_px=32, **wanted).run()
    size = (job.done.width, job.done.height)
    for channel in range(3):
        plane = Image.fromarray(np.ascontiguousarray(large[..., channel]))
        expected = np.asarray(plane.resize(size, Image.Resampling.LANCZOS)).clip(0, 65535)
        assert np.abs(job.pixels[..., channel] - expected).max() <= 1


def test_a_smaller_result_after_an_out_of_memory():
    """Smaller tiles in mid-job change nothing in a result that is reduced on the way."""
    data = png_file(noise(75, 164), 8)
    calm = Job(data, NearestRuntime(), tile_px=56, width=130).run()
    hurt = Job(data, OutOfMemoryAt(NearestRuntime(), (3,)), tile_px=56, width=130).run()
    assert len(hurt.told(events.SmallerTiles)) == 1
    assert np.abs(hurt.pixels.astype(int) - calm.pixels).max() <= 1


@pytest.mark.parametrize("wanted", [{"width": 301}, {"scale": 4}])
def test_a_size_out_of_reach_is_refused_before_any_work(wanted):
    """More than the network makes is refused with the most there is, before a runtime is opened."""
    scale = 3 if "scale" in wanted else 4
    job = Job(png_file(noise(75, 64), 8), NearestRuntime(scale), model(scale=scale), **wanted)
    with pytest.raises(InvalidSettings, match=f"at most {3 if scale == 3 else 300}"):
        job.run()
    assert job.opened == 0


@pytest.mark.parametrize("format_name", ["png", "jpeg", "webp"])
def test_every_format_has_the_size_that_was_asked_for(format_name):
    """Done, its label and the file agree on the size."""
    job = Job(png_file(slopes(50, 30), 8), format=format_name, width=77, tile_px=32).run()
    with Image.open(io.BytesIO(job.sink.getvalue())) as opened:
        assert opened.size == (job.done.width, job.done.height) == (77, 46)
    assert job.done.size_label == "77w"
    assert Job(png_file(slopes(50, 30), 8), format=format_name).run().done.size_label == "4x"


def test_the_formats_limit_is_that_of_the_result():
    """A picture whose 4x does not fit into its format is taken when the size asked for does."""
    data = pillow_file(np.zeros((1, 5000, 1), np.uint8), "PNG")
    with pytest.raises(SideTooLong):
        Job(data, format="webp").run()
    assert Job(data, format="webp", tile_px=1024, scale=3).run().done.width == 15_000


def test_a_strength_that_could_not_be_set_is_told():
    """A model whose twin is missing runs, and Done says what was not done."""
    spec = replace(model(), weak_denoise=Trained(Checkpoint("https://example.org/a.pth", 1, "0" * 64), None))
    data = png_file(noise(20, 20), 8)
    assert "denoise strength" in Job(data, spec=spec).run().done.notes[-1]
    assert Job(data, spec=spec, denoise=1.0).run().done.notes == ()
    assert Job(data).run().done.notes == ()


class _Full:
    """A sink that has room for so many writes."""

    def __init__(self, writes: int) -> None:
        self._writes = writes

    def write(self, _data: bytes) -> None:
        self._writes -= 1
        if self._writes < 0:
            raise MemoryError


@pytest.mark.parametrize(("format_name", "writes", "advice"), [
    ("png", 2, "Close"), ("png", 3, "Close"), ("png", 5, "Close"), ("jpeg", 0, "choose PNG"), ("webp", 0, "choose PNG"),
])  # fmt: skip
def test_memory_that_ends_while_writing_ends_the_job(format_name, writes, advice):
    """Rows that were written cannot be taken back: the job fails with advice and never writes rows twice."""
    job = Job(png_file(noise(50, 300), 8), sink=_Full(writes), tile_px=32, format=format_name)
    with pytest.raises(OutOfMemory, match=advice):
        job.run()
    assert job.told(events.SmallerTiles) == []


def _assert_sound(told: list[events.Event], done: events.Done) -> None:
    """Assert what holds for the events of every job."""
    steps = [event for event in told if isinstance(event, events.Progress)]
    assert all(after.fraction >= before.fraction for before, after in pairwise(steps))
    assert [step.tile for step in steps] == list(range(1, len(steps) + 1))
    assert all(0 < step.fraction <= 1 and step.tile <= step.tiles for step in steps)
    assert (steps[-1].fraction, steps[-1].tile, steps[-1].seconds_left) == (1.0, steps[-1].tiles, 0.0)
    assert told[-1] is done
    assert done.tiles == len(steps)
    assert [e.name for e in told if isinstance(e, events.Stage)] == [
        "reading",
        "loading",
        "enlarging",
        "writing",
    ]
    assert sum(isinstance(event, events.Done) for event in told) == 1


@pytest.mark.parametrize("fail_at", [(), (0,), (3,), (5, 9), (0, 1)])
@pytest.mark.parametrize(("width", "height"), [(57, 1), (90, 90), (20, 200)])
def test_progress_never_goes_back_and_ends_at_one(width, height, fail_at):
    """Also after smaller tiles: fractions rise to 1, tile counts fit, and Done comes last."""
    runtime = OutOfMemoryAt(NearestRuntime(), fail_at)
    job = Job(png_file(noise(width, height), 8), runtime, model(0), tile_px=56).run()
    _assert_sound(job.events, job.done)


def test_where_it_runs_is_told_before_the_first_tile():
    """The runtime is asked for once, after the picture is known to be good, and named before it computes."""
    job = Job(png_file(noise(30, 30), 8)).run()
    kinds = [type(event) for event in job.events]
    assert job.opened == 1
    assert job.told(events.Placed) == [events.Placed("nearest", "CPU", "It is a test.")]
    assert kinds.index(events.Placed) < kinds.index(events.Progress)


def _difference(data: bytes, radius: int, halo_px: int) -> int:
    """Return the largest difference, in levels, between the tiled and the whole run under a blur."""
    whole = Job(data, BlurRuntime(radius), model(halo_px), tile_px=4096).run()
    tiled = Job(data, BlurRuntime(radius), model(halo_px), tile_px=32).run()
    assert whole.done.tiles == 1
    assert tiled.done.tiles > 4
    return int(np.abs(tiled.pixels.astype(int) - whole.pixels).max())


@pytest.mark.parametrize("radius", [1, 3, 5])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_with_its_halo_no_seam_shows(channels, radius):
    """Tiles with a halo of the network's reach give the picture of one whole run, border included."""
    samples = noise(70, 61, channels)
    data = png_file(samples, 8)
    for halo_px in (radius, radius + 4):
        assert _difference(data, radius, halo_px) <= 1


@pytest.mark.parametrize("radius", [1, 3, 5])
def test_without_a_halo_seams_show(radius):
    """The law above can fail: with no halo the same tiles differ."""
    assert _difference(png_file(noise(70, 61), 8), radius, 0) > 3


def test_an_edge_at_the_border_is_that_of_the_whole_run():
    """Bright rows along the picture's border come out as in a whole run: no halo is invented there."""
    samples = np.zeros((61, 70, 3), np.uint8)
    samples[[0, -1]] = 255
    samples[:, [0, -1]] = 255
    assert _difference(png_file(samples, 8), 3, 3) <= 1


def test_a_flat_picture_stays_flat():
    """One tone has no seams at all, in 16 bits either."""
    samples = np.full((90, 90, 3), 12345, np.uint16)
    job = Job(png_file(samples, 16), tile_px=32).run()
    assert (job.pixels == 12345).all()


def test_edges_of_a_shape_do_not_darken():
    """A red shape on transparent black, blurred while it is enlarged, is red wherever it is visible."""
    samples = np.zeros((40, 40, 4), np.uint8)
    samples[12:28, 12:28] = (255, 0, 0, 255)
    job = Job(png_file(samples, 8), BlurRuntime(2), model(2), tile_px=24).run()
    inner = job.pixels[16:-16, 16:-16]  # the blur of this test takes black from outside the picture
    visible = inner[..., 3] > 0
    assert len(np.unique(inner[..., 3])) > 4
    assert (inner[visible][:, 0] >= 254).all()
    assert (inner[visible][:, 1:3] == 0).all()


def test_memory_grows_with_the_width_and_not_with_the_height():
    """A picture four times as high needs no more than its own samples on top."""

    class _Discard:
        def write(self, data: bytes) -> None:
            """Forget."""

    def peak(height: int) -> int:
        data = png_file(slopes(64, height), 8)
        job = Job(data, NearestRuntime(), model(8), _Discard(), tile_px=64)
        tracemalloc.start()
        try:
            job.run()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    low, high = peak(1000), peak(4000)
    source = 64 * 3  # bytes a row
    assert high - low < 4 * source * 3000
    assert high < 4000 * source * 16 / 2  # the result alone has 16 times the source's bytes


@pytest.mark.parametrize("data", [b"", b"text", png_file(noise(20, 20), 8)[:-50]])
def test_a_bad_file_asks_for_no_runtime(data):
    """No model is loaded for a picture that cannot be read."""
    job = Job(data)
    with pytest.raises(InputError):
        job.run()
    assert job.opened == 0
    assert job.sink.getvalue() == b""


@pytest.mark.parametrize(("format_name", "width"), [("webp", 4096), ("jpeg", 16_376)])
def test_a_result_too_long_is_refused_before_any_work(format_name, width):
    """A side the format cannot hold is told before a runtime is opened; PNG takes it."""
    data = pillow_file(np.zeros((1, width, 1), np.uint8), "PNG")
    job = Job(data, format=format_name)
    with pytest.raises(SideTooLong):
        job.run()
    assert job.opened == 0
    assert Job(data, format="png", tile_px=1024).run().done.width == width * 4


@pytest.mark.parametrize("format_name", ["png", "jpeg", "webp"])
def test_done_tells_the_truth(format_name):
    """Size and bytes of Done are those of the file; the runtime's seconds are part of all seconds."""
    job = Job(png_file(slopes(50, 30), 8), format=format_name, tile_px=32).run()
    data = job.sink.getvalue()
    assert job.done.size_bytes == len(data)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (job.done.width, job.done.height) == (200, 120)
        assert opened.format.lower() == format_name
    assert 0 <= job.done.runtime_seconds <= job.done.seconds


def test_the_way_of_a_photo():
    """Turned upright, with its profile, without EXIF unless asked, and with its notes in Done."""
    data = pillow_file(slopes(30, 20), "JPEG", exif=camera_exif(orientation=6), icc_profile=RGB_PROFILE)
    plain = Job(data).run()
    with Image.open(io.BytesIO(plain.sink.getvalue())) as opened:
        assert opened.size == (80, 120)
        assert opened.info["icc_profile"] == RGB_PROFILE
        assert len(opened.getexif()) == 0
    kept = Job(data, keep_exif=True).run()
    with Image.open(io.BytesIO(kept.sink.getvalue())) as opened:
        assert len(opened.getexif()) > 0
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    animation = pillow_file(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert len(Job(animation).run().done.notes) == 1


def test_errors_are_ours():
    """Whatever one runtime call raises of ours arrives as it was raised."""
    for error, format_name in product((DeviceLost("a"), WrongNumbers("b")), ("png", "webp")):

        class _Fails(NearestRuntime):
            async def run(self, tile_f32: Any, error: FourxlError = error) -> Any:
                del tile_f32
                raise error

        with pytest.raises(type(error)) as told:
            Job(png_file(noise(9, 9), 8), _Fails(), format=format_name).run()
        assert told.value is error
