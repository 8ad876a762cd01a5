"""What the page can ask of the engine: to start, to enlarge, and about the models on this device.

Every answer is an object with ``ok``. Errors travel as their wire form, since an exception
would arrive as a traceback; events go out as JSON through ``sync.on_event``.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import to_js
from pyscript import sync

from fourxl import encode, events, manifest, pipeline, settings
from fourxl.errors import DeviceLost, FourxlError, OutOfMemory, RuntimeUnavailable, WrongNumbers
from fourxl.own_runtime import OwnRuntime
from fourxl_web.worker import providers, threads
from fourxl_web.worker.own import OwnModels
from fourxl_web.worker.sessions import FewerThreads, Sessions
from fourxl_web.worker.site import BlobSink, Site
from fourxl_web.worker.store import Store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl_web.worker.providers import Provider
    from fourxl_web.worker.threads import Threads


class Engine:
    """The models, the device, and at most one running job."""

    def __init__(self, table: manifest.Manifest, site: Site, lanes: Threads) -> None:
        """Serve the models of ``table``; the device is looked at meanwhile, since that takes its time."""
        self._table = table
        self._gpu = asyncio.ensure_future(providers.probe_gpu())
        self._store = Store(site, table.models, _tell)
        self._tidying = asyncio.ensure_future(self._store.tidy())
        self._own = OwnModels(site.models_url, self._store)
        self._sessions = Sessions(self._own, self._gpu, lanes)
        self._gpu_faults: dict[str | None, str] = {}
        """Why the GPU is out for the rest of this visit, by model; under None for all of them."""

        self._job: asyncio.Task[dict[str, Any]] | None = None
        """A picture that is enlarged, or a network that is tried out."""

        self._download: asyncio.Task[None] | None = None

    async def upscale(self, file: Any, wire: str) -> dict[str, Any]:
        """Enlarge a JavaScript File or Blob as ``wire`` (JSON of JobSettings) asks."""
        return await self._alone(self._upscale(file, settings.from_wire(json.loads(wire))))

    async def _alone(self, work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
        if self._job is not None:
            work.close()
            raise FourxlError(
                "Another picture is being enlarged. Wait for it, or cancel it.", about="another-picture"
            )
        self._job = asyncio.ensure_future(work)
        try:
            return await self._job
        finally:
            self._job = None

    async def begin(self) -> dict[str, Any]:
        """Return all models, as the JSON of a table: the site's, and those that a person brought before."""
        await self._own.restore()
        return {"manifest": manifest.to_json((*self._table.models, *self._own.specs))}

    async def bring(self, file: Any) -> dict[str, Any]:
        """Take a network of the person's own; ``manifest`` in the answer holds it alone, the rest is as ``shelf``."""
        return await self._alone(self._bring(file))

    async def _bring(self, file: Any) -> dict[str, Any]:
        spec = await self._own.add(file)
        return {"manifest": manifest.to_json([spec]), **await self.shelf()}

    def cancel(self) -> None:
        """Stop the running job at its next tile; without one, do nothing."""
        if self._job is not None:
            self._job.cancel()

    async def shelf(self) -> dict[str, Any]:
        """Return what is on this device, as the JSON of a ``Shelf``."""
        everything = (await self._store.shelf()).joined(await self._own.shelf())
        return {"shelf": json.dumps(everything.to_wire())}

    async def download(self, model_id: str) -> dict[str, Any]:
        """Bring a model to this device, one at a time."""
        if self._download is not None:
            raise FourxlError(
                "Another model is being downloaded. Wait for it, or cancel it.", about="another-download"
            )
        self._download = asyncio.ensure_future(self._store.fetch(self._table.find(model_id)))
        try:
            await self._download
        finally:
            self._download = None
        return {}

    def stop_download(self) -> None:
        """Stop the running ``download``, to be gone on with when it is asked for again."""
        if self._download is not None:
            self._download.cancel()

    async def delete(self, model_id: str) -> dict[str, Any]:
        """Remove a model from this device; then as ``shelf``. A job that computes with it goes on."""
        if self._own.form(model_id):
            await self._own.remove(model_id)
        else:
            await self._store.delete(self._table.find(model_id))
        if self._job is None:
            await self._sessions.close()
        return await self.shelf()

    async def _open(self, spec: ModelSpec, lane: Provider, denoise: float) -> TileRuntime:
        if form := self._own.form(spec.id):
            return OwnRuntime(await self._sessions.open(spec, lane), form)
        await self._store.fetch(spec)
        return await self._sessions.open(spec, lane, denoise)

    async def _upscale(self, file: Any, job: settings.JobSettings) -> dict[str, Any]:
        spec = manifest.Manifest((*self._table.models, *self._own.specs)).find(job.model_id)
        data = (await file.arrayBuffer()).to_bytes()
        gpu = await self._gpu
        while True:
            fault = self._gpu_faults.get(None) or self._gpu_faults.get(spec.id, "")
            lane, *others = providers.providers(gpu, job.device, self._sessions.threads, fault)
            sink = BlobSink()
            try:
                open_runtime = partial(self._open, spec, lane, job.denoise)
                done = await pipeline.upscale(data, job, spec, open_runtime, sink, _tell)
            except FewerThreads:
                continue
            except (DeviceLost, WrongNumbers, RuntimeUnavailable) as error:
                await self._sessions.close()
                if not others:
                    raise
                is_gone = isinstance(error, DeviceLost)
                self._gpu_faults[None if is_gone else spec.id] = _clause(error)
            else:
                done = replace(done, notes=(*done.notes, *await self._store.notes(spec)))
                blob = sink.blob(encode.MIME_TYPES[job.format])
                return {"blob": blob, "done": json.dumps(events.to_wire(done))}


