"""The public fakes do what the other tests rely on."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from fourxl.errors import OutOfMemory
from fourxl.testing import BlurRuntime, NearestRuntime, OutOfMemoryAt, SlowRuntime

from .drawing import noise


def _tile(width: int = 9, height: int = 7):
    return (noise(width, height).transpose(2, 0, 1)[None] / 255).astype(np.float32)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_nearest_repeats_and_gives_an_array_of_its_own(scale):
    """Every pixel is repeated, and the caller may write into the result."""
    tile = _tile()
    before = tile.copy()
    result = asyncio.run(NearestRuntime(scale).run(tile))
    assert np.array_equal(result, np.kron(tile, np.ones((1, 1, scale, scale), np.float32)))
    result[:] = 0
    assert np.array_equal(tile, before)


@pytest.mark.parametrize("radius", [0, 1, 3])
def test_blur_reaches_exactly_its_radius(radius):
    """One bright pixel spreads evenly over a square of that radius, and no further."""
    tile = np.zeros((1, 3, 11, 11), np.float32)
    tile[..., 5, 5] = 1
    result = asyncio.run(BlurRuntime(radius, scale=1).run(tile))
    reach = 2 * radius + 1
    expected = np.zeros((11, 11))
    expected[5 - radius : 6 + radius, 5 - radius : 6 + radius] = 1 / reach**2
    assert np.abs(result - expected).max() < 1e-6


def test_memory_ends_at_the_arranged_calls_and_sizes_only():
    """Calls are counted from 0, failures included; a side above the limit always fails."""
    runtime = OutOfMemoryAt(NearestRuntime(), (1, 3), max_px=9)
    failed = []
    for call, width in enumerate((9, 9, 9, 9, 9, 10)):
        try:
            asyncio.run(runtime.run(_tile(width)))
        except OutOfMemory:
            failed.append(call)
    assert failed == [1, 3, 5]


def test_slow_computes_as_many_tiles_as_are_permitted():
    """Without a permit a tile waits; one permit lets one tile through."""

    async def scenario() -> list[int]:
        runtime = SlowRuntime()
        tasks = [asyncio.create_task(runtime.run(_tile())) for _ in range(2)]
        counts = []
        for _ in range(2):
            for _ in range(5):
                await asyncio.sleep(0)
            counts.append(sum(task.done() for task in tasks))
            runtime.permits.release()
        await asyncio.gather(*tasks)
        return counts

    assert asyncio.run(scenario()) == [0, 1]
