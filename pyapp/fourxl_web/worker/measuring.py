"""How quick this device is, found out while nobody waits for it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import numpy as np

from fourxl_web.speed import TILE_PX, Measured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl_web.worker.devices import Devices
    from fourxl_web.worker.providers import Provider

_BREATH_S = 0.5
"""Between two steps; a job that begins then does not wait."""


async def measure(
    devices: Devices,
    spec: ModelSpec,
    open_runtime: Callable[[Provider], Awaitable[TileRuntime]],
    is_unwanted: Callable[[], bool],
) -> Measured:
    """Return the time of one tile, after another one and the known answer; the runtime stays open for a job.

    Raises:
        asyncio.CancelledError: it is unwanted by now; at most one tile later.
    """

    async def step() -> None:
        await asyncio.sleep(_BREATH_S)
        if is_unwanted():
            raise asyncio.CancelledError

    async def attempt(lane: Provider) -> Measured:
        await step()
        runtime = await open_runtime(lane)
        tile = np.linspace(0, 1, 3 * TILE_PX**2, dtype=np.float32).reshape(1, 3, TILE_PX, TILE_PX)
        await step()
        await runtime.run(tile)
        await step()
        begun_s = time.perf_counter()
        await runtime.run(tile)
        seconds = time.perf_counter() - begun_s
        return Measured(spec.id, runtime.name, runtime.device, seconds / TILE_PX**2)

    return await devices.on_one(spec.id, "auto", attempt)
