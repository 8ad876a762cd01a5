"""Tiles through onnxruntime-web, by WebGPU or by WebAssembly.

Pixels cross the bridge once each way, as one Float32Array: ``to_js`` copies the tile out of
Python's memory, ``assign_to`` copies the answer into an array of ours. Views of Python's memory
are never handed over, since it may move while the session runs.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import js
import numpy as np
from pyodide.ffi import JsException, to_js

from fourxl.errors import DeviceLost, OutOfMemory, RuntimeFailure, RuntimeUnavailable
from fourxl.network import WEIGHTS_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fourxl.network import Network
    from fourxl_web.worker.providers import Provider

_NO_MEMORY = (
    "out of memory",
    "bad_alloc",
    "bad allocation",
    "allocation failed",
    "failed to allocate",
    "exceeds the max",
    "integer overflow",  # of a size, which has 32 bits
)
_LOST = ("device is lost", "device lost", "device was lost", "aborted", "unreachable")
"""onnxruntime-web has no types of errors; these words, in lower case, tell them apart."""


class OrtWebRuntime:
    """A ``TileRuntime`` over one session of onnxruntime-web."""

    def __init__(self, provider: Provider, ort: Any, session: Any) -> None:
        """Own ``session``, which was made by the module ``ort`` for ``provider``."""
        self.name, self.device, self.reason = provider.name, provider.device, provider.reason
        self.tile_px = provider.tile_px
        self._ort, self._session = ort, session
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, provider: Provider, ort: Any, network: Network) -> OrtWebRuntime:
        """Return a runtime for ``network``.

        Raises:
            RuntimeUnavailable: onnxruntime-web cannot start the provider or load the network.
            OutOfMemory: there is no room for the network.
        """
        options = js.Object.new()
        options.executionProviders = to_js([provider.name])
        options.graphOptimizationLevel = "all"
        if network.weights is not None:
            beside = js.Object.new()
            beside.path, beside.data = WEIGHTS_NAME, to_js(network.weights)
            options.externalData = js.Array.of(beside)
        try:
            with _translated():
                session = await ort.InferenceSession.create(to_js(network.graph), options)
        except OutOfMemory:
            raise
        except RuntimeFailure as exc:
            raise RuntimeUnavailable(
                f"{provider.name} cannot start on this device: {exc.message}",
                about="cannot-start",
                runtime=provider.name,
                reason=exc.message,
            ) from exc
        return cls(provider, ort, session)

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the enlarged tile, a fresh array.

        Tiles are computed in turn, since a session runs one at a time; two at once never end on WebGPU.
        For the same reason a cancel is taken once the session is idle again.
        """
        async with self._turn:
            if self._session is None:
                raise RuntimeFailure("The runtime is closed.", about="closed")
            tensor = self._ort.Tensor.new("float32", to_js(tile_f32.reshape(-1)), to_js(list(tile_f32.shape)))
            feeds = js.Object.new()
            setattr(feeds, self._session.inputNames[0], tensor)
            try:
                with _translated():
                    return await _to_array(await _to_its_end(self._session.run(feeds)))
            finally:
                tensor.dispose()

    async def close(self) -> None:
        """Release the session once it is idle; the module's own memory goes with the worker."""
        async with self._turn:
            session, self._session = self._session, None
            if session is not None:
                await session.release()


async def _to_its_end(promise: Any) -> Any:
    """Return what a run of the session answers; cancels are taken after that, and the answer let go."""
    answer = asyncio.ensure_future(promise)
    try:
        return await asyncio.shield(answer)
    except asyncio.CancelledError:
        while not answer.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([answer])
        if answer.exception() is None:
            _dispose(answer.result())
        raise


async def _to_array(outputs: Any) -> NDArray[np.float32]:
    tensor = next(iter(outputs.object_values()))
    try:
        values = await tensor.getData()
        result = np.empty(tuple(tensor.dims), np.float32)
        values.assign_to(result.reshape(-1))
        return result
    finally:
        _dispose(outputs)


def _dispose(outputs: Any) -> None:
    for tensor in outputs.object_values():
        tensor.dispose()


def is_about_memory(words: str) -> bool:
    """Return whether onnxruntime-web says with these words that there is no room."""
    return any(sign in words.lower() for sign in _NO_MEMORY)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what JavaScript throws into our errors."""
    try:
        yield
    except JsException as exc:
        words = str(exc).lower()
        if is_about_memory(words):
            raise OutOfMemory(
                "The device found no memory for this tile.", about="no-memory-for-this-tile"
            ) from exc
        if any(word in words for word in _LOST):
            raise DeviceLost(
                "The device stopped working during the job. Reload the page, or choose another device.",
                about="stopped",
            ) from exc
        raise RuntimeFailure(f"onnxruntime-web failed: {exc}", about="failed", reason=str(exc)) from exc
