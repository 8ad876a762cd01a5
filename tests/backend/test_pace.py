"""How long a job will take is told before its first tile, from what the machine showed."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from backend import pace
from backend.library import Loaded
from fourxl.errors import TooSlow
from fourxl.geometry import Size
from fourxl.settings import JobSettings
from fourxl.testing import NearestRuntime
from tests.engine.jobs import SIZES, Job, model
from tests.pictures import encoded, scene


class _Clockwork(NearestRuntime):
    """Takes one second for a thousand pixels, on a clock that only it moves; the first tile takes an hour more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.now = 0.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    async def run(self, tile_f32: Any) -> Any:
        self.now += tile_f32.shape[2] * tile_f32.shape[3] / 1000 + (0 if self.shapes else 3600)
        return await super().run(tile_f32)


def loaded(seconds_a_pixel: float, tile_px: int = 64) -> Loaded:
    """Return a model that is so quick."""
    return Loaded(NearestRuntime(tile_px=tile_px), seconds_a_pixel, 1)


def test_a_runtime_is_timed_when_it_is_warm(monkeypatch):
    """What the first tile takes, which compiles, is not taken for its speed."""
    assert asyncio.run(pace.measure(_Clockwork(monkeypatch))) == pytest.approx(1 / 1000)


@pytest.mark.parametrize("tile_px", [None, 16, 33, 4096])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_estimate_counts_what_will_be_computed(width, height, tile_px):
    """It is the pixels of all tiles, halos included, that the pipeline then really asks for."""
    runtime, spec = NearestRuntime(), model(halo_px=5, min_tile_px=20, max_tile_px=60)
    Job(encoded(scene(width, height)), runtime, spec, tile_px=tile_px).run()
    computed = sum(shape[2] * shape[3] for shape in runtime.shapes)
    job = JobSettings(tile_px=tile_px)
    assert pace.estimate(Size(width, height), job, spec, loaded(0.5)) == pytest.approx(computed * 0.5)


def test_a_job_that_would_take_too_long_is_told_both_numbers():
    """Just within the limit it may start; just above it is refused in a sentence with the estimate and the limit."""
    size, job, spec = Size(60, 60), JobSettings(), model(halo_px=0)
    pace.check(size, job, spec, loaded(10 / 3600), 10.001)
    with pytest.raises(TooSlow, match=r"about 50 seconds for 60x60 pixels .* may take 49\.9") as told:
        pace.check(size, job, spec, loaded(49.95 / 3600), 49.9)
    assert told.value.fields == {"seconds": 50.0, "max_seconds": 49.9}


def test_the_estimate_that_is_told_is_above_the_limit():
    """Rounding never makes a sentence that says: about 60 seconds, and 60 are allowed."""
    with pytest.raises(TooSlow, match=r"about 61 seconds .* may take 60"):
        pace.check(Size(60, 60), JobSettings(), model(halo_px=0), loaded(60.2 / 3600), 60)
