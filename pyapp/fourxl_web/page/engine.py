"""The way to the engine's worker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy
from pyscript import workers

from fourxl import errors, events, manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.settings import JobSettings


class Cancelled(Exception):
    """The job ended because the person wished so."""


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
        worker = await workers["engine"]
        worker.on_event = create_proxy(lambda wire: notify(events.from_wire(json.loads(wire))))
        answer = await _ask(worker.start(js.URL.new(".", js.document.baseURI).href))
        return cls(worker, manifest.parse(answer.manifest))

    async def upscale(self, file: Any, settings: JobSettings) -> tuple[Any, events.Done]:
        """Return the result as a Blob, and what was done.

        Raises:
            Cancelled: after ``cancel``.
            FourxlError: what the engine says.
        """
        answer = await _ask(self._worker.upscale(file, json.dumps(settings.to_wire())))
        done = events.from_wire(json.loads(answer.done))
        assert isinstance(done, events.Done)  # noqa: S101 - our own worker's promise
        return answer.blob, done

    async def cancel(self) -> None:
        """Ask the running job to stop at its next tile."""
        await self._worker.cancel()


async def _ask(promise: Any) -> Any:
    """Return the worker's answer, or raise what it describes."""
    try:
        answer = await promise
    except JsException as exc:
        raise errors.FourxlError(f"The engine does not answer any more ({exc}). Reload the page.") from exc
    if answer.ok:
        return answer
    if getattr(answer, "cancelled", False):
        raise Cancelled
    raise errors.from_wire(json.loads(answer.error))
