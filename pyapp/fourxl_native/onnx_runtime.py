"""Tiles through onnxruntime on the processor."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from fourxl.errors import OutOfMemory, RuntimeFailure, RuntimeUnavailable
from fourxl.network import WEIGHTS_NAME
from fourxl.runtime import Port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fourxl.network import Network

_NO_MEMORY = ("bad allocation", "Failed to allocate", "bad_alloc")
"""onnxruntime has one exception for every failure; these words tell a failed allocation."""

_LARGE = 3 * 256**2
"""Values of a tile from which on its memory is given back at once: hundreds of MB. Smaller ones would be slower by it."""

_DTYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(double)": "float64"}
"""Other names of types are told as onnxruntime tells them."""


class OnnxRuntime:
    """A ``TileRuntime`` over onnxruntime's CPU provider."""

    name = "onnxruntime"
    device = "CPU"

    def __init__(
        self,
        network: Network,
        *,
        threads: int = 0,
        tile_px: int = 288,
        reason: str = "onnxruntime computes on the processor.",
    ) -> None:
        """Load ``network``; 0 threads lets onnxruntime choose.

        Raises:
            RuntimeUnavailable: onnxruntime cannot load the network.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4  # what fails is raised, and told in our words
        if network.weights is not None:
            options.add_external_initializers_from_files_in_memory(
                [WEIGHTS_NAME], [network.weights], [len(network.weights)]
            )
        try:
            session = onnxruntime.InferenceSession(network.graph, options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # onnxruntime raises bare RuntimeErrors of its own making
            raise RuntimeUnavailable(f"onnxruntime cannot load this model ({exc}).") from exc
        self._session: onnxruntime.InferenceSession | None = session
        self.inputs, self.outputs = (
            tuple(Port(port.name, _DTYPES.get(port.type, port.type), _shape(port)) for port in ports)
            for ports in (session.get_inputs(), session.get_outputs())
        )
        self.tile_px, self.reason = tile_px, reason

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the enlarged tile, computed in a thread; cancelling ends the computation."""
        if self._session is None:
            raise RuntimeFailure("The runtime is closed.")
        options = onnxruntime.RunOptions()
        if tile_f32.size >= _LARGE:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        try:
            return await asyncio.to_thread(_run, self._session, self.inputs[0].name, tile_f32, options)
        except asyncio.CancelledError:
            options.terminate = True
            raise

    async def close(self) -> None:
        """Drop the session; tiles under way keep it to their end."""
        self._session = None


def _shape(port: onnxruntime.NodeArg) -> tuple[int | None, ...]:
    return tuple(side if isinstance(side, int) and side > 0 else None for side in port.shape)


def _run(
    session: onnxruntime.InferenceSession,
    input_name: str,
    tile_f32: NDArray[np.float32],
    options: onnxruntime.RunOptions,
) -> NDArray[np.float32]:
    with _translated():
        result = session.run(None, {input_name: tile_f32}, options)[0]
    return np.asarray(result, dtype=np.float32)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn onnxruntime's exceptions into ours."""
    try:
        yield
    except Exception as exc:
        if any(words in str(exc) for words in _NO_MEMORY):
            raise OutOfMemory("onnxruntime found no memory for this tile.") from exc
        raise RuntimeFailure(f"onnxruntime failed: {exc}") from exc
