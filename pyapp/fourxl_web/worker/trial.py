"""A network that nobody knows yet, in a worker of its own that ends with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import js
import numpy as np
from pyodide.ffi import create_proxy, to_js
from pyscript.js_modules import boot

from fourxl.errors import OutOfMemory, RuntimeFailure, RuntimeUnavailable
from fourxl.runtime import Port
from fourxl_web.worker.runtime import is_about_memory

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PATIENCE_S = 30.0
"""For loading a network, and for each small picture; Real-ESRGAN's largest takes two seconds."""

_MOST_VALUES = 1 << 24
"""Of a result: a picture of 256 px, 9 times larger."""

_LARGEST_SIDE = 2**31 - 1


class Trial:
    """A ``RawRuntime`` on the processor; its memory is given back when it is closed."""

    def __init__(self) -> None:
        """Start the worker; it knows no network before ``open``."""
        self.inputs: tuple[Port, ...] = ()
        self.outputs: tuple[Port, ...] = ()
        options = js.Object.new()
        options.type = "module"
        self._worker = js.Worker.new(boot.trial_url, options)
        self._answer: asyncio.Future[Any] | None = None
        self._proxies = [create_proxy(self._answered), create_proxy(self._failed)]
        for name, proxy in zip(("message", "error"), self._proxies, strict=True):
            self._worker.addEventListener(name, proxy)

    @classmethod
    async def open(cls, graph: bytes) -> Trial:
        """Return a runtime for ``graph`` (ONNX).

        Raises:
            RuntimeUnavailable: onnxruntime-web does not load it, or not in time.
            OutOfMemory: there is no room for it.
        """
        trial = cls()
        try:
            question = {"folder": boot.onnxruntime_url, "module": "ort.wasm.min.mjs", "graph": to_js(graph)}
            answer = await trial._ask(question)
        except OutOfMemory:
            await trial.close()
            raise
        except RuntimeFailure as exc:
            await trial.close()
            raise RuntimeUnavailable(exc.message) from exc
        trial.inputs, trial.outputs = _ports(answer.inputs), _ports(answer.outputs)
        return trial

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the first output, a fresh array.

        Raises:
            OutOfMemory: there is no room for it.
            RuntimeUnavailable: it does not come in time.
            RuntimeFailure: anything else that went wrong.
        """
        question = {
            "values": to_js(tile_f32.reshape(-1)),
            "shape": to_js(list(tile_f32.shape)),
            "most_values": _MOST_VALUES,
        }
        answer = await self._ask(question)
        result = np.empty(tuple(answer.shape), np.float32)
        answer.values.assign_to(result.reshape(-1))
        return result

    async def close(self) -> None:
        """End the worker, whatever it is doing."""
        self._worker.terminate()
        for proxy in self._proxies:
            proxy.destroy()
        self._proxies.clear()

    async def _ask(self, question: dict[str, Any]) -> Any:
        self._answer = asyncio.get_running_loop().create_future()
        self._worker.postMessage(to_js(question, dict_converter=js.Object.fromEntries))
        try:
            answer = await asyncio.wait_for(self._answer, _PATIENCE_S)
        except TimeoutError as exc:
            raise RuntimeUnavailable(
                f"This network does not finish within {_PATIENCE_S:.0f} seconds, on a small picture; it was stopped.",
                about="too-slow-network",
                limit_s=_PATIENCE_S,
            ) from exc
        error = getattr(answer, "error", None)
        if error is None:
            return answer
        if is_about_memory(error):
            raise OutOfMemory(
                f"This network needs more memory than this page can have ({error}).",
                about="no-memory-for-network",
                reason=error,
            )
        raise RuntimeFailure(error)

    def _answered(self, event: Any) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(event.data)

    def _failed(self, event: Any) -> None:
        event.preventDefault()
        if self._answer and not self._answer.done():
            self._answer.set_exception(
                RuntimeFailure(
                    f"onnxruntime-web stopped: {event.message}", about="failed", reason=str(event.message)
                )
            )


def _ports(described: Any) -> tuple[Port, ...]:
    return tuple(Port(port.name, port.dtype, tuple(map(_side, port.shape))) for port in described)


def _side(declared: int | str) -> int | None:
    """Return a declared length; free ones have a name, or come as -1 without its sign."""
    return declared if isinstance(declared, int) and 0 < declared <= _LARGEST_SIDE else None
