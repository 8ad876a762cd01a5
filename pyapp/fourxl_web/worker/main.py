"""What the page can ask of the engine: ``start``, ``upscale``, ``cancel``.

Every answer is an object with ``ok``. Errors travel as their wire form, since an exception
would arrive as a traceback; events go out as JSON through ``sync.on_event``.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import to_js
from pyscript import sync

from fourxl import encode, events, manifest, pipeline, settings
from fourxl.errors import DeviceLost, FourxlError, OutOfMemory, RuntimeUnavailable, WrongNumbers
from fourxl_web.worker import providers
from fourxl_web.worker.sessions import Sessions
from fourxl_web.worker.site import MANIFEST, BlobSink, SiteSource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Engine:
    """The models, the device, and at most one running job."""

    def __init__(self, table: manifest.Manifest, source: SiteSource) -> None:
        """Serve the models of ``table``; the device is looked at meanwhile, since that takes its time."""
        self._table = table
        self._gpu = asyncio.ensure_future(providers.probe_gpu())
        self._sessions = Sessions(source, self._gpu)
        self._gpu_faults: dict[str | None, str] = {}
        """Why the GPU is out for the rest of this visit, by model; under None for all of them."""

        self._job: asyncio.Task[dict[str, Any]] | None = None

    async def upscale(self, file: Any, wire: str) -> dict[str, Any]:
        """Enlarge a JavaScript File or Blob as ``wire`` (JSON of JobSettings) asks."""
        if self._job is not None:
            raise FourxlError("Another picture is being enlarged. Wait for it, or cancel it.")
        self._job = asyncio.ensure_future(self._upscale(file, settings.from_wire(json.loads(wire))))
        try:
            return await self._job
        finally:
            self._job = None

    def cancel(self) -> None:
        """Stop the running job at its next tile; without one, do nothing."""
        if self._job is not None:
            self._job.cancel()

    async def _upscale(self, file: Any, job: settings.JobSettings) -> dict[str, Any]:
        spec = self._table.find(job.model_id)
        data = (await file.arrayBuffer()).to_bytes()
        gpu = await self._gpu
        while True:
            fault = self._gpu_faults.get(None) or self._gpu_faults.get(spec.id, "")
            lane, *others = providers.providers(gpu, job.device, fault)
            sink = BlobSink()
            try:
                done = await pipeline.upscale(
                    data, job, spec, partial(self._sessions.open, spec, lane, job.denoise), sink, _tell
                )
            except (DeviceLost, WrongNumbers, RuntimeUnavailable) as error:
                await self._sessions.close()
                if not others:
                    raise
                is_gone = isinstance(error, DeviceLost)
                self._gpu_faults[None if is_gone else spec.id] = _clause(error)
            else:
                blob = sink.blob(encode.MIME_TYPES[job.format])
                return {"blob": blob, "done": json.dumps(events.to_wire(done))}


_engine: Engine | None = None


async def start(site_url: str) -> Any:
    """Read the table of models; ``manifest`` in the answer is its JSON."""

    async def begin() -> dict[str, Any]:
        global _engine  # noqa: PLW0603 - a worker has one engine, and its exports are plain functions
        source = SiteSource(site_url)
        text = await source.fetch(MANIFEST, fresh=False)
        _engine = Engine(manifest.parse(text), source)
        return {"manifest": text.decode()}

    return await _answer(begin)


async def upscale(file: Any, wire: str) -> Any:
    """Enlarge ``file``; the answer holds ``blob`` and ``done`` (JSON), or ``cancelled``."""

    async def run() -> dict[str, Any]:
        if _engine is None:
            raise FourxlError("The engine has not been started.")
        return await _engine.upscale(file, wire)

    return await _answer(run)


def cancel() -> None:
    """Stop the running job at its next tile."""
    if _engine is not None:
        _engine.cancel()


def _tell(event: events.Event) -> None:
    sync.on_event(json.dumps(events.to_wire(event)))


def _clause(error: FourxlError) -> str:
    """Return what the GPU did wrong, as the badge tells it."""
    if not isinstance(error, WrongNumbers):
        return "the GPU failed"
    return "the GPU gave wrong numbers" + (" for a known tile" if "known_tile" in error.fields else "")


async def _answer(work: Callable[[], Awaitable[dict[str, Any]]]) -> Any:
    """Return what ``work`` returns, or its error, as a JavaScript object."""
    try:
        answer = {"ok": True, **await work()}
    except asyncio.CancelledError:
        answer = {"ok": False, "cancelled": True}
    except MemoryError:
        answer = _failed(
            OutOfMemory("This device has no memory left for this picture. Try PNG, or a smaller picture.")
        )
    except FourxlError as error:
        answer = _failed(error)
    except Exception as error:  # noqa: BLE001 - the last edge before JavaScript: say it in words and keep the worker alive
        js.console.error(f"{type(error).__name__}: {error}")
        answer = _failed(
            FourxlError(f"Something went wrong in 4XL itself ({type(error).__name__}: {error}).")
        )
    return to_js(answer, dict_converter=js.Object.fromEntries)


def _failed(error: FourxlError) -> dict[str, Any]:
    return {"ok": False, "error": json.dumps(error.to_wire())}
