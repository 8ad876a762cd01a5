"""Tile by tile: one shape, smaller ones when memory ends, nothing after a cancel or wrong numbers."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourxl import events, image, tiling
from fourxl.errors import (
    DeviceLost,
    OutOfMemory,
    WrongNumbers,
)
from fourxl.testing import NearestRuntime, OutOfMemoryAt

from .drawing import noise, png_file, slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray
from .jobs import SIZES, Job, assert_repeated, enlarged, model

CALLS_SIZE = (40, 75)
CALLS_TILE = 28


pytestmark = pytest.mark.usefixtures("at_once")


def _calls(channels: int) -> int:
    runtime = OutOfMemoryAt(NearestRuntime())
    Job(png_file(noise(*CALLS_SIZE, channels), 8), runtime, tile_px=CALLS_TILE).run()
    return runtime.calls


@pytest.mark.parametrize("channels", [3, 4])
def test_an_out_of_memory_at_any_call_leaves_no_trace(channels):
    """Wherever in the job memory ends once, the result is the same, and smaller tiles are told of."""
    samples = noise(*CALLS_SIZE, channels)
    data, calls = png_file(samples, 8), _calls(channels)
    assert calls >= 8
    for call in range(calls):
        job = Job(data, OutOfMemoryAt(NearestRuntime(), (call,)), tile_px=CALLS_TILE).run()
        assert_repeated(job.pixels, samples)
        assert len(job.told(events.SmallerTiles)) == 1


def test_two_outs_of_memory_at_any_calls_leave_no_trace(at_once):
    """The same for every pair of calls; two tiles that are under way at the same time are one out-of-memory."""
    samples = noise(40, 60)
    data = png_file(samples, 8)
    spec = model(halo_px=0)
    one = OutOfMemoryAt(NearestRuntime(), (0,))
    Job(data, one, spec, tile_px=50).run()
    assert one.calls >= 6
    for pair in combinations(range(one.calls), 2):
        runtime = OutOfMemoryAt(NearestRuntime(), pair)
        job = Job(data, runtime, spec, tile_px=50).run()
        assert_repeated(job.pixels, samples)
        happened = sum(call < runtime.calls for call in pair)
        told = len(job.told(events.SmallerTiles))
        assert told == happened or (at_once > told == 1 and pair[1] - pair[0] < at_once)


@pytest.mark.parametrize("error", [OutOfMemory, MemoryError])
def test_python_running_out_of_memory_in_a_tile_is_the_same(error):
    """A MemoryError of the host while a tile is computed leads to smaller tiles like the device's own."""

    class _Once(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            if tile_f32.shape[2] > 30:
                raise error("no room")
            return await super().run(tile_f32)

    samples = noise(40, 70)
    job = Job(png_file(samples, 8), _Once(), tile_px=40).run()
    assert_repeated(job.pixels, samples)


@pytest.mark.parametrize("max_px", [20, 30, 64, 100, 200])
def test_tiles_shrink_until_they_fit_and_no_further(max_px):
    """With room for tiles of ``max_px``, sizes are halved until one fits; more than half of the room is used."""
    runtime = NearestRuntime()
    job = Job(
        png_file(noise(210, 160), 8), OutOfMemoryAt(runtime, max_px=max_px), model(0), tile_px=300
    ).run()
    used = [max(shape[2:]) for shape in runtime.shapes]
    steps = job.told(events.SmallerTiles)
    assert max(used) <= max_px
    assert all(step.to_px == step.from_px // 2 for step in steps)
    assert all(after.from_px <= before.to_px for before, after in pairwise(steps))
    assert all(step.from_px > max_px for step in steps)
    assert bool(steps) == (max_px < 210)
    assert_repeated(job.pixels, noise(210, 160))


@pytest.mark.parametrize(("halo_px", "min_tile_px"), [(0, 1), (8, 1), (3, 64)])
def test_below_the_floor_out_of_memory_is_told(halo_px, min_tile_px, at_once):
    """When the smallest tile does not fit either, the job ends with OutOfMemory, naming that size."""
    floor = tiling.smallest_tile(halo_px, min_tile_px)
    runtime = OutOfMemoryAt(NearestRuntime(), max_px=floor // 2)
    job = Job(png_file(noise(150, 150), 8), runtime, model(halo_px, min_tile_px=min_tile_px))
    with pytest.raises(OutOfMemory, match=r"smaller model or another device") as told:
        job.run()
    assert told.value.fields["tile_px"] <= floor
    assert job.told(events.Done) == []
    assert runtime.calls < 8 * at_once


def test_finished_rows_are_not_computed_again():
    """After an out-of-memory in strip k, only rows from that strip on (and their halo) go to the runtime."""

    class _Rows(NearestRuntime):
        """Remembers which rows came; they are told by their grey."""

        def __init__(self) -> None:
            super().__init__()
            self.rows: list[tuple[int, int]] = []

        async def run(self, tile_f32: Any) -> Any:
            greys = np.rint(tile_f32[0, 0, :, 0] * 255).astype(int)
            self.rows.append((int(greys.min()), int(greys.max())))
            return await super().run(tile_f32)

    height, halo_px, tile_px = 200, 3, 40
    samples = np.broadcast_to(np.arange(height, dtype=np.uint8)[:, None, None], (height, 30, 1))
    plan = tiling.plan(image.Size(30, height), tile_px, halo_px, 1)
    for strip in range(1, len(plan.rows)):
        recorder = _Rows()
        job = Job(
            png_file(samples, 8), OutOfMemoryAt(recorder, (strip,)), model(halo_px), tile_px=tile_px
        ).run()
        assert_repeated(job.pixels, samples)
        finished = plan.rows[strip - 1].resolved.stop
        assert recorder.rows[strip - 1][1] == plan.rows[strip - 1].source.stop - 1
        assert min(first for first, _ in recorder.rows[strip:]) == finished - halo_px


def test_smaller_tiles_are_told_before_they_are_computed():
    """Between the last large tile and the first small one stands the event with both sizes."""
    log: list[Any] = []

    class _Logged(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            log.append(max(tile_f32.shape[2:]))
            return await super().run(tile_f32)

    job = Job(png_file(noise(100, 100), 8), OutOfMemoryAt(_Logged(), max_px=30), model(0), tile_px=64)
    job.notify = log.append
    job.run()
    told = [event for event in log if isinstance(event, events.SmallerTiles | int)]
    small = next(i for i, event in enumerate(told) if isinstance(event, int))
    assert all(isinstance(event, events.SmallerTiles) for event in told[:small])
    assert told[small - 1].to_px >= told[small]
    assert all(isinstance(event, int) and event <= 30 for event in told[small:])


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_all_tiles_of_a_job_have_one_shape(width, height):
    """A runtime compiles for one shape: every call of a plan has it."""
    runtime = NearestRuntime()
    Job(png_file(noise(width, height, 4), 8), runtime, model(min_tile_px=24), tile_px=32).run()
    assert len(set(runtime.shapes)) == 1
    assert runtime.shapes[0][:2] == (1, 3)
    assert max(runtime.shapes[0][2:]) <= 32


@pytest.mark.parametrize(
    ("asked", "offered", "most", "used"),
    [(None, 40, 4096, 40), (32, 40, 4096, 32), (None, 40, 24, 24), (64, 40, 24, 24)],
)
def test_the_tile_size_is_the_persons_then_the_runtimes_within_the_models(asked, offered, most, used):
    """Settings win over the runtime's offer, and the model's limit over both."""
    runtime = NearestRuntime(tile_px=offered)
    Job(png_file(noise(700, 20), 8), runtime, model(max_tile_px=most), tile_px=asked).run()
    assert used - 2 <= max(runtime.shapes[0][2:]) <= used


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 30), (17, 5), (48, 20)])
def test_a_picture_smaller_than_the_smallest_tile_is_mirrored(width, height):
    """The runtime is given the picture, continued by mirroring to the right and below."""

    class _Keeps(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            self.tile = tile_f32.copy()
            return await super().run(tile_f32)

    def mirrored(length: int) -> NDArray[Any]:
        around = np.arange(48) % max(1, 2 * length - 2)
        return np.minimum(around, max(0, 2 * length - 2) - around) if length > 1 else around * 0

    runtime, samples = _Keeps(), noise(width, height)
    Job(png_file(samples, 8), runtime, model(min_tile_px=48)).run()
    given = np.rint(runtime.tile[0].transpose(1, 2, 0) * 255)
    assert np.array_equal(given, samples[mirrored(height)][:, mirrored(width)])


@pytest.mark.parametrize(("channel", "weight"), [(0, 0.299), (1, 0.587), (2, 0.114)])
def test_grey_is_the_luma_of_what_the_network_paints(channel, weight):
    """A network that colours a grey picture gives its luma (BT.601), whichever channel it paints."""

    class _Paints(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            result = await super().run(tile_f32)
            result[:, [other for other in range(3) if other != channel]] = 0
            return result

    pixels = Job(png_file(noise(40, 30, 1), 8), _Paints(), tile_px=24).run().pixels
    assert np.abs(pixels - enlarged(noise(40, 30, 1)) * weight).max() <= 0.51


def test_grey_is_the_luma_of_colours_that_can_be_shown():
    """What a network paints beyond black and white counts as black and white before it is weighed."""

    class _Overshoots(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            result = await super().run(tile_f32)
            result[:, 0], result[:, 2] = 9, -9
            return result

    samples = noise(40, 30, 1)
    pixels = Job(png_file(samples, 8), _Overshoots(), tile_px=24).run().pixels
    assert np.abs(pixels - (255 * 0.299 + enlarged(samples) * 0.587)).max() <= 0.51


def test_alpha_costs_calls_only_where_it_varies():
    """All opaque or all clear takes no call for alpha; a clear corner takes those of the tile it lies in."""
    samples = noise(100, 100, 4)
    calls = {}
    for clear in (0, 10, 100):
        samples[..., 3] = 255
        samples[:clear, :clear, 3] = 0
        runtime = NearestRuntime()
        job = Job(png_file(samples, 8), runtime, tile_px=40).run()
        calls[clear] = len(runtime.shapes) - job.done.tiles
    assert calls == {0: 0, 10: 1, 100: 0}


def _spoilt(kind: str) -> NearestRuntime:
    class _Spoilt(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            result = await super().run(tile_f32)
            if len(self.shapes) < 3:
                return result
            if kind in ("nan", "inf"):
                result[0, 1, 5, 7] = float(kind)
                return result
            if kind == "both":
                result[0, 0, 0, 0], result[0, 0, 0, 1] = np.inf, -np.inf
                return result
            return {"small": result[..., :-1], "flat": result[0], "grey": result[:, :1], "same": tile_f32}[
                kind
            ]

    return _Spoilt()


@pytest.mark.parametrize("kind", ["nan", "inf", "both", "small", "flat", "grey", "same"])
def test_wrong_numbers_end_the_job(kind):
    """One value that is no number, or a tile of another shape, is never put into a picture."""
    job = Job(png_file(noise(90, 90), 8), _spoilt(kind), tile_px=32)
    with pytest.raises(WrongNumbers) as told:
        job.run()
    assert told.value.fields == {"runtime": "nearest"}
    assert b"IEND" not in job.sink.getvalue()


def test_values_outside_the_range_are_clipped():
    """A network that overshoots gives black and white, not wrapped-around colours."""

    class _Overshoots(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            return (await super().run(tile_f32)) * 3 - 1

    samples = slopes(30, 30)
    expected = np.clip(samples.astype(float) * 3 - 255, 0, 255)
    pixels = Job(png_file(samples, 8), _Overshoots()).run().pixels
    assert np.abs(pixels - enlarged(expected)).max() <= 0.51


def test_a_lost_device_is_passed_on(at_once):
    """DeviceLost is the host's to handle: it is neither swallowed nor tried again."""

    class _Lost(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            await super().run(tile_f32)
            raise DeviceLost("gone")

    runtime = _Lost()
    with pytest.raises(DeviceLost):
        Job(png_file(noise(90, 90), 8), runtime, tile_px=32).run()
    assert len(runtime.shapes) == at_once


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_what_was_computed_is_counted(channels):
    """The pixels told at the end are those of all tiles that the runtime was given, transparency's too."""
    runtime = NearestRuntime()
    job = Job(png_file(noise(40, 75, channels), 8), runtime, tile_px=CALLS_TILE).run()
    assert job.done.computed_px == sum(height * width for *_, height, width in runtime.shapes)
