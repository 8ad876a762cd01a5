"""How long a job will take here, before it starts: by what one tile took when the model was loaded."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING

import numpy as np

from fourxl import tiling
from fourxl.errors import TooSlow
from fourxl.runtime import tiles_at_once

if TYPE_CHECKING:
    from backend.library import Loaded
    from fourxl.geometry import Size
    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.settings import JobSettings

PROBE_PX = 96
"""Side of the tile that is timed: a second of the largest network, and far from what a call costs by itself."""


async def measure(runtime: TileRuntime) -> float:
    """Return the seconds that ``runtime`` takes for one source pixel, in tiles computed after first ones.

    There are as many of them as it wants at a time, so that what computes in several places is timed as a whole.
    """
    tile = np.full((1, 3, PROBE_PX, PROBE_PX), 0.5, np.float32)
    count = tiles_at_once(runtime)
    await asyncio.gather(*(runtime.run(tile) for _ in range(count)))
    started = time.perf_counter()
    await asyncio.gather(*(runtime.run(tile) for _ in range(count)))
    return (time.perf_counter() - started) / (count * PROBE_PX**2)


def estimate(size: Size, job: JobSettings, spec: ModelSpec, loaded: Loaded) -> float:
    """Return the seconds that the colours of a picture of ``size`` take; transparency may take as long again."""
    tile_px = min(job.tile_px or loaded.runtime.tile_px, spec.max_tile_px)
    plan = tiling.plan(size, tile_px, spec.halo_px, spec.min_tile_px)
    return plan.tiles * plan.tile.pixels * loaded.seconds_a_pixel


def check(size: Size, job: JobSettings, spec: ModelSpec, loaded: Loaded, max_seconds: float) -> None:
    """Return when the job is likely to be done in time.

    Raises:
        TooSlow: with the estimate and the limit.
    """
    seconds = estimate(size, job, spec, loaded)
    if seconds > max_seconds:
        raise TooSlow(
            f"{spec.label} would take about {math.ceil(seconds)} seconds for {size} pixels on this server; a job may "
            f"take {max_seconds:g}. Choose a quicker model or a smaller picture.",
            seconds=round(seconds, 1),
            max_seconds=max_seconds,
        )
