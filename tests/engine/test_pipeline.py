"""The whole job as laws: over a nearest-neighbour runtime the result equals ``numpy.repeat``."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fourxl import events, image, pipeline, tiling
from fourxl.errors import (
    DeviceLost,
    FourxlError,
    InputError,
    OutOfMemory,
    SideTooLong,
    WrongNumbers,
)
from fourxl.manifest import ModelSpec
from fourxl.settings import JobSettings
from fourxl.testing import BlurRuntime, NearestRuntime, OutOfMemoryAt, SlowRuntime
from PIL import Image

from .drawing import RGB_PROFILE, camera_exif, noise, pillow_file, png_file, slopes

if TYPE_CHECKING:
    from fourxl.runtime import TileRuntime
    from numpy.typing import NDArray


def _spec(halo_px: int = 3, scale: int = 4, min_tile_px: int = 1, max_tile_px: int = 4096) -> ModelSpec:
    return ModelSpec("t", "T", "Tests.", "none", scale, halo_px, min_tile_px, max_tile_px, "MIT", "here", ())


class _Job:
    """One run of the pipeline, with all that came out of it."""

    def __init__(
        self,
        data: bytes,
        runtime: TileRuntime | None = None,
        spec: ModelSpec | None = None,
        sink: Any = None,
        **settings: Any,
    ) -> None:
        self.sink = sink or io.BytesIO()
        self.events: list[Any] = []
        self.notify: Any = self.events.append
        self.opened = 0
        self._runtime = runtime or NearestRuntime()
        self._given = (data, JobSettings(**settings), spec or _spec())

    async def _open(self) -> TileRuntime:
        self.opened += 1
        return self._runtime

    async def upscale(self) -> events.Done:
        return await pipeline.upscale(*self._given, self._open, self.sink, self.notify)

    def run(self) -> _Job:
        self.done = asyncio.run(self.upscale())
        return self

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def pixels(self) -> NDArray[Any]:
        """(height, width, channels) of the result."""
        picture = image.decode(self.sink.getvalue())
        planes = [*picture.planes, *([] if picture.alpha is None else [picture.alpha])]
        return np.stack(planes, axis=2)


def _enlarged(samples: NDArray[Any], scale: int = 4) -> NDArray[Any]:
    return samples.repeat(scale, axis=0).repeat(scale, axis=1)


def _assert_repeated(result: NDArray[Any], samples: NDArray[Any], scale: int = 4) -> None:
    """Compare exactly, but for colours under alpha 0, which nobody sees and the engine may choose."""
    expected = _enlarged(samples, scale)
    if samples.shape[2] in (2, 4):
        visible = expected[..., -1:] > 0
        result, expected = result * visible, expected * visible
    assert np.array_equal(result, expected)


SIZES = [
    (1, 1), (1, 90), (90, 1), (2, 3), (20, 20),
    (31, 32), (32, 32), (33, 32), (32, 33), (33, 33), (57, 91), (130, 9), (9, 130), (75, 64),
]  # fmt: skip


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("halo_px", [0, 3, 8, 20])
def test_every_size_and_halo_is_repeated(width, height, halo_px):
    """Whatever the size, tile and halo, each pixel is repeated 4x4 and nothing else happens."""
    samples = noise(width, height)
    for tile_px in (16, 32, 50):
        job = _Job(png_file(samples, 8), spec=_spec(halo_px), tile_px=tile_px).run()
        _assert_repeated(job.pixels, samples)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("min_tile_px", [1, 48])
def test_every_kind_of_pixel_is_repeated(channels, depth, min_tile_px):
    """Grey, grey+alpha, RGB and the visible part of RGBA, in 8 and 16 bits, arrive bit for bit."""
    for width, height in ((5, 4), (70, 45)):
        samples = noise(width, height, channels, depth)
        if channels in (2, 4):
            samples[: height // 2, : width // 2, -1] = 0
        job = _Job(png_file(samples, depth), spec=_spec(min_tile_px=min_tile_px), tile_px=32).run()
        assert image.decode(job.sink.getvalue()).depth == depth
        _assert_repeated(job.pixels, samples)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_every_scale_is_repeated(scale):
    """The scale is the model's; 4 is no constant of the engine."""
    samples = noise(45, 37, 4)
    job = _Job(png_file(samples, 8), NearestRuntime(scale), _spec(scale=scale), tile_px=24).run()
    _assert_repeated(job.pixels, samples, scale)


