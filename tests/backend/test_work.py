"""One job as a generator: it tells while it computes, and ends when nobody listens any more."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import closing
from itertools import islice
from typing import Any

import numpy as np
import pytest

from backend import work
from backend.library import Library
from fourxl import events, image
from fourxl.errors import (
    BrokenImage,
    DeviceLost,
    FourxlError,
    InvalidSettings,
    OutOfMemory,
    TimedOut,
    TooSlow,
    WeightsUnavailable,
)
from fourxl.settings import JobSettings
from fourxl.testing import NearestRuntime, OutOfMemoryAt, SlowRuntime
from tests.engine.jobs import Job, model
from tests.pictures import encoded, scene, with_alpha

from .doubles import Shelf

PICTURE = encoded(with_alpha(scene(130, 90)))
TILE_PX = 40


def enlarge(shelf: Any, data: bytes = PICTURE, max_seconds: float = 60, **settings: Any) -> Any:
    """Return the steps of one job with the runtime of ``shelf``."""
    job = JobSettings(**{"tile_px": TILE_PX, **settings})
    return work.enlarge(data, job, model(), shelf, max_seconds)


@pytest.mark.parametrize("settings", [{}, {"format": "jpeg", "scale": 3}, {"width": 77, "strength": 0.5}])
def test_the_steps_are_the_pipelines_and_the_file_is_the_last(settings):
    """What is told, and in which order, is what the pipeline tells; then come its very bytes, and where it was."""
    job = Job(PICTURE, tile_px=TILE_PX, **settings).run()
    *told, finished = enlarge(shelf := Shelf(), **settings)
    assert [type(event) for event in told] == [type(event) for event in job.events]
    assert [event for event in told if isinstance(event, events.Stage)] == job.told(events.Stage)
    assert finished.file == job.sink.getvalue()
    assert finished.done is told[-1]
    assert [finished.placed] == job.told(events.Placed)
    assert (shelf.lent, shelf.times) == (0, 1)


def test_steps_come_while_the_job_runs():
    """When a tile is begun, at most the news of the one before has not been heard."""
    heard: list[Any] = []
    at_tile: list[int] = []

    class _Watched(NearestRuntime):
        async def run(self, tile_f32: Any) -> Any:
            at_tile.append(sum(isinstance(step, events.Progress) for step in heard))
            return await super().run(tile_f32)

    for step in enlarge(Shelf(_Watched()), encoded(scene(130, 90))):
        heard.append(step)  # noqa: PERF402 - it has to grow with every step
    assert len(at_tile) > 9
    assert all(tiles >= number - 1 for number, tiles in enumerate(at_tile))


def test_it_runs_in_any_thread():
    """Beside a loop that runs already, as a server's does."""
    *_, finished = asyncio.run(asyncio.to_thread(list, enlarge(Shelf())))
    assert isinstance(finished, work.Finished)


@pytest.mark.parametrize("count", [1, 2, 4, 8, 13])
def test_closing_ends_the_job_at_its_next_tile(count):
    """After any number of steps: at most one more tile is begun, the model is given back, no thread stays."""
    threads = threading.active_count()
    shelf = Shelf(runtime := NearestRuntime())
    with closing(enlarge(shelf)) as steps:
        list(islice(steps, count))
        begun = len(runtime.shapes)
    assert len(runtime.shapes) <= begun + 1
    assert shelf.lent == 0
    assert threading.active_count() == threads
    gc.collect()  # a loop that was left open would be told as a warning, which is an error here


def test_a_job_that_was_never_begun_costs_nothing():
    """Closing it before its first step reads no picture and borrows no model."""
    shelf = Shelf()
    enlarge(shelf).close()
    assert shelf.times == 0


def test_a_job_that_takes_too_long_is_ended():
    """Its tile is given up, the model given back, and the limit is in the sentence and in the error's fields."""
    shelf = Shelf(SlowRuntime())
    with pytest.raises(TimedOut, match=r"after 0\.05 seconds") as told:
        list(enlarge(shelf, max_seconds=0.05))
    assert told.value.fields == {"max_seconds": 0.05}
    assert shelf.lent == 0


def test_a_job_that_would_take_too_long_is_not_begun():
    """It is refused before its first tile, with the model given back."""
    shelf = Shelf(runtime := NearestRuntime(), seconds_a_pixel=1)
    steps = enlarge(shelf)
    with pytest.raises(TooSlow):
        list(steps)
    assert (runtime.shapes, shelf.lent, shelf.times) == ([], 0, 1)


class _Failing(NearestRuntime):
    """Raises ``error`` at its third tile."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def run(self, tile_f32: Any) -> Any:
        if len(self.shapes) == 2:
            raise self._error
        return await super().run(tile_f32)


@pytest.mark.parametrize("error", [DeviceLost("gone", runtime="a"), RuntimeError("a fault")])
def test_what_the_runtime_raises_is_passed_on(error):
    """After the steps until then; the model is given back."""
    shelf, told = Shelf(_Failing(error)), []
    with pytest.raises(type(error)) as raised:
        told.extend(enlarge(shelf))
    assert raised.value is error
    assert shelf.lent == 0


def test_smaller_tiles_are_told():
    """A device with little memory goes on in smaller tiles here too, to the same pixels."""
    opaque = encoded(scene(130, 90))
    *told, finished = enlarge(Shelf(OutOfMemoryAt(NearestRuntime(), (1,))), opaque)
    assert [step for step in told if isinstance(step, events.SmallerTiles)]
    *_, plain = enlarge(Shelf(), opaque)
    assert np.array_equal(image.decode(finished.file).planes, image.decode(plain.file).planes)


class _Empty(Library):
    """A library that has nothing."""

    def __init__(self) -> None:
        pass

    def lend(self, *_: Any) -> Any:
        raise WeightsUnavailable("not here")


@pytest.mark.parametrize(
    ("shelf", "data", "settings", "error"),
    [
        (Shelf(), PICTURE[:500], {}, BrokenImage),
        (Shelf(), PICTURE, {"width": 9999}, InvalidSettings),
        (_Empty(), PICTURE, {}, WeightsUnavailable),
        (Shelf(OutOfMemoryAt(NearestRuntime(), max_px=1)), PICTURE, {}, OutOfMemory),
    ],
)
def test_errors_of_the_pipeline_are_passed_on(shelf, data, settings, error):
    """As they are: a person is told the same sentence here as on their own device."""
    with pytest.raises(error) as told:
        list(enlarge(shelf, data, **settings))
    assert isinstance(told.value, FourxlError)
