"""The models in memory: loaded once, on first use, and kept as long as there is room."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend import pace
from fourxl import manifest, network
from fourxl.errors import DeviceLost, RuntimeUnavailable, WeightsUnavailable, WrongNumbers
from fourxl.manifest import Manifest
from fourxl_native import opening, provider
from fourxl_native.provider import NativeProvider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.weights import WeightsSource

    Key = tuple[str, float]
    """A model's id, and the denoise strength that it was mixed for."""

COPIES = 4
"""What a loaded model takes, as a multiple of its files: their 16 bits become 32, and runtimes keep them arranged anew."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready."""

    runtime: TileRuntime
    seconds_a_pixel: float
    """What it takes on this machine; see ``pace``."""

    size_bytes: int
    """What it is taken to need."""


class _Abandoned(Exception):
    """Who was loading the model was cancelled meanwhile."""


class Library:
    """All models of one server. Jobs ask from threads of their own, each with an event loop of its own."""

    def __init__(
        self, source: WeightsSource, chosen: NativeProvider, budget_bytes: int, threads: int = 0
    ) -> None:
        """Load with ``chosen`` from ``source``, for so many threads (0: one a core); start empty."""
        self._source, self.provider = source, chosen
        self._budget_bytes, self._threads = budget_bytes, threads
        self._shelf: dict[Key, Future[Loaded]] = {}
        """The one used last stands last. A future is not done while its model is being loaded."""

        self._lent: dict[Key, int] = {}
        self._lock = threading.Lock()

    @property
    def loaded(self) -> list[str]:
        """Ids of the models that are ready now."""
        with self._lock:
            return sorted({model_id for (model_id, _), found in self._shelf.items() if _ready(found)})

    @property
    def seconds_a_pixel(self) -> dict[str, float]:
        """What the models that are ready now take for one source pixel, by id."""
        with self._lock:
            found = {key[0]: future.result() for key, future in self._shelf.items() if _ready(future)}
        return {model_id: found[model_id].seconds_a_pixel for model_id in sorted(found)}

    @asynccontextmanager
    async def lend(self, spec: ModelSpec, denoise: float) -> AsyncIterator[Loaded]:
        """Give the loaded model, which stays loaded as long as the block lasts.

        Raises:
            ModelError, RuntimeFailure: it cannot be loaded; who asks next tries again.
        """
        key = (spec.id, network.effective_denoise(spec, denoise))
        with self._lock:
            self._lent[key] = self._lent.get(key, 0) + 1
        try:
            yield await self._get(key, spec)
        except DeviceLost:
            self._do_without()
            raise
        finally:
            await self._give_back(key)

    async def _get(self, key: Key, spec: ModelSpec) -> Loaded:
        """Return the model, which is loaded by the first who asks; all others wait for that."""
        while True:
            with self._lock:
                future = self._shelf.pop(key, None)
                is_first = future is None
                if future is None:
                    future = Future()
                    future.set_running_or_notify_cancel()  # who waits and is cancelled does not cancel the others
                self._shelf[key] = future
            if is_first:
                await self._load(key, spec, future)
            try:
                return await asyncio.wrap_future(future)
            except _Abandoned:
                continue

    async def _load(self, key: Key, spec: ModelSpec, future: Future[Loaded]) -> None:
        """Settle ``future``, for all who wait for it."""
        try:
            runtime = await self.open(spec, key[1])
            try:
                seconds_a_pixel = await pace.measure(runtime)
            except BaseException:
                await runtime.close()
                raise
            size_bytes = COPIES * sum(file.size_bytes for file in spec.files(opening.GRAPH))
            future.set_result(Loaded(runtime, seconds_a_pixel, size_bytes))
        except BaseException as error:
            with self._lock:
                del self._shelf[key]
            future.set_exception(error if isinstance(error, Exception) else _Abandoned())
            raise

    async def open(self, spec: ModelSpec, denoise: float) -> TileRuntime:
        """Return a runtime for ``spec``; where the chosen one cannot be used, onnxruntime, which then says so."""
        try:
            return await opening.open_model(spec, self._source, self.provider, denoise, self._threads)
        except (RuntimeUnavailable, WrongNumbers) as error:
            if self.provider.name == provider.ONNXRUNTIME:
                raise
            what = "gave wrong numbers for" if isinstance(error, WrongNumbers) else "could not load"
            reason = f"{self.provider.name} {what} {spec.label}, so onnxruntime computes it on the processor."
            spare = NativeProvider(provider.ONNXRUNTIME, "CPU", reason)
            return await opening.open_model(spec, self._source, spare, denoise, self._threads)

    async def _give_back(self, key: Key) -> None:
        """Count one borrower less, and let go of what there is no room for."""
        with self._lock:
            self._lent[key] -= 1
            if not self._lent[key]:
                del self._lent[key]
            surplus = [self._shelf.pop(name).result().runtime for name in self._surplus()]
        for runtime in surplus:
            await runtime.close()

    def _do_without(self) -> None:
        """Compute on the processor from now on: of a graphics card that was lost this process can use nothing more."""
        reason = (
            "The graphics card stopped computing, so onnxruntime computes on the processor until a new start."
        )
        with self._lock:
            self.provider = NativeProvider(provider.ONNXRUNTIME, "CPU", reason)
            self._shelf = {key: found for key, found in self._shelf.items() if not found.done()}

    def _surplus(self) -> list[Key]:
        """Return the models that must go, the one used longest ago first; those that are lent stay."""
        ready = {key: found.result() for key, found in self._shelf.items() if _ready(found)}
        used_bytes = sum(loaded.size_bytes for loaded in ready.values())
        leaving = []
        for key, loaded in ready.items():
            if used_bytes > self._budget_bytes and key not in self._lent:
                leaving.append(key)
                used_bytes -= loaded.size_bytes
        return leaving


def read_table(models: Path) -> Manifest:
    """Return the table of models in a folder; those whose files are not all there are known by name only.

    Raises:
        WeightsUnavailable, BadManifest: there is no table, or it cannot be read.
    """
    try:
        table = manifest.parse((models / "manifest.json").read_bytes())
    except OSError as exc:
        raise WeightsUnavailable(
            f"There is no table of models in {models}; name its folder with --models."
        ) from exc
    return Manifest(
        tuple(spec if _is_here(spec, models) else replace(spec, graphs={}) for spec in table.models)
    )


def _is_here(spec: ModelSpec, models: Path) -> bool:
    return all((models / file.path).is_file() for file in spec.files(opening.GRAPH))


def _ready(found: Future[Loaded]) -> bool:
    return found.done() and found.exception() is None