def test_depths_convert_by_value():
    """8 bits asked as 16 are the same tones; 16 asked as 8 are the nearest ones."""
    eight, sixteen = noise(6, 5), noise(6, 5, 3, 16)
    assert np.array_equal(
        _Job(png_file(eight, 8), depth="16").run().pixels, _enlarged(eight.astype(int) * 257)
    )
    nearest = np.floor(sixteen / 257 + 0.5)
    assert np.array_equal(_Job(png_file(sixteen, 16), depth="8").run().pixels, _enlarged(nearest))


CALLS_SIZE = (40, 75)
CALLS_TILE = 28


def _calls(channels: int) -> int:
    runtime = OutOfMemoryAt(NearestRuntime())
    _Job(png_file(noise(*CALLS_SIZE, channels), 8), runtime, tile_px=CALLS_TILE).run()
    return runtime.calls


@pytest.mark.parametrize("channels", [3, 4])
def test_an_out_of_memory_at_any_call_leaves_no_trace(channels):
    """Wherever in the job memory ends once, the result is the same, and smaller tiles are told of."""
    samples = noise(*CALLS_SIZE, channels)
    data, calls = png_file(samples, 8), _calls(channels)
    assert calls >= 8
    for call in range(calls):
        job = _Job(data, OutOfMemoryAt(NearestRuntime(), (call,)), tile_px=CALLS_TILE).run()
        _assert_repeated(job.pixels, samples)
        assert len(job.told(events.SmallerTiles)) == 1


def test_two_outs_of_memory_at_any_calls_leave_no_trace():
    """The same for every pair of calls, the second in the smaller tiles of the first."""
    samples = noise(40, 60)
    data = png_file(samples, 8)
    spec = _spec(halo_px=0)
    one = OutOfMemoryAt(NearestRuntime(), (0,))
    _Job(data, one, spec, tile_px=50).run()
    assert one.calls >= 6
    for pair in combinations(range(one.calls), 2):
        runtime = OutOfMemoryAt(NearestRuntime(), pair)
        job = _Job(data, runtime, spec, tile_px=50).run()
        _assert_repeated(job.pixels, samples)
        assert len(job.told(events.SmallerTiles)) == sum(call < runtime.calls for call in pair)


