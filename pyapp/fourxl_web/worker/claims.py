"""Which jobs this visit has: told to other tabs by the browser's locks, which end with the worker."""

from __future__ import annotations

import asyncio
from typing import Any

import js
from pyodide.ffi import create_once_callable

_PREFIX = "4xl-job "


class Claims:
    """Holds one lock a job."""

    def __init__(self) -> None:
        """Have nothing."""
        self._release: dict[str, Any] = {}
        """By the ids of jobs; what gives the lock back."""

    async def take(self, job_id: str) -> bool:
        """Return whether the job is this visit's, from now on or already."""
        if job_id in self._release:
            return True
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def granted(lock: Any) -> Any:
            if not lock:  # JavaScript's null
                answer.set_result(False)
                return None
            held = js.Promise.new(create_once_callable(hold))
            answer.set_result(True)
            return held

        def hold(resolve: Any, _reject: Any) -> None:
            self._release[job_id] = resolve

        options = js.Object.new()
        options.ifAvailable = True
        promise = js.navigator.locks.request(f"{_PREFIX}{job_id}", options, create_once_callable(granted))
        await asyncio.wait({answer, asyncio.ensure_future(promise)}, return_when=asyncio.FIRST_COMPLETED)
        return answer.done() and answer.result()

    def give_up(self, job_id: str) -> None:
        """Let others have the job."""
        if release := self._release.pop(job_id, None):
            release()

    def has(self, job_id: str) -> bool:
        """Return whether this visit has the job."""
        return job_id in self._release

    async def of_anyone(self) -> frozenset[str]:
        """Return the jobs that some visit has, this one included."""
        found = await js.navigator.locks.query()
        names = (str(lock.name) for lock in found.held)
        return frozenset(name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX))
