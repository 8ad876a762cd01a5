"""The way to the engine's worker."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy
from pyscript import workers

from fourxl import bands, errors, events, manifest
from fourxl_web import kept, shelf, speed
from fourxl_web.page.work import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings
    from fourxl_web.kept import KeptJob
    from fourxl_web.shelf import Shelf
    from fourxl_web.speed import Measured


@dataclass(frozen=True, slots=True)
class Strip:
    """Rows of a running job's result that are finished."""

    top_share: float
    """Where they begin, as a share of the height."""

    bottom_share: float
    png: Any
    """A picture of them, a Uint8Array."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A job of an earlier visit."""

    file: Any
    """Its picture, a JavaScript File."""

    outcome: Outcome | None
    """What came of it; None when it is not done."""

    placed: events.Placed | None
    """Where it was computed."""


class EngineClient:
    """The engine as this page sees it; every call is answered by the worker."""

    def __init__(self, worker: Any, table: manifest.Manifest, *, can_keep: bool) -> None:
        """Speak with ``worker``, which serves the models of ``table``."""
        self._worker, self.table = worker, table
        self.can_keep = can_keep
        """Whether this browser lets a job outlast the visit."""

        self.keeps = can_keep
        """Whether jobs do from now on."""

    @classmethod
    async def connect(
        cls, notify: Callable[[events.Event], None], preview: Callable[[str, Strip], None]
    ) -> EngineClient:
        """Wait for the worker and start its engine; ``notify`` will hear the events of every job.

        ``preview`` is given the rows of a job with an id, as they are finished.

        Raises:
            FourxlError: what the engine says.
        """
        worker = await _worker()
        worker.on_event = create_proxy(lambda wire: notify(events.from_wire(json.loads(wire))))
        worker.on_preview = create_proxy(
            lambda job_id, top, bottom, png: preview(job_id, Strip(top, bottom, png))
        )
        site_url = js.URL.new(".", js.document.baseURI).href
        one_thread = js.document.documentElement.dataset.oneThread
        answer = await _ask(worker.start(site_url, one_thread, js.navigator.maxTouchPoints))
        js.document.documentElement.dataset.engine = "ready"  # for preflight.mjs and service_worker.mjs
        return cls(worker, manifest.parse(answer.manifest), can_keep=bool(answer.can_keep))

    async def upscale(self, file: Any, settings: JobSettings, job_id: str = "") -> Outcome:
        """Return the result; one of ``job_id`` that was kept goes on where it stopped.

        Without an id nothing is kept, and there are no previews.

        Raises:
            CancelledError: after ``cancel``.
            FourxlError: what the engine says.
        """
        return _outcome(
            await _ask(self._worker.upscale(file, json.dumps(settings.to_wire()), job_id, self.keeps))
        )

    async def keep(self, job_id: str, file: Any, settings: JobSettings, path: str) -> bool:
        """Copy the picture of a job to come, known to the person by ``path``; return whether there was room."""
        wire = json.dumps(settings.to_wire())
        return bool((await _ask(self._worker.keep(job_id, file, wire, path))).is_kept)

    async def kept(self) -> tuple[KeptJob, ...]:
        """Return the jobs of earlier visits that no open tab has."""
        answer = await _ask(self._worker.kept())
        return tuple(map(kept.from_wire, json.loads(answer.kept)))

    async def take_up(self, job_id: str) -> TakenUp:
        """Claim a job of an earlier visit.

        Raises:
            FourxlError: it is gone, or another tab was quicker.
        """
        answer = await _ask(self._worker.take_up(job_id))
        if not answer.blob:  # JavaScript's undefined
            return TakenUp(answer.file, None, None)
        wire = json.loads(answer.placed)
        placed = events.from_wire(wire) if wire else None
        return TakenUp(answer.file, _outcome(answer), placed if isinstance(placed, events.Placed) else None)

    async def drop(self, job_id: str) -> None:
        """Delete all that is kept of a job."""
        await _ask(self._worker.drop(job_id))

    async def saved(self, job_id: str) -> None:
        """Keep a result that was saved for the rest of this visit only."""
        await _ask(self._worker.saved(job_id))

    async def measure(self) -> Measured:
        """Return how quick this device is.

        Raises:
            CancelledError: a job came.
            FourxlError: what the engine says.
        """
        return speed.from_wire(json.loads((await _ask(self._worker.measure())).measured))

    async def guess_size(self, file: Any, settings: JobSettings) -> int:
        """Return about how many bytes the result will have.

        Raises:
            FourxlError: what the engine says.
        """
        answer = await _ask(self._worker.guess_size(file, json.dumps(settings.to_wire())))
        return int(answer.size_bytes)

    async def forget(self) -> None:
        """Delete models, own models and kept jobs from this device."""
        await _ask(self._worker.forget())

    async def shelf(self) -> Shelf:
        """Return which models are on this device."""
        return _shelf(await _ask(self._worker.shelf()))

    async def download(self, model_id: str) -> None:
        """Bring a model to this device.

        Raises:
            CancelledError: after ``stop_download``.
            FourxlError: what the engine says.
        """
        await _ask(self._worker.download(model_id))

    async def stop_download(self) -> None:
        """Ask the running download to stop; while the page is open the next one goes on from there."""
        await self._worker.stop_download()

    async def delete(self, model_id: str) -> Shelf:
        """Remove a model from this device and return what is there then."""
        return _shelf(await _ask(self._worker.delete(model_id)))

    async def bring(self, file: Any) -> tuple[ModelSpec, Shelf]:
        """Take a network of the person's own; return what it is, and what is on this device then.

        Raises:
            UnsuitableModel: it enlarges no pictures here.
            FourxlError: what else the engine says.
        """
        answer = await _ask(self._worker.bring(file))
        return manifest.parse(answer.manifest).models[0], _shelf(answer)

    async def cancel(self) -> None:
        """Ask the running job to stop at its next tile."""
        await self._worker.cancel()


async def _worker() -> Any:
    """Return the engine's worker once it has started.

    Raises:
        RuntimeUnavailable: it did not; preflight.mjs tells the person why.
    """
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(_event: Any = None) -> None:
        if not failed.done():
            failed.set_result(None)

    js.document.addEventListener("4xl:not-started", create_proxy(fail))
    if hasattr(js.document.documentElement.dataset, "notStarted"):
        fail()
    started = asyncio.ensure_future(workers["engine"])
    await asyncio.wait({started, failed}, return_when=asyncio.FIRST_COMPLETED)
    if started.done() and started.exception() is None:
        return started.result()
    raise errors.RuntimeUnavailable(
        "The engine could not start on this device. Reload the page to try again.",
        about="engine-did-not-start",
    )


def _outcome(answer: Any) -> Outcome:
    done = events.from_wire(json.loads(answer.done))
    assert isinstance(done, events.Done)  # noqa: S101 - our own worker's promise
    wires = json.loads(answer.layers)
    layers = tuple(zip(map(bands.from_wire, wires), list(answer.files), strict=True))
    return Outcome(answer.blob, done, layers=layers)


def _shelf(answer: Any) -> Shelf:
    return shelf.from_wire(json.loads(answer.shelf))


async def _ask(promise: Any) -> Any:
    """Return the worker's answer, or raise what it describes."""
    try:
        answer = await promise
    except JsException as exc:
        raise errors.RuntimeUnavailable(
            f"The engine does not answer any more ({exc}). Reload the page.",
            about="engine-silent",
            reason=str(exc),
        ) from exc
    if answer.ok:
        return answer
    if getattr(answer, "cancelled", False):
        raise asyncio.CancelledError
    raise errors.from_wire(json.loads(answer.error))
