"""Tiles through the real onnxruntime and the real swift."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourxl.errors import OutOfMemory, RuntimeFailure, RuntimeUnavailable
from fourxl.network import Network
from fourxl_native.onnx_runtime import OnnxRuntime

SWIFT = Path(__file__).parents[2] / "models" / "swift.onnx"


def noise(width: int, height: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return a tile of noise, the same in every run."""
    return np.random.default_rng(8).random((1, 3, height, width), np.float32)


def swift(threads: int = 0) -> OnnxRuntime:
    """Return a runtime with the released model."""
    return OnnxRuntime(Network(SWIFT.read_bytes()), threads=threads)


class Raising:
    """A session of onnxruntime that has nothing but an exception to give."""

    def __init__(self, error: Exception) -> None:
        """Raise ``error`` from every run."""
        self._error = error

    def run(self, _outputs: object, _feeds: object, _options: object) -> None:
        """Raise it."""
        raise self._error


@pytest.mark.parametrize(("width", "height"), [(16, 16), (31, 17), (1, 1), (3, 40)])
def test_enlarges_four_times(width: int, height: int) -> None:
    """A tile of any shape, down to a single pixel, comes back four times larger, as float32."""
    result = asyncio.run(swift().run(noise(width, height)))
    assert result.shape == (1, 3, height * 4, width * 4)
    assert result.dtype == np.float32
    assert np.isfinite(result).all()


def test_result_shows_the_tile() -> None:
    """Shrunk by averaging, the enlarged tile is about the tile again."""
    rows, columns = np.mgrid[0:24, 0:32].astype(np.float32)
    tile = np.stack([rows / 24, columns / 32, (rows + columns) / 56])[None]
    result = asyncio.run(swift().run(tile))
    shrunk = result.reshape(1, 3, 24, 4, 32, 4).mean(axis=(3, 5))
    assert np.abs(shrunk - tile).max() < 0.02


@pytest.mark.parametrize("threads", [1, 2])
def test_same_in_every_session(threads: int) -> None:
    """Another session, with as many threads or more, gives the same numbers."""
    tile = noise(40, 33)
    first, second = (asyncio.run(swift(count).run(tile)) for count in (1, threads))
    assert np.array_equal(first, second)


def test_event_loop_goes_on_while_a_tile_is_computed() -> None:
    """A tile is computed beside the event loop, which can cancel and tell in the meantime."""
    computing, seen = asyncio.Event(), asyncio.Event()

    class Waiting:
        def run(self, _outputs: object, feeds: dict[str, Any], _options: object) -> list[Any]:
            loop.call_soon_threadsafe(computing.set)
            asyncio.run_coroutine_threadsafe(seen.wait(), loop).result(60)
            return list(feeds.values())

    async def scenario() -> bool:
        nonlocal loop
        loop = asyncio.get_running_loop()
        runtime = swift()
        runtime._session = Waiting()
        task = asyncio.create_task(runtime.run(noise(2, 2)))
        await computing.wait()
        before = task.done()
        seen.set()
        await task
        return before

    loop: asyncio.AbstractEventLoop
    assert not asyncio.run(scenario())


def test_cancelling_ends_the_computation() -> None:
    """A cancelled tile is not computed to its end."""
    told: list[Exception] = []

    class Telling:
        def run(self, *given: Any) -> None:
            loop.call_soon_threadsafe(computing.set)
            try:
                session.run(*given)
            except Exception as error:
                told.append(error)
                raise

    async def scenario() -> None:
        nonlocal loop, session
        loop = asyncio.get_running_loop()
        runtime = swift()
        session, runtime._session = runtime._session, Telling()
        task = asyncio.create_task(runtime.run(noise(1024, 1024)))
        await computing.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await loop.shutdown_default_executor()

    loop: asyncio.AbstractEventLoop
    session: Any
    computing = asyncio.Event()
    asyncio.run(scenario())
    assert "terminate" in str(told[0])


@pytest.mark.parametrize("content", [b"", b"garbage", SWIFT.read_bytes()[:5000]])
def test_unreadable_network(content: bytes) -> None:
    """Bytes that are no network make no runtime, and the error says so in a sentence."""
    with pytest.raises(RuntimeUnavailable, match=r"onnxruntime cannot load this model \(.+\)\."):
        OnnxRuntime(Network(content))


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("std::bad_alloc"),
        RuntimeError("Exception during initialization: bad allocation"),
        RuntimeError("bfc_arena.cc:360 Failed to allocate memory for requested buffer of size 201326592"),
    ],
)
def test_words_of_a_failed_allocation(error: Exception) -> None:
    """However onnxruntime words a failed allocation, it is OutOfMemory, which smaller tiles may cure."""
    runtime = swift()
    runtime._session = Raising(error)
    with pytest.raises(OutOfMemory) as raised:
        asyncio.run(runtime.run(noise(2, 2)))
    assert raised.value.__cause__ is error


def test_other_failures_are_not_memory() -> None:
    """A tile that the network does not take is a failure that smaller tiles would not cure."""
    runtime = swift()
    with pytest.raises(RuntimeFailure, match="Unexpected input data type") as raised:
        asyncio.run(runtime.run(noise(4, 4).astype(np.float64)))  # type: ignore[arg-type]
    assert type(raised.value) is RuntimeFailure


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits address space as Linux does")
def test_memory_really_ends() -> None:
    """When the process may have no more memory, a large tile is OutOfMemory, a small one works, nothing is printed."""
    program = f"""
import asyncio, resource
from pathlib import Path
import numpy as np
from fourxl.errors import OutOfMemory
from fourxl.network import Network
from fourxl_native.onnx_runtime import OnnxRuntime

runtime = OnnxRuntime(Network(Path({str(SWIFT)!r}).read_bytes()), threads=1)
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


def test_closing() -> None:
    """Closing twice is fine; afterwards there is nothing to run."""

    async def scenario() -> None:
        runtime = swift()
        await runtime.close()
        await runtime.close()
        await runtime.run(noise(4, 4))

    with pytest.raises(RuntimeFailure, match="closed"):
        asyncio.run(scenario())
