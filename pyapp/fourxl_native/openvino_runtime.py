"""Tiles through OpenVINO on the processor."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fourxl.errors import OutOfMemory, RuntimeFailure, RuntimeUnavailable
from fourxl.network import WEIGHTS_NAME

# Importing OpenVINO tells its makers of it over the network. Without this module it has nothing to do so with.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
import openvino  # noqa: E402 - after the line above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fourxl.network import Network

_NO_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate", "could not allocate", "out of memory")
"""OpenVINO raises RuntimeError for every failure; these words tell a failed allocation."""


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
        options = {
            "INFERENCE_PRECISION_HINT": "f32",  # it would take bfloat16 where the processor has it
            "PERFORMANCE_HINT": "LATENCY",  # one tile, all threads
            "INFERENCE_NUM_THREADS": threads,
        }
        try:
            compiled = _compile(network, options)
        except Exception as exc:  # OpenVINO raises bare RuntimeErrors
            raise RuntimeUnavailable(f"OpenVINO cannot load this model ({_in_a_line(exc)}).") from exc
        self._compiled: openvino.CompiledModel | None = compiled
        self.tile_px, self.reason = tile_px, reason

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the enlarged tile, computed in a thread; cancelling ends the computation."""
        if self._compiled is None:
            raise RuntimeFailure("The runtime is closed.")
        with _translated():
            request = self._compiled.create_infer_request()
        try:
            return await asyncio.to_thread(_run, self._compiled, request, tile_f32)
        except asyncio.CancelledError:
            request.cancel()
            raise

    async def close(self) -> None:
        """Drop the network; tiles under way keep it to their end."""
        self._compiled = None


def _compile(network: Network, options: dict[str, object]) -> openvino.CompiledModel:
    """Return the network compiled; OpenVINO finds weights beside a graph only where both are files."""
    core = openvino.Core()
    core.set_property({"ENABLE_MMAP": False})  # a file that is mapped cannot be removed everywhere
    with tempfile.TemporaryDirectory(prefix="fourxl-") as name:
        folder = Path(name)
        graph = folder / "graph.onnx"
        graph.write_bytes(network.graph)
        if network.weights is not None:
            (folder / WEIGHTS_NAME).write_bytes(network.weights)
        return core.compile_model(core.read_model(graph), "CPU", options)


def _run(
    compiled: openvino.CompiledModel, request: openvino.InferRequest, tile_f32: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the enlarged tile and give back the memory of its layers."""
    try:
        with _translated():
            request.infer({0: np.ascontiguousarray(tile_f32)})
            return np.array(request.get_output_tensor(0).data)
    finally:
        with suppress(RuntimeError):  # while another tile is under way; the last one does it
            compiled.release_memory()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn OpenVINO's exceptions into ours."""
    try:
        yield
    except Exception as exc:
        if isinstance(exc, MemoryError) or any(words in str(exc) for words in _NO_MEMORY):
            raise OutOfMemory("OpenVINO found no memory for this tile.") from exc
        raise RuntimeFailure(f"OpenVINO failed: {_in_a_line(exc)}") from exc


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())
