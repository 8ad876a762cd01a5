"""The rows of a running job that are finished, opened as they come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import js
from pyodide.ffi import JsException, to_js

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Strip(Protocol):
    """Rows of a result that are finished."""

    @property
    def top_share(self) -> float:
        """Where they begin, as a share of the height."""

    @property
    def bottom_share(self) -> float:
        """Where they end."""

    @property
    def png(self) -> Any:
        """A picture of them, a Uint8Array."""


class Strips:
    """What is there of one job; another job's come in their place."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` when there is another strip to draw."""
        self._changed = changed
        self._job_id = ""
        self._opened: list[tuple[Any, float, float]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, job_id: str) -> Sequence[tuple[Any, float, float]]:
        """Return each strip of that job: its bitmap, and the shares of the height where it begins and ends."""
        return self._opened if job_id == self._job_id else ()

    def add(self, job_id: str, strip: Strip) -> None:
        """Open ``strip``, and show it with the others of its job."""
        if job_id != self._job_id or strip.top_share <= 0:  # a job that starts over begins at the top
            self.clear()
            self._job_id = job_id
        task = asyncio.ensure_future(self._open(job_id, strip))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def clear(self) -> None:
        """Let go of all of them."""
        self._job_id = ""
        for bitmap, *_ in self._opened:
            bitmap.close()
        self._opened = []

    async def _open(self, job_id: str, strip: Strip) -> None:
        try:
            bitmap = await js.createImageBitmap(js.Blob.new(to_js([strip.png])))
        except JsException:
            return  # the result itself comes in any case
        if job_id != self._job_id:
            bitmap.close()
            return
        self._opened.append((bitmap, strip.top_share, strip.bottom_share))
        self._changed()
