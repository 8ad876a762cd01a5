"""The way to the engine's worker."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy
from pyscript import workers

from fourxl import errors, events, manifest
from fourxl_web import shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings
    from fourxl_web.shelf import Shelf


class EngineClient:
    """The engine as this page sees it; every call is answered by the worker."""

    def __init__(self, worker: Any, table: manifest.Manifest) -> None:
        """Speak with ``worker``, which serves the models of ``table``."""
        self._worker, self.table = worker, table

    @classmethod
    async def connect(cls, notify: Callable[[events.Event], None]) -> EngineClient:
        """Wait for the worker and start its engine; ``notify`` will hear the events of every job.

        Raises:
            FourxlError: what the engine says.
        """
        worker = await _worker()
        worker.on_event = create_proxy(lambda wire: notify(events.from_wire(json.loads(wire))))
        site_url = js.URL.new(".", js.document.baseURI).href
        one_thread = js.document.documentElement.dataset.oneThread
        answer = await _ask(worker.start(site_url, one_thread, js.navigator.maxTouchPoints))
        js.document.documentElement.dataset.engine = "ready"  # for preflight.mjs and service_worker.mjs
        return cls(worker, manifest.parse(answer.manifest))

    async def upscale(self, file: Any, settings: JobSettings) -> tuple[Any, events.Done]:
        """Return the result as a Blob, and what was done.

        Raises:
            CancelledError: after ``cancel``.
            FourxlError: what the engine says.
        """
        answer = await _ask(self._worker.upscale(file, json.dumps(settings.to_wire())))
        done = events.from_wire(json.loads(answer.done))
        assert isinstance(done, events.Done)  # noqa: S101 - our own worker's promise
        return answer.blob, done

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
