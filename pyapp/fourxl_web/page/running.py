"""Does one picture after the other, all as the form stood when Enhance was pressed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import js

from fourxl.errors import FourxlError
from fourxl_web.page import batch, error_words, messages
from fourxl_web.page.files import Finished
from fourxl_web.page.picking import sides
from fourxl_web.page.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings
    from fourxl_web.page.files import Files
    from fourxl_web.page.jobs import Jobs
    from fourxl_web.page.messages import Message
    from fourxl_web.page.remote.place import Place
    from fourxl_web.page.state import Item, State


@dataclass(frozen=True, slots=True)
class Orders:
    """What holds for every picture of a batch."""

    wanted: JobSettings | FourxlError
    """What the form asks for, or why that cannot be."""

    spec: ModelSpec | None
    place: Place


class Runner:
    """Runs the queue, one picture at a time."""

    def __init__(
        self,
        now: Callable[[], State],
        tell: Callable[[Message], None],
        do: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        jobs: Jobs,
        files: Files,
        finished: Callable[[str], None],
        ended: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """Take what is next from ``now``, give it to ``jobs`` and put what comes of it into ``files``.

        ``finished`` hears the id of every picture that is done; ``ended`` is done after the last.
        """
        self._finished, self._ended = finished, ended
        self._now, self._tell, self._do = now, tell, do
        self._jobs, self._files = jobs, files
        self._task: asyncio.Task[None] | None = None
        self.wanted: JobSettings | None = None
        """What the batch that runs, or ran last, asks for; None when that cannot be."""

    def start(self, item_ids: tuple[str, ...], orders: Orders) -> None:
        """Enlarge these pictures; those that come while a batch runs go by its own orders."""
        was_running = bool(self._now().queue)
        if not was_running:
            self.wanted = None if isinstance(orders.wanted, FourxlError) else orders.wanted
        self._tell(messages.Queued(item_ids))
        if not was_running and self._now().queue:
            self._begin()  # at once, so that a second press finds it running
            self._jobs.begin_batch()
            self._task = self._do(self._run(orders))

    def cancel(self, item_id: str | None = None) -> None:
        """Stop the whole batch, or leave out one picture of it."""
        running = self._now().running
        self._tell(messages.CancelAsked(item_id))
        if running is not None and item_id in (None, running.id):
            self._do(self._stop(running.id))

    async def _stop(self, item_id: str) -> None:
        """Stop the job of a picture, unless it ended meanwhile: then the next one's is not meant."""
        if (running := self._now().running) and running.id == item_id:
            await self._jobs.cancel()

    async def until_idle(self) -> None:
        """Wait until no batch runs."""
        while self._task is not None and not self._task.done():
            await asyncio.wait({self._task})

    def _begin(self) -> Item | None:
        """Tell whose turn it is, and return it; None when nothing is left."""
        item_id = batch.next_id(self._now())
        if item_id is None:
            return None
        self._files.result.pop(item_id, None)
        self._tell(messages.JobStarted(item_id))
        return self._now().item(item_id)

    async def _run(self, orders: Orders) -> None:
        item = self._now().running
        while item is not None:
            await self._do_one(item, orders)
            item = self._begin()
        await self._ended()

    async def _do_one(self, item: Item, orders: Orders) -> None:
        """Enlarge one picture, and tell how it ended."""
        try:
            work = await self._work(item, orders)
            self._stop_if_cancelled()
            outcome = await self._jobs.run(work, orders.place)
        except asyncio.CancelledError:
            self._tell(messages.JobCancelled())
        except FourxlError as error:
            self._tell(messages.JobFailed(error))
        except Exception as error:  # noqa: BLE001 - the last edge: say it in words, and let the next job start
            js.console.error(f"{type(error).__name__}: {error}")
            why = f"{type(error).__name__}: {error}"
            self._tell(messages.JobFailed(error_words.make(FourxlError, "fault", fault=why)))
        else:
            self._files.result[item.id] = Finished(outcome.blob, outcome.layers)
            wanted = work.wanted
            done, sent = outcome.done, outcome.sent
            self._tell(messages.JobFinished(done, wanted.format, sent, wanted.model_id, wanted))
            self._finished(item.id)

    def _stop_if_cancelled(self) -> None:
        """Raise what a cancel is that came before there was a job to be cancelled."""
        running = self._now().running
        if running is None or running.job is None or running.job.cancelling:
            raise asyncio.CancelledError

    async def _work(self, item: Item, orders: Orders) -> Work:
        """Return what is to be done with a picture.

        Raises:
            InvalidSettings: a number of the form is out of range.
        """
        if isinstance(orders.wanted, FourxlError):
            raise orders.wanted
        file, picked = self._files.source[item.id], item.picked
        sides_px = picked.sides_px or await sides.read(file)
        return Work(item.id, file, picked.name, picked.size_bytes, sides_px, orders.wanted, orders.spec)
