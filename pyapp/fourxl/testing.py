"""Runtimes without a network, for tests: exact where a real one can only be close."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from fourxl.errors import OutOfMemory, RuntimeFailure
from fourxl.runtime import tiles_at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fourxl.runtime import TileRuntime

    Floats = NDArray[np.float32]


class NearestRuntime:
    """Repeats every pixel ``scale`` times; remembers the shape of every tile it was given."""

    name = "nearest"
    device = "CPU"
    reason = "It is a test."
    tiles_at_once = 1

    def __init__(self, scale: int = 4, tile_px: int = 64) -> None:
        """Offer tiles of ``tile_px``."""
        self._scale = scale
        self.tile_px = tile_px
        self.shapes: list[tuple[int, ...]] = []
        self._closed = False

    async def run(self, tile_f32: Floats) -> Floats:
        """Return the tile with every pixel repeated."""
        if self._closed:
            raise RuntimeFailure("The runtime is closed.")
        self.shapes.append(tile_f32.shape)
        await asyncio.sleep(0)
        return tile_f32.repeat(self._scale, axis=2).repeat(self._scale, axis=3)

    async def close(self) -> None:
        """Refuse tiles from now on."""
        self._closed = True


class BlurRuntime(NearestRuntime):
    """Repeats pixels after a box blur of ``radius`` with zeros outside: a network with that receptive field."""

    name = "blur"

    def __init__(self, radius: int, scale: int = 4, tile_px: int = 64) -> None:
        """Blur by ``radius`` source pixels to each side."""
        super().__init__(scale, tile_px)
        self._radius = radius

    async def run(self, tile_f32: Floats) -> Floats:
        """Return the blurred tile with every pixel repeated."""
        reach = 2 * self._radius + 1
        padded = np.pad(tile_f32, ((0, 0), (0, 0), (self._radius,) * 2, (self._radius,) * 2))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (1, 1, reach, reach))
        return await super().run(windows.mean(axis=(4, 5, 6, 7), dtype=np.float32))


class OutOfMemoryAt:
    """Another runtime that has no memory at the given calls, or for tiles above a size."""

    def __init__(self, inner: TileRuntime, calls: tuple[int, ...] = (), max_px: int | None = None) -> None:
        """Fail at the 0-based ``calls``, and at every tile with a side above ``max_px``."""
        self._inner, self._fail_at, self._max_px = inner, set(calls), max_px
        self.name, self.device, self.reason = inner.name, inner.device, inner.reason
        self.tile_px, self.tiles_at_once = inner.tile_px, tiles_at_once(inner)
        self.calls = 0

    async def run(self, tile_f32: Floats) -> Floats:
        """Return what the inner runtime returns, or fail.

        Raises:
            OutOfMemory: as arranged.
        """
        call, self.calls = self.calls, self.calls + 1
        if call in self._fail_at or (self._max_px is not None and max(tile_f32.shape[2:]) > self._max_px):
            raise OutOfMemory("There is no memory left, as the test wished.", call=call)
        return await self._inner.run(tile_f32)

    async def close(self) -> None:
        """Close the inner runtime."""
        await self._inner.close()


class LyingRuntime:
    """Another runtime whose every answer is changed: a device with a broken driver."""

    def __init__(self, inner: TileRuntime, lie: Callable[[Floats], Floats]) -> None:
        """Answer with ``lie`` of what the inner runtime answers."""
        self._inner, self._lie = inner, lie
        self.name, self.device, self.reason = inner.name, inner.device, inner.reason
        self.tile_px, self.tiles_at_once = inner.tile_px, tiles_at_once(inner)

    async def run(self, tile_f32: Floats) -> Floats:
        """Return the lie."""
        return self._lie(await self._inner.run(tile_f32))

    async def close(self) -> None:
        """Close the inner runtime."""
        await self._inner.close()


class SlowRuntime(NearestRuntime):
    """Waits before each tile until the test lets one through: ``permits.release()``."""

    name = "slow"

    def __init__(self, scale: int = 4, tile_px: int = 64) -> None:
        """Start with no tile permitted."""
        super().__init__(scale, tile_px)
        self.permits = asyncio.Semaphore(0)

    async def run(self, tile_f32: Floats) -> Floats:
        """Return the repeated tile once it is permitted."""
        await self.permits.acquire()
        return await super().run(tile_f32)
