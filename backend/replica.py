"""What a replica of Ray Serve does: it holds models and computes tiles, and knows nothing of pictures."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from backend.library import Library, read_table
from fourxl.weights import FolderSource
from fourxl_native import provider
from fourxl_native.provider import NativeProvider

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


class Tiles:
    """One replica: its models, each loaded once, on first use, and one tile at a time."""

    def __init__(self, models: Path, runtime: str, budget_bytes: int, threads: int) -> None:
        """Load from ``models`` what is asked for, to compute with ``runtime``; start with none."""
        self._table, self._chosen = read_table(models), provider.choose(runtime)
        self._library = Library(FolderSource(models), self._chosen, budget_bytes, threads)
        self._turn = asyncio.Semaphore(1)

    async def told(self) -> NativeProvider:
        """Return with what this replica computes."""
        return self._chosen

    async def open(self, model_id: str, denoise: float) -> NativeProvider:
        """Return with what this replica computes a model, which it has loaded and found right."""
        async with self._library.lend(self._table.find(model_id), denoise) as loaded:
            runtime = loaded.runtime
            return NativeProvider(runtime.name, runtime.device, runtime.reason)

    async def run(self, model_id: str, denoise: float, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the enlarged tile, for which the replica uses all its threads."""
        async with self._library.lend(self._table.find(model_id), denoise) as loaded, self._turn:
            return await loaded.runtime.run(tile_f32)