@pytest.mark.parametrize("error", [OutOfMemory, MemoryError])
def test_python_running_out_of_memory_in_a_tile_is_the_same(error):
    """A MemoryError of the host while a tile is computed leads to smaller tiles like the device's own."""

    class _Once(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            if tile_f32.shape[2] > 30:
                raise error("no room")
            return await super().run(tile_f32)

    samples = noise(40, 70)
    job = _Job(png_file(samples, 8), _Once(), tile_px=40).run()
    _assert_repeated(job.pixels, samples)


@pytest.mark.parametrize("max_px", [20, 30, 64, 100, 200])
def test_tiles_shrink_until_they_fit_and_no_further(max_px):
    """With room for tiles of ``max_px``, sizes are halved until one fits; more than half of the room is used."""
    runtime = NearestRuntime()
    job = _Job(
        png_file(noise(210, 160), 8), OutOfMemoryAt(runtime, max_px=max_px), _spec(0), tile_px=300
    ).run()
    used = [max(shape[2:]) for shape in runtime.shapes]
    steps = job.told(events.SmallerTiles)
    assert max(used) <= max_px
    assert all(step.to_px == step.from_px // 2 for step in steps)
    assert all(after.from_px <= before.to_px for before, after in pairwise(steps))
    assert all(step.from_px > max_px for step in steps)
    assert bool(steps) == (max_px < 210)
    _assert_repeated(job.pixels, noise(210, 160))


@pytest.mark.parametrize(("halo_px", "min_tile_px"), [(0, 1), (8, 1), (3, 64)])
def test_below_the_floor_out_of_memory_is_told(halo_px, min_tile_px):
    """When the smallest tile does not fit either, the job ends with OutOfMemory, naming that size."""
    floor = tiling.smallest_tile(halo_px, min_tile_px)
    runtime = OutOfMemoryAt(NearestRuntime(), max_px=floor // 2)
    job = _Job(png_file(noise(150, 150), 8), runtime, _spec(halo_px, min_tile_px=min_tile_px))
    with pytest.raises(OutOfMemory, match=r"smaller model or another device") as told:
        job.run()
    assert told.value.fields["tile_px"] <= floor
    assert job.told(events.Done) == []
    assert runtime.calls < 8


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
        job = _Job(
            png_file(samples, 8), OutOfMemoryAt(recorder, (strip,)), _spec(halo_px), tile_px=tile_px
        ).run()
        _assert_repeated(job.pixels, samples)
        finished = plan.rows[strip - 1].resolved.stop
        assert recorder.rows[strip - 1][1] == plan.rows[strip - 1].source.stop - 1
        assert min(first for first, _ in recorder.rows[strip:]) == finished - halo_px


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
    job = _Job(png_file(noise(50, 300), 8), sink=_Full(writes), tile_px=32, format=format_name)
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
    job = _Job(png_file(noise(width, height), 8), runtime, _spec(0), tile_px=56).run()
    _assert_sound(job.events, job.done)


def test_smaller_tiles_are_told_before_they_are_computed():
    """Between the last large tile and the first small one stands the event with both sizes."""
    log: list[Any] = []

    class _Logged(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            log.append(max(tile_f32.shape[2:]))
            return await super().run(tile_f32)

    job = _Job(png_file(noise(100, 100), 8), OutOfMemoryAt(_Logged(), max_px=30), _spec(0), tile_px=64)
    job.notify = log.append
    job.run()
    told = [event for event in log if isinstance(event, events.SmallerTiles | int)]
    small = next(i for i, event in enumerate(told) if isinstance(event, int))
    assert all(isinstance(event, events.SmallerTiles) for event in told[:small])
    assert told[small - 1].to_px >= told[small]
    assert all(isinstance(event, int) and event <= 30 for event in told[small:])


def test_where_it_runs_is_told_before_the_first_tile():
    """The runtime is asked for once, after the picture is known to be good, and named before it computes."""
    job = _Job(png_file(noise(30, 30), 8)).run()
    kinds = [type(event) for event in job.events]
    assert job.opened == 1
    assert job.told(events.Placed) == [events.Placed("nearest", "CPU", "It is a test.")]
    assert kinds.index(events.Placed) < kinds.index(events.Progress)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_all_tiles_of_a_job_have_one_shape(width, height):
    """A runtime compiles for one shape: every call of a plan has it."""
    runtime = NearestRuntime()
    _Job(png_file(noise(width, height, 4), 8), runtime, _spec(min_tile_px=24), tile_px=32).run()
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
    _Job(png_file(noise(700, 20), 8), runtime, _spec(max_tile_px=most), tile_px=asked).run()
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
    _Job(png_file(samples, 8), runtime, _spec(min_tile_px=48)).run()
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

    pixels = _Job(png_file(noise(40, 30, 1), 8), _Paints(), tile_px=24).run().pixels
    assert np.abs(pixels - _enlarged(noise(40, 30, 1)) * weight).max() <= 0.51


def _difference(data: bytes, radius: int, halo_px: int) -> int:
    """Return the largest difference, in levels, between the tiled and the whole run under a blur."""
    whole = _Job(data, BlurRuntime(radius), _spec(halo_px), tile_px=4096).run()
    tiled = _Job(data, BlurRuntime(radius), _spec(halo_px), tile_px=32).run()
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
    job = _Job(png_file(samples, 16), tile_px=32).run()
    assert (job.pixels == 12345).all()


def test_edges_of_a_shape_do_not_darken():
    """A red shape on transparent black, blurred while it is enlarged, is red wherever it is visible."""
    samples = np.zeros((40, 40, 4), np.uint8)
    samples[12:28, 12:28] = (255, 0, 0, 255)
    job = _Job(png_file(samples, 8), BlurRuntime(2), _spec(2), tile_px=24).run()
    inner = job.pixels[16:-16, 16:-16]  # the blur of this test takes black from outside the picture
    visible = inner[..., 3] > 0
    assert len(np.unique(inner[..., 3])) > 4
    assert (inner[visible][:, 0] >= 254).all()
    assert (inner[visible][:, 1:3] == 0).all()


def test_alpha_costs_calls_only_where_it_varies():
    """All opaque or all clear takes no call for alpha; a clear corner takes those of the tile it lies in."""
    samples = noise(100, 100, 4)
    calls = {}
    for clear in (0, 10, 100):
        samples[..., 3] = 255
        samples[:clear, :clear, 3] = 0
        runtime = NearestRuntime()
        job = _Job(png_file(samples, 8), runtime, tile_px=40).run()
        calls[clear] = len(runtime.shapes) - job.done.tiles
    assert calls == {0: 0, 10: 1, 100: 0}


def test_memory_grows_with_the_width_and_not_with_the_height():
    """A picture four times as high needs no more than its own samples on top."""

    class _Discard:
        def write(self, data: bytes) -> None:
            """Forget."""

    def peak(height: int) -> int:
        data = png_file(slopes(64, height), 8)
        job = _Job(data, NearestRuntime(), _spec(8), _Discard(), tile_px=64)
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


@pytest.mark.parametrize("finished", [0, 1, 4, 8])
def test_cancel_ends_the_tile_that_is_waited_for(finished):
    """A tile that is being computed is given up, no other begins, and the file gets no end mark."""

    class _Watched(SlowRuntime):
        """Says when the tile that will not finish has begun."""

        def __init__(self) -> None:
            super().__init__()
            self.begun = 0
            self.waiting = asyncio.Event()

        async def run(self, tile_f32: Any) -> Any:
            self.begun += 1
            if self.begun > finished:
                self.waiting.set()
            return await super().run(tile_f32)

    async def scenario() -> tuple[_Job, _Watched]:
        runtime = _Watched()
        job = _Job(png_file(noise(90, 90), 8), runtime, tile_px=40)
        task = asyncio.create_task(job.upscale())
        for _ in range(finished):
            runtime.permits.release()
        await runtime.waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return job, runtime

    job, runtime = asyncio.run(scenario())
    assert (runtime.begun, len(runtime.shapes)) == (finished + 1, finished)
    _assert_given_up(job, finished)


@pytest.mark.parametrize("finished", [1, 4, 8])
def test_cancel_between_tiles_takes_effect_at_the_next(finished):
    """A cancel that comes while a runtime does not wait is heeded before the next tile."""

    class _Blocking(NearestRuntime):
        """Computes without ever giving way."""

        async def run(self, tile_f32: Any) -> Any:
            self.shapes.append(tile_f32.shape)
            return tile_f32.repeat(4, axis=2).repeat(4, axis=3)

    async def scenario() -> tuple[_Job, _Blocking]:
        runtime = _Blocking()
        job = _Job(png_file(noise(90, 90), 8), runtime, tile_px=40)

        def tell(event: events.Event) -> None:
            job.events.append(event)
            if len(job.told(events.Progress)) == finished:
                task.cancel()

        job.notify = tell
        task = asyncio.create_task(job.upscale())
        with pytest.raises(asyncio.CancelledError):
            await task
        return job, runtime

    job, runtime = asyncio.run(scenario())
    assert len(runtime.shapes) == finished
    _assert_given_up(job, finished)


def _assert_given_up(job: _Job, finished: int) -> None:
    assert len(job.told(events.Progress)) == finished
    assert job.told(events.Done) == []
    assert b"IEND" not in job.sink.getvalue()


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
    job = _Job(png_file(noise(90, 90), 8), _spoilt(kind), tile_px=32)
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
    pixels = _Job(png_file(samples, 8), _Overshoots()).run().pixels
    assert np.abs(pixels - _enlarged(expected)).max() <= 0.51


def test_a_lost_device_is_passed_on():
    """DeviceLost is the host's to handle: it is neither swallowed nor tried again."""

    class _Lost(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            await super().run(tile_f32)
            raise DeviceLost("gone")

    runtime = _Lost()
    with pytest.raises(DeviceLost):
        _Job(png_file(noise(90, 90), 8), runtime, tile_px=32).run()
    assert len(runtime.shapes) == 1


@pytest.mark.parametrize("data", [b"", b"text", png_file(noise(20, 20), 8)[:-50]])
def test_a_bad_file_asks_for_no_runtime(data):
    """No model is loaded for a picture that cannot be read."""
    job = _Job(data)
    with pytest.raises(InputError):
        job.run()
    assert job.opened == 0
    assert job.sink.getvalue() == b""


@pytest.mark.parametrize(("format_name", "width"), [("webp", 4096), ("jpeg", 16_376)])
def test_a_result_too_long_is_refused_before_any_work(format_name, width):
    """A side the format cannot hold is told before a runtime is opened; PNG takes it."""
    data = pillow_file(np.zeros((1, width, 1), np.uint8), "PNG")
    job = _Job(data, format=format_name)
    with pytest.raises(SideTooLong):
        job.run()
    assert job.opened == 0
    assert _Job(data, format="png", tile_px=1024).run().done.width == width * 4


@pytest.mark.parametrize("format_name", ["png", "jpeg", "webp"])
def test_done_tells_the_truth(format_name):
    """Size and bytes of Done are those of the file; the runtime's seconds are part of all seconds."""
    job = _Job(png_file(slopes(50, 30), 8), format=format_name, tile_px=32).run()
    data = job.sink.getvalue()
    assert job.done.size_bytes == len(data)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (job.done.width, job.done.height) == (200, 120)
        assert opened.format.lower() == format_name
    assert 0 <= job.done.runtime_seconds <= job.done.seconds


def test_the_way_of_a_photo():
    """Turned upright, with its profile, without EXIF unless asked, and with its notes in Done."""
    data = pillow_file(slopes(30, 20), "JPEG", exif=camera_exif(orientation=6), icc_profile=RGB_PROFILE)
    plain = _Job(data).run()
    with Image.open(io.BytesIO(plain.sink.getvalue())) as opened:
        assert opened.size == (80, 120)
        assert opened.info["icc_profile"] == RGB_PROFILE
        assert len(opened.getexif()) == 0
    kept = _Job(data, keep_exif=True).run()
    with Image.open(io.BytesIO(kept.sink.getvalue())) as opened:
        assert len(opened.getexif()) > 0
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    animation = pillow_file(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert len(_Job(animation).run().done.notes) == 1


def test_errors_are_ours():
    """Whatever one runtime call raises of ours arrives as it was raised."""
    for error, format_name in product((DeviceLost("a"), WrongNumbers("b")), ("png", "webp")):

        class _Fails(NearestRuntime):
            async def run(self, tile_f32: Any, error: FourxlError = error) -> Any:
                del tile_f32
                raise error

        with pytest.raises(type(error)) as told:
            _Job(png_file(noise(9, 9), 8), _Fails(), format=format_name).run()
        assert told.value is error
