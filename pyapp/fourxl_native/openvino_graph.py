"""A network compiled by OpenVINO, which computes one tile at a time."""

from __future__ import annotations

import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fourxl.errors import OutOfMemory, RuntimeFailure
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


class Turn:
    """One tile's computation, which can be cancelled from another thread."""

    def __init__(self) -> None:
        """Wait for its turn."""
        self.is_cancelled = False
        self.request: openvino.InferRequest | None = None

    def cancel(self) -> None:
        """End the computation, or keep it from beginning."""
        self.is_cancelled = True
        if self.request is not None:
            self.request.cancel()


class Graph:
    """A network on the processor, in float32. A failed allocation ruins what was compiled; the next tile does it anew."""

    def __init__(self, network: Network, threads: int) -> None:
        """Compile the network; 0 threads lets OpenVINO choose. Raises whatever OpenVINO raises."""
        self._network, self._threads = network, threads
        self._lock = threading.Lock()
        self._compiled: openvino.CompiledModel | None = self._compile()

    def compute(self, tile_f32: NDArray[np.float32], turn: Turn) -> NDArray[np.float32]:
        """Return the enlarged tile when it is its turn, and give back the memory of its layers.

        Raises:
            OutOfMemory: a smaller tile may fit.
            RuntimeFailure: anything else, also that the turn was cancelled.
        """
        with self._lock, translated():
            compiled = self._compiled or self._compile_again()
            try:
                return _infer(compiled, tile_f32, turn)
            except OutOfMemory:
                self._compiled = None
                raise
            finally:
                compiled.release_memory()

    def _compile_again(self) -> openvino.CompiledModel:
        try:
            self._compiled = self._compile()
        except Exception as exc:  # it could be compiled before: what is missing is memory
            raise OutOfMemory("OpenVINO found no memory for this model.") from exc
        return self._compiled

    def _compile(self) -> openvino.CompiledModel:
        core = openvino.Core()
        core.set_property({"ENABLE_MMAP": False})  # a file that is mapped cannot be removed everywhere
        options = {
            "INFERENCE_PRECISION_HINT": "f32",  # it would take bfloat16 where the processor has it
            "PERFORMANCE_HINT": "LATENCY",  # one tile, all threads
            "INFERENCE_NUM_THREADS": self._threads,
            "ENABLE_CPU_PINNING": False,  # bound to cores, several processes would all take the first ones
        }
        return core.compile_model(_read(core, self._network), "CPU", options)


def _read(core: openvino.Core, network: Network) -> openvino.Model:
    """Return the network; weights beside a graph are found only where both are files."""
    if network.weights is None:
        return core.read_model(network.graph)
    with tempfile.TemporaryDirectory(prefix="fourxl-") as name:
        graph = Path(name, "graph.onnx")
        graph.write_bytes(network.graph)
        Path(name, WEIGHTS_NAME).write_bytes(network.weights)
        return core.read_model(graph)


def _infer(
    compiled: openvino.CompiledModel, tile_f32: NDArray[np.float32], turn: Turn
) -> NDArray[np.float32]:
    with translated():
        turn.request = request = compiled.create_infer_request()
        if turn.is_cancelled:
            raise RuntimeError("cancelled before it began")
        request.infer({0: np.ascontiguousarray(tile_f32)})
        result = np.array(request.get_output_tensor(0).data)
        if not result.size:
            raise MemoryError("an empty result")  # which is all that OpenVINO may say of a failed allocation
    return result


@contextmanager
def translated() -> Iterator[None]:
    """Turn OpenVINO's exceptions into ours."""
    try:
        yield
    except RuntimeFailure:
        raise
    except Exception as exc:
        if isinstance(exc, MemoryError) or any(words in str(exc) for words in _NO_MEMORY):
            raise OutOfMemory("OpenVINO found no memory for this tile.") from exc
        raise RuntimeFailure(f"OpenVINO failed: {in_a_line(exc)}") from exc


def in_a_line(error: Exception) -> str:
    """Return OpenVINO's words, which run over several lines, in one."""
    return " ".join(str(error).split())