_engine: Engine | None = None


async def start(site_url: str, one_thread: str, touch_points: int) -> Any:
    """Read the table of models; ``manifest`` in the answer is its JSON.

    Args:
        site_url: where the page lies; ends in a slash.
        one_thread: why the page can have only one thread, in a word of ``threads``; "" if it can have several.
        touch_points: fingers the screen tells apart.
    """

    async def begin() -> dict[str, Any]:
        global _engine  # noqa: PLW0603 - a worker has one engine, and its exports are plain functions
        site = Site(site_url)
        text = await site.read_table()
        count = threads.choose(providers.look_around(one_thread, touch_points))
        _engine = Engine(manifest.parse(text), site, count)
        return await _engine.begin()

    return await _answer(begin)


async def upscale(file: Any, wire: str) -> Any:
    """Enlarge ``file``; the answer holds ``blob`` and ``done`` (JSON), or ``cancelled``."""
    return await _answer(lambda: _running().upscale(file, wire))


def cancel() -> None:
    """Stop the running job at its next tile."""
    if _engine is not None:
        _engine.cancel()


async def shelf() -> Any:
    """Tell what is on this device; ``shelf`` in the answer is its JSON."""
    return await _answer(lambda: _running().shelf())


async def download(model_id: str) -> Any:
    """Bring a model to this device; the answer holds ``cancelled`` after ``stop_download``."""
    return await _answer(lambda: _running().download(model_id))


def stop_download() -> None:
    """Stop the running ``download``."""
    if _engine is not None:
        _engine.stop_download()


async def delete(model_id: str) -> Any:
    """Remove a model from this device; the answer is as ``shelf``'s."""
    return await _answer(lambda: _running().delete(model_id))


async def bring(file: Any) -> Any:
    """Take a network of the person's own; the answer holds ``manifest``, with that model alone, and ``shelf``."""
    return await _answer(lambda: _running().bring(file))


def _running() -> Engine:
    if _engine is None:
        raise FourxlError("The engine has not been started.", about="engine-not-started")
    return _engine


def _tell(event: events.Event) -> None:
    sync.on_event(json.dumps(events.to_wire(event)))


def _clause(error: FourxlError) -> str:
    """Return the key of what the badge tells when the GPU did that wrong."""
    if not isinstance(error, WrongNumbers):
        return "badge.cpu-gpu-failed"
    return "badge.cpu-gpu-wrong-tile" if "known_tile" in error.fields else "badge.cpu-gpu-wrong"


async def _answer(work: Callable[[], Awaitable[dict[str, Any]]]) -> Any:
    """Return what ``work`` returns, or its error, as a JavaScript object."""
    try:
        answer = {"ok": True, **await work()}
    except asyncio.CancelledError:
        answer = {"ok": False, "cancelled": True}
    except MemoryError:
        answer = _failed(
            OutOfMemory(
                "This device has no memory left for this picture. Try PNG, or a smaller picture.",
                about="no-memory-for-picture",
            )
        )
    except FourxlError as error:
        answer = _failed(error)
    except Exception as error:  # noqa: BLE001 - the last edge before JavaScript: say it in words and keep the worker alive
        js.console.error(f"{type(error).__name__}: {error}")
        fault = f"{type(error).__name__}: {error}"
        answer = _failed(
            FourxlError(f"Something went wrong in 4XL itself ({fault}).", about="fault", fault=fault)
        )
    return to_js(answer, dict_converter=js.Object.fromEntries)


def _failed(error: FourxlError) -> dict[str, Any]:
    return {"ok": False, "error": json.dumps(error.to_wire())}
