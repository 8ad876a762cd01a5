"""Opens runtimes and keeps the last one, so that the next picture starts at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pyodide.ffi import JsException
from pyscript.js_modules import boot

from fourxl import answer, network
from fourxl.errors import OutOfMemory, RuntimeUnavailable
from fourxl_web.worker import providers
from fourxl_web.worker.runtime import OrtWebRuntime
from fourxl_web.worker.threads import ONE_FOR_WANT_OF_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.manifest import ModelSpec
    from fourxl.network import Network
    from fourxl.weights import WeightsSource
    from fourxl_web.worker.providers import Gpu, Provider
    from fourxl_web.worker.threads import Threads

_MODULES = {"wasm": "ort.wasm.min.mjs", "webgpu": "ort.webgpu.min.mjs"}
"""Each provider has a build of its own, fetched when it is first needed."""


class FewerThreads(Exception):
    """Several threads found no memory to start in; the next attempt will be with one."""


class Sessions:
    """At most one open runtime; another model, provider or denoise strength closes it."""

    def __init__(self, source: WeightsSource, gpu: asyncio.Future[Gpu], threads: Threads) -> None:
        """Read models from ``source`` and compute on ``gpu`` when asked to; it is awaited more than once."""
        self._source, self._gpu = source, gpu
        self.threads = threads
        """What WebAssembly computes with from now on; one after a ``FewerThreads``."""

        self._modules: dict[str, Any] = {}
        self._open: tuple[tuple[str, Provider, float], OrtWebRuntime] | None = None
        self._turn = asyncio.Lock()
        """A job may come while the device is measured: it waits for the runtime, and has it then."""

        self._proven: set[tuple[str, str]] = set()
        """Models and the providers that gave their known answer."""

    async def open(
        self,
        spec: ModelSpec,
        provider: Provider,
        denoise: float = 1.0,
        unless: Callable[[], bool] = lambda: False,
    ) -> OrtWebRuntime:
        """Return a runtime for ``spec`` on ``provider``, which has given the model's known answer.

        The answer is that of the model as it was trained, whatever the ``denoise`` strength. What is open
        now stays so, if ``unless`` returns true when it is this call's turn.

        Raises:
            asyncio.CancelledError: then.
            ModelError: the weights cannot be had, or are not the published ones.
            WrongNumbers: the provider gives another answer.
            FewerThreads: to be asked again.
            RuntimeFailure: the provider does not start.
        """
        async with self._turn:
            if unless():
                raise asyncio.CancelledError
            if (spec.id, provider.name) not in self._proven:
                await answer.check_model(await self._opened(spec, provider, 1.0), spec, self._source)
                self._proven.add((spec.id, provider.name))
            return await self._opened(spec, provider, network.effective_denoise(spec, denoise))

    async def _opened(self, spec: ModelSpec, provider: Provider, denoise: float) -> OrtWebRuntime:
        """Return the open runtime if it is the one that is wanted, else that one in its place."""
        wanted = (spec.id, provider, denoise)
        if self._open is None or self._open[0] != wanted:
            await self.close()
            loaded = await network.load(spec, provider.name, self._source, denoise=denoise)
            self._open = (wanted, await self._start(provider, loaded))
        return self._open[1]

    async def _start(self, provider: Provider, loaded: Network) -> OrtWebRuntime:
        is_first = provider.name not in self._modules
        module = await self._module(provider.name)
        try:
            return await OrtWebRuntime.open(provider, module, loaded)
        except OutOfMemory as exc:
            if not is_first or self.threads.count == 1:
                raise
            del self._modules[provider.name]  # what has failed to start once never starts again
            self.threads = ONE_FOR_WANT_OF_MEMORY
            raise FewerThreads from exc

    async def close(self) -> None:
        """Give the open runtime's memory back."""
        opened, self._open = self._open, None
        if opened:
            await opened[1].close()

    async def _module(self, name: str) -> Any:
        if name not in self._modules:
            fresh = "#fresh" if self.threads is ONE_FOR_WANT_OF_MEMORY else ""  # the same file, loaded anew
            try:
                ort = await boot.load_module(f"{boot.onnxruntime_url}{_MODULES[name]}{fresh}")
            except JsException as exc:
                raise RuntimeUnavailable(
                    "The program that runs the network could not be fetched. Check the connection, then try again.",
                    about="no-program",
                ) from exc
            ort.env.wasm.wasmPaths = boot.onnxruntime_url
            ort.env.wasm.numThreads = self.threads.count
            ort.env.logLevel = "error"
            if name == "webgpu":
                ort.env.webgpu.device = await providers.open_device(await self._gpu)
            self._modules[name] = ort
        return self._modules[name]
