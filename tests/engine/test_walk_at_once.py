"""Several tiles under way: as many as the runtime wants, in order, and given up together by a cancel."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fourxl import events
from fourxl.testing import NearestRuntime, SlowRuntime

from .drawing import noise, png_file
from .jobs import Job, assert_repeated

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.mark.parametrize("finished", [0, 1, 4, 8])
def test_cancel_ends_the_tiles_that_are_waited_for(finished, at_once):
    """Tiles that are being computed are given up, no other begins, and the file gets no end mark."""

    class _Watched(SlowRuntime):
        """Says when the last tile has begun that may."""

        def __init__(self) -> None:
            super().__init__()
            self.begun = self.given_up = 0
            self.waiting = asyncio.Event()

        async def run(self, tile_f32: Any) -> Any:
            self.begun += 1
            if self.begun == min(9, finished + at_once):
                self.waiting.set()
            try:
                return await super().run(tile_f32)
            except asyncio.CancelledError:
                self.given_up += 1
                raise

    async def scenario() -> tuple[Job, _Watched]:
        runtime = _Watched()
        job = Job(png_file(noise(90, 90), 8), runtime, tile_px=40)
        task = asyncio.create_task(job.upscale())
        for _ in range(finished):
            runtime.permits.release()
        await runtime.waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return job, runtime

    job, runtime = asyncio.run(scenario())
    begun = min(9, finished + at_once)
    assert (runtime.begun, len(runtime.shapes), runtime.given_up) == (begun, finished, begun - finished)
    _assert_given_up(job, finished)


@pytest.mark.parametrize("finished", [1, 4, 8])
def test_cancel_between_tiles_takes_effect_at_the_next(finished, at_once):
    """A cancel that comes while a runtime does not wait is heeded before the next tile."""

    class _Blocking(NearestRuntime):
        """Computes without ever giving way."""

        async def run(self, tile_f32: Any) -> Any:
            self.shapes.append(tile_f32.shape)
            return tile_f32.repeat(4, axis=2).repeat(4, axis=3)

    async def scenario() -> tuple[Job, _Blocking]:
        runtime = _Blocking()
        job = Job(png_file(noise(90, 90), 8), runtime, tile_px=40)

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
    assert finished <= len(runtime.shapes) < finished + at_once
    _assert_given_up(job, finished)


def test_as_many_tiles_are_under_way_as_the_runtime_wants(at_once):
    """Over the ends of strips too, in order, and never more, whichever of them is ready first."""

    class _Uneven(NearestRuntime):
        """Answers only when as many tiles are under way as can be, the last of them first."""

        def __init__(self) -> None:
            super().__init__()
            self.under_way: list[asyncio.Event] = []
            self.most, self.left = 0, 9

        async def run(self, tile_f32: Any) -> Any:
            answer = await super().run(tile_f32)
            turn = asyncio.Event()
            self.under_way.append(turn)
            self.most = max(self.most, len(self.under_way))
            if len(self.under_way) == min(at_once, self.left):
                self.under_way[-1].set()
            await turn.wait()
            self.under_way.remove(turn)
            self.left -= 1
            if self.under_way:
                self.under_way[-1].set()
            return answer

    samples, runtime = noise(90, 90), _Uneven()
    job = Job(png_file(samples, 8), runtime, tile_px=40).run()
    assert_repeated(job.pixels, samples)
    assert (runtime.most, job.done.tiles) == (at_once, 9)


def test_the_runtimes_time_is_no_longer_than_the_job():
    """Tiles that are computed at the same time do not count twice."""

    class _Long(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            for _ in range(1000):
                await asyncio.sleep(0)
            return await super().run(tile_f32)

    done = Job(png_file(noise(90, 90), 8), _Long(), tile_px=40).run().done
    assert 0 < done.runtime_seconds < done.seconds


def _assert_given_up(job: Job, finished: int) -> None:
    assert len(job.told(events.Progress)) == finished
    assert job.told(events.Done) == []
    assert b"IEND" not in job.sink.getvalue()
