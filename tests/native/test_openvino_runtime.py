"""Tiles through the real OpenVINO and the real swift."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

openvino_runtime = pytest.importorskip(
    "fourxl_native.openvino_runtime", reason="scripts/install openvino", exc_type=ImportError
)

from fourxl.errors import OutOfMemory, RuntimeFailure, RuntimeUnavailable  # noqa: E402 - after the check
from fourxl.network import Network  # noqa: E402
from tests import denoising  # noqa: E402

if TYPE_CHECKING:
    from fourxl_native.openvino_graph import Graph
    from fourxl_native.openvino_runtime import OpenVinoRuntime

SWIFT = Path(__file__).parents[2] / "models" / "swift.onnx"


def noise(width: int, height: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return a tile of noise, the same in every run."""
    return np.random.default_rng(8).random((1, 3, height, width), np.float32)


def swift(**options: Any) -> OpenVinoRuntime:
    """Return a runtime with the released model."""
    runtime: OpenVinoRuntime = openvino_runtime.OpenVinoRuntime(Network(SWIFT.read_bytes()), **options)
    return runtime


def graph_of(runtime: OpenVinoRuntime) -> Graph:
    """Return what the runtime computes with."""
    assert runtime._graph is not None
    return runtime._graph


class Raising:
    """A request of OpenVINO that has nothing but an exception to give."""

    def __init__(self, error: Exception) -> None:
        """Raise ``error`` from every run."""
        self._error = error

    def create_infer_request(self) -> Raising:
        """Return itself: it is its own network."""
        return self

    def infer(self, _inputs: object) -> None:
        """Raise it."""
        raise self._error

    def release_memory(self) -> None:
        """Have none."""


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 40), (31, 17)])
@pytest.mark.parametrize("threads", [0, 1])
def test_enlarges_four_times(width: int, height: int, threads: int) -> None:
    """A tile of any shape, down to a single pixel, comes back four times larger, as float32."""
    result = asyncio.run(swift(threads=threads).run(noise(width, height)))
    assert result.shape == (1, 3, height * 4, width * 4)
    assert result.dtype == np.float32


def test_weights_beside_the_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph finds the weights that are given with it, and nothing of them is left on the disk."""
    denoising.write_models(tmp_path / "models")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    graph, weights = (
        (tmp_path / "models" / name).read_bytes() for name in ("even.onnx", "trained.safetensors")
    )
    runtime = openvino_runtime.OpenVinoRuntime(Network(graph, weights))
    assert list(scratch.iterdir()) == []
    tile = noise(5, 4)
    expected = tile.repeat(4, axis=2).repeat(4, axis=3) * np.float32(denoising.BRIGHTNESS["trained"])
    assert np.array_equal(asyncio.run(runtime.run(tile)), expected)


@pytest.mark.parametrize("content", [b"", b"garbage", SWIFT.read_bytes()[:5000]])
def test_unreadable_network(content: bytes) -> None:
    """Bytes that are no network make no runtime, and the error says so in one line."""
    with pytest.raises(RuntimeUnavailable, match=r"^OpenVINO cannot load this model \(.+\)\.$") as raised:
        openvino_runtime.OpenVinoRuntime(Network(content))
    assert "\n" not in raised.value.message


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("Exception from ov:\nstd::bad_alloc")])
def test_words_of_a_failed_allocation(error: Exception) -> None:
    """A failed allocation is OutOfMemory, which smaller tiles may cure."""
    runtime = swift()
    graph_of(runtime)._compiled = Raising(error)
    with pytest.raises(OutOfMemory) as raised:
        asyncio.run(runtime.run(noise(2, 2)))
    assert raised.value.__cause__ is error


def test_other_failures_are_not_memory() -> None:
    """A tile that the network does not take is a failure that smaller tiles would not cure."""
    with pytest.raises(RuntimeFailure) as raised:
        asyncio.run(swift().run(np.zeros((1, 4, 4), np.float32)))
    assert type(raised.value) is RuntimeFailure


class Endless(Raising):
    """A request that computes until it is cancelled."""

    def __init__(self) -> None:
        """Compute nothing yet."""
        super().__init__(RuntimeError("Infer Request was canceled"))
        self.computing, self.cancelled = threading.Event(), threading.Event()

    def infer(self, inputs: object) -> None:
        """Tell that it has begun, and go on until cancelled."""
        self.computing.set()
        assert self.cancelled.wait(60)
        super().infer(inputs)

    def cancel(self) -> None:
        """End it."""
        self.cancelled.set()


def test_cancelling_ends_the_computation() -> None:
    """A cancelled tile is not computed to its end, and one that waited for its turn is not begun."""

    async def scenario() -> None:
        runtime = swift()
        graph_of(runtime)._compiled = under_way
        tasks = [asyncio.create_task(runtime.run(noise(4, 4))) for _ in range(2)]
        assert await asyncio.to_thread(under_way.computing.wait, 60)
        graph_of(runtime)._compiled = waiting
        for task in reversed(tasks):
            task.cancel()
        for task in tasks:
            with pytest.raises(asyncio.CancelledError):
                await task
        await asyncio.get_running_loop().shutdown_default_executor()

    under_way, waiting = Endless(), Endless()
    asyncio.run(scenario())
    assert under_way.cancelled.is_set()
    assert not waiting.computing.is_set()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits address space as Linux does")
def test_memory_really_ends() -> None:
    """When the process may have no more memory, a large tile is OutOfMemory, and a small one works after it."""
    program = f"""
import asyncio, resource
from pathlib import Path
import numpy as np
from fourxl.errors import OutOfMemory
from fourxl.network import Network
from fourxl_native.openvino_runtime import OpenVinoRuntime

runtime = OpenVinoRuntime(Network(Path({str(SWIFT)!r}).read_bytes()), threads=1)
large = np.zeros((1, 3, 1024, 1024), np.float32)
small = np.zeros((1, 3, 32, 32), np.float32)
asyncio.run(runtime.run(small))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)
try:
    asyncio.run(runtime.run(large))
except OutOfMemory:
    asyncio.run(runtime.run(small))
    print("survived")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("survived\n", "")


def test_tells_nobody(tmp_path: Path) -> None:
    """Loading OpenVINO opens no connection, asks for no address, and writes nothing into the home folder."""
    program = f"""
import sys
told = []
sys.addaudithook(lambda event, _: told.append(event) if event.startswith("socket.") else None)
import threading
from pathlib import Path
from fourxl.network import Network
from fourxl_native.openvino_runtime import OpenVinoRuntime
OpenVinoRuntime(Network(Path({str(SWIFT)!r}).read_bytes()))
for thread in threading.enumerate():
    if thread is not threading.main_thread():
        thread.join()
print(told)
"""
    environment = {"HOME": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("threads", [0, 1])
def test_threads_are_bound_to_no_core(threads: int) -> None:
    """Several processes of one thread each do not share the first core while the others are idle."""
    compiled = graph_of(swift(threads=threads))._compiled
    assert compiled is not None
    assert compiled.get_property("ENABLE_CPU_PINNING") is False
