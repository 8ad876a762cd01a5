"""Tiles through OpenVINO on the processor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fourxl.errors import RuntimeFailure, RuntimeUnavailable
from fourxl_native.openvino_graph import Graph, Turn, in_a_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fourxl.network import Network


class OpenVinoRuntime:
    """A ``TileRuntime`` over OpenVINO's CPU plugin, in float32."""

    name = "openvino"
    device = "CPU"

    def __init__(
        self,
        network: Network,
        *,
        threads: int = 0,
        tile_px: int = 288,
        reason: str = "OpenVINO computes on the processor.",
    ) -> None:
        """Load ``network``; 0 threads lets OpenVINO choose.

        Raises:
            RuntimeUnavailable: OpenVINO cannot load the network.
        """
        try:
            self._graph: Graph | None = Graph(network, threads)
        except Exception as exc:  # OpenVINO raises bare RuntimeErrors
            raise RuntimeUnavailable(f"OpenVINO cannot load this model ({in_a_line(exc)}).") from exc
        self.tile_px, self.reason = tile_px, reason

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the enlarged tile, computed in a thread; cancelling ends the computation."""
        if self._graph is None:
            raise RuntimeFailure("The runtime is closed.")
        turn = Turn()
        try:
            return await asyncio.to_thread(self._graph.compute, tile_f32, turn)
        except asyncio.CancelledError:
            turn.cancel()
            raise

    async def close(self) -> None:
        """Drop the network; tiles under way keep it to their end."""
        self._graph = None
