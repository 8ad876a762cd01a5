"""The engine of a visit: its models, its devices, what it keeps, and at most one running job."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pyodide.ffi import to_js
from pyscript import sync

from fourxl import events, manifest, pipeline, settings
from fourxl.errors import FourxlError, WeightsUnavailable
from fourxl.notes import Note
from fourxl.own_runtime import OwnRuntime
from fourxl_web.worker import desks, measuring, reading
from fourxl_web.worker.desks import Desk
from fourxl_web.worker.devices import Devices
from fourxl_web.worker.kept_jobs import KeptJobs
from fourxl_web.worker.opfs import NoRoom
from fourxl_web.worker.own import OwnModels
from fourxl_web.worker.samples import LastSamples
from fourxl_web.worker.store import Store

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from fourxl.layers import Looks
    from fourxl.manifest import ModelSpec
    from fourxl.previews import Strip
    from fourxl.runtime import TileRuntime
    from fourxl_web.worker.providers import Provider
    from fourxl_web.worker.site import Site
    from fourxl_web.worker.threads import Threads

_LONG_S = 10.0
"""A job that took longer than this is worth a word when it would not outlast the visit."""


class Engine:
    """The models, the device, and at most one running job."""

    def __init__(self, table: manifest.Manifest, site: Site, lanes: Threads) -> None:
        """Serve the models of ``table``; the device is looked at meanwhile, since that takes its time."""
        self._table = table
        self._store = Store(site, table.models, _tell)
        self._tidying = asyncio.ensure_future(self._store.tidy())
        self._own = OwnModels(site.models_url, self._store)
        self._devices = Devices(self._own, lanes)
        self._samples = LastSamples()
        self.kept = KeptJobs()
        self._job: asyncio.Task[dict[str, Any]] | None = None
        """A picture that is enlarged, or a network that is tried out."""

        self._download: asyncio.Task[None] | None = None

    async def upscale(self, file: Any, wire: str, job_id: str, *, keeps: bool) -> dict[str, Any]:
        """Enlarge a JavaScript File or Blob as ``wire`` (JSON of JobSettings) asks.

        It is known by ``job_id``; when it ``keeps``, it goes on where a job of that id stopped.
        """
        return await self._alone(self._upscale(file, wire, job_id, keeps=keeps))

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
        await self.kept.begin()
        return {
            "manifest": manifest.to_json((*self._table.models, *self._own.specs)),
            "can_keep": self.kept.is_possible,
        }

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
            await self._devices.sessions.close()
        return await self.shelf()

    async def _open(self, spec: ModelSpec, lane: Provider, denoise: float) -> TileRuntime:
        if form := self._own.form(spec.id):
            return OwnRuntime(await self._devices.sessions.open(spec, lane), form)
        await self._store.fetch(spec)
        return await self._devices.sessions.open(spec, lane, denoise)

    async def measure(self) -> dict[str, Any]:
        """Return how quick this device is with the model that every site has; a job that comes stops it."""
        spec = self._table.find("swift")
        if not spec.is_ready:
            raise WeightsUnavailable("This site has no model to measure with.", about="nothing-to-measure")

        def is_unwanted() -> bool:
            return self._job is not None

        async def open_runtime(lane: Provider) -> TileRuntime:
            await self._store.fetch(spec)
            return await self._devices.sessions.open(spec, lane, unless=is_unwanted)

        measured = await measuring.measure(self._devices, spec, open_runtime, is_unwanted)
        return {"measured": json.dumps(measured.to_wire())}

    async def guess_size(self, file: Any, wire: str) -> dict[str, Any]:
        """Return how many bytes the result will have, more or less."""
        wanted = settings.from_wire(json.loads(wire))
        scale = self._spec(wanted.model_id).scale
        return {"size_bytes": await self._samples.guess(file, scale, wanted)}

    async def forget(self) -> dict[str, Any]:
        """Delete models, own models and kept jobs."""
        await self.kept.forget()
        await self._own.forget()
        await self._store.forget()
        await self._devices.sessions.close()
        return {}

    async def take_up(self, job_id: str) -> dict[str, Any]:
        """Return ``file`` of a job of an earlier visit, and what a finished one answered; else ``blob`` is null."""
        found = await self.kept.take_up(job_id)
        if found is None:
            raise FourxlError(
                "This picture is not kept any more, or another tab has gone on with it.", about="not-kept"
            )
        file, folder, record = found
        made = await desks.answer(folder, record.made) if record.job.phase == "done" else {"blob": None}
        return {"file": file, **made}

    def _spec(self, model_id: str) -> ModelSpec:
        return manifest.Manifest((*self._table.models, *self._own.specs)).find(model_id)

    async def _upscale(self, file: Any, wire: str, job_id: str, *, keeps: bool) -> dict[str, Any]:
        job = settings.from_wire(json.loads(wire))
        spec = self._spec(job.model_id)
        data = await reading.whole(file)
        folder = await self.kept.keep(job_id, file, wire, "") if keeps and job_id else None
        if folder is not None:
            try:
                return await self._do_kept(data, job, spec, job_id, Desk(job.format, folder))
            except NoRoom:
                await self.kept.drop(job_id)
        desk = Desk(job.format)
        done, looks = await self._do(data, job, spec, job_id, desk)
        if keeps and job_id and done.seconds > _LONG_S:
            done = done.noted(_NOT_KEPT)
        return await desk.answer(await desk.finish(done, looks))

    async def _do_kept(
        self, data: bytes, job: settings.JobSettings, spec: ModelSpec, job_id: str, desk: Desk
    ) -> dict[str, Any]:
        """Return the answer, and write down how the job stands whenever that changes."""
        await self.kept.mark(job_id, "begun")
        try:
            made = await desk.finish(*await self._do(data, job, spec, job_id, desk))
        except asyncio.CancelledError:
            desk.close()
            await self.kept.drop(job_id)
            raise
        except BaseException:
            desk.close()
            await self.kept.mark(job_id, "failed")
            raise
        await self.kept.mark(job_id, "done", made)
        return await desk.answer(made)

    async def _do(
        self, data: bytes, job: settings.JobSettings, spec: ModelSpec, job_id: str, desk: Desk
    ) -> tuple[events.Done, Looks]:
        """Return what was done on the first device that serves; the result is on the ``desk``."""

        def notify(event: events.Event) -> None:
            if isinstance(event, events.Placed):
                desk.placed = event
            _tell(event)

        async def attempt(lane: Provider) -> tuple[events.Done, Looks]:
            sink, journal, looks = await desk.begin()
            done = await pipeline.upscale(
                data, job, spec, partial(self._open, spec, lane, job.denoise), sink, notify,
                keep=journal, looks=looks, preview=partial(_preview, job_id) if job_id else None,
            )  # fmt: skip
            return done, looks

        done, looks = await self._devices.on_one(spec.id, job.device, attempt)
        obstacles = await self._store.notes(spec)
        return replace(done, notes=(*done.notes, *obstacles)), looks


_NOT_KEPT = Note(
    "not-kept", "This browser keeps no work for this page: save the result before you close or reload it."
)


def _tell(event: events.Event) -> None:
    sync.on_event(json.dumps(events.to_wire(event)))


def _preview(job_id: str, strip: Strip) -> None:
    top, bottom = strip.top, strip.top + strip.height
    sync.on_preview(job_id, top / strip.total_height, bottom / strip.total_height, to_js(strip.png))
