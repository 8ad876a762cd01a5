"""What the server does with one picture: look at it, wait for its turn, enlarge it, tell how it goes."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from backend import work
from fourxl import events, image
from fourxl.errors import FourxlError, ImageTooLarge, ServerFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from backend.admission import Admission, Ticket
    from backend.settings import Limits
    from backend.work import Step
    from fourxl.manifest import Manifest, ModelSpec
    from fourxl.settings import JobSettings

    Work = Callable[[bytes, JobSettings, ModelSpec], Generator[Step, None, None]]
    """``work.enlarge`` with a library and a bound in time."""

RARELY_S = 0.1
"""Progress is not told more often than this: each telling costs Gradio milliseconds, and a small tile takes fewer."""

BEAT_S = 0.5
"""The last event is told again after this long, so that a caller who has gone is noticed."""

_NO_ROOM = "The server has no room for one more job now. Try again in a minute."


@dataclass(frozen=True, slots=True)
class Service:
    """One server: its models, its queue and its limits."""

    table: Manifest
    admission: Admission
    limits: Limits
    work: Work

    async def enlarge(self, data: bytes, job: JobSettings, ticket: Ticket) -> AsyncGenerator[Step, None]:
        """Yield what happens to the picture, its ``work.Finished`` last; the last event again while nothing does.

        Closing the iterator ends the job at its next tile. The ticket is given back when the job has ended.

        Raises:
            FourxlError: what became of it instead. No sentence of it names the file.
        """
        try:
            spec = self.table.find(job.model_id)
            await self._look(data)
            while ahead := ticket.ahead:
                yield events.Waiting(ahead)
                if ticket.ahead == ahead:  # else its turn came nearer while that was being told
                    await ticket.moved(BEAT_S)
            steps = _Steps(partial(self.work, data, job, spec), ticket.release)
        except BaseException:
            ticket.release()
            raise
        try:
            step: Step = events.Stage("reading")
            while not isinstance(step, work.Finished):
                with suppress(TimeoutError):
                    step = await steps.next(BEAT_S)
                yield step
        finally:
            steps.stop()

    async def _look(self, data: bytes) -> None:
        """Check the side of a picture, while others are served."""
        try:
            await asyncio.to_thread(check_side, data, self.limits.max_side_px)
        except RuntimeError as exc:  # the system has no thread for it
            raise ServerFailed(_NO_ROOM) from exc


def check_side(data: bytes, max_side_px: int) -> None:
    """Return when no side of the picture is longer than the limit, as its header tells.

    Raises:
        ImageTooLarge: with both numbers.
        InputError: it is no picture.
    """
    size = image.measure(data)
    if max(size.width, size.height) > max_side_px:
        raise ImageTooLarge(
            f"The picture has {size} pixels; this server takes at most {max_side_px} a side. "
            "Make it smaller or cut it first, or enlarge it on your own device, which has no such limit.",
            width=size.width,
            height=size.height,
            max_side_px=max_side_px,
        )


class _Steps:
    """A generator of steps that is run in a thread and read in an event loop."""

    def __init__(self, begin: Callable[[], Generator[Step, None, None]], ended: Callable[[], None]) -> None:
        """Start at once; ``ended`` is called in this loop when the thread is through with all its work.

        The thread has the context of its caller: ZeroGPU finds there whose request a GPU is lent for.

        Raises:
            ServerFailed: the system has no thread for it, and ``ended`` will not be called.
        """
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[Step | FourxlError] = asyncio.Queue()
        self._stopped = threading.Event()
        self._last_told = 0.0
        context = contextvars.copy_context()
        try:
            threading.Thread(target=context.run, args=(self._run, begin, ended), daemon=True).start()
        except RuntimeError as exc:
            raise ServerFailed(_NO_ROOM) from exc

    async def next(self, timeout_s: float) -> Step:
        """Return the next step.

        Raises:
            TimeoutError: there was none for so long.
            FourxlError: how the job ended instead.
        """
        async with asyncio.timeout(timeout_s):  # wait_for of Python 3.11 may swallow a cancel
            step = await self._told.get()
        if isinstance(step, FourxlError):
            raise step
        return step

    def stop(self) -> None:
        """Have the thread close its generator as soon as that has told something."""
        self._stopped.set()

    def _run(self, begin: Callable[[], Generator[Step, None, None]], ended: Callable[[], None]) -> None:
        try:
            with closing(begin()) as steps:
                for step in steps:
                    if self._stopped.is_set():
                        break
                    if not self._is_too_soon(step):
                        self._tell(step)
            self._tell(ServerFailed("The server ended the job without a result. Try again."))
        except FourxlError as error:
            self._tell(error)
        except BaseException as error:  # noqa: BLE001 - the edge of a thread: told without its message, which may hold what is private
            self._tell(ServerFailed(f"Something went wrong in the server itself ({type(error).__name__})."))
        finally:
            with suppress(RuntimeError):  # the loop has ended, and the server with it
                self._loop.call_soon_threadsafe(ended)

    def _is_too_soon(self, step: Step) -> bool:
        """Return whether a step is progress that was told a moment ago; the last tile is always told."""
        if not isinstance(step, events.Progress) or step.tile == step.tiles:
            return False
        before, now = self._last_told, time.monotonic()
        if now - before < RARELY_S:
            return True
        self._last_told = now
        return False

    def _tell(self, step: Step | FourxlError) -> None:
        """Hand over a step; what comes after a result, or after an error, is read by nobody."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._told.put_nowait, step)
