"""A job's way: on this device, at the server, or on this device and then at the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from fourxl.errors import FourxlError, RuntimeUnavailable, UnknownModel, WeightsUnavailable
from fourxl_web.page import error_words, messages, server_words
from fourxl_web.page.remote import steps

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from fourxl.settings import JobSettings
    from fourxl_web.page.remote.place import Place
    from fourxl_web.page.work import Outcome, Work


class Device(Protocol):
    """The engine of this device."""

    async def upscale(self, file: Any, settings: JobSettings, job_id: str) -> Outcome:
        """Return the result; what is kept of the job with that id is not done again."""

    async def cancel(self) -> None:
        """Ask the running job to stop; ``upscale`` then raises ``CancelledError``."""


class Remote(Protocol):
    """The server."""

    host: str

    async def upscale(self, work: Work, failed: FourxlError | None = None) -> Outcome:
        """Return the result; ``failed`` is why this device could not make it."""


class Jobs:
    """One job at a time; those of a batch share the answer to a question that was about all of them."""

    def __init__(
        self,
        tell: Callable[[messages.Message], None],
        may_send: Callable[[], bool],
        ask: Callable[[str, FourxlError, bool], Awaitable[bool]],
        has_more: Callable[[], bool],
    ) -> None:
        """Tell where a job is.

        ``may_send`` is whether a picture may leave without a question, at the moment of the call; ``ask`` a
        person whether it may go to a host, since the device failed, or all that fail like it, which is
        asked when the batch ``has_more`` to do.
        """
        self._tell, self._may_send, self._ask, self._has_more = tell, may_send, ask, has_more
        self.device: Device | None = None
        self.fault: FourxlError | None = None
        """Why there is no device."""

        self.remote: Remote | None = None
        self._away: asyncio.Future[Outcome] | None = None
        self._is_cancelled = False
        self._answer: bool | None = None
        """What the person said of all pictures of this batch, which holds to its end."""

    def begin_batch(self) -> None:
        """Forget what was answered for the last batch."""
        self._answer = None

    async def run(self, work: Work, place: Place) -> Outcome:
        """Return the result; ``place`` is where, by what held when Enhance was pressed.

        Raises:
            CancelledError: after ``cancel``.
            FourxlError: what is wrong, and what to do.
        """
        self._is_cancelled = False
        if place.mode == "server":
            return await self._run_away(work, None)
        try:
            return await self._run_here(work)
        except FourxlError as error:
            if self._is_cancelled:
                raise asyncio.CancelledError from error
            if not place.may_fall_back(error, work.spec):
                raise
            await self._get_leave(error)
            return await self._run_away(work, error)

    async def cancel(self) -> None:
        """Stop the running job: at once where it is away, else at its next tile."""
        self._is_cancelled = True
        if self._away is not None:
            self._away.cancel()
        elif self.device is not None:
            await self.device.cancel()

    async def _run_here(self, work: Work) -> Outcome:
        if self.device is None:
            if self.fault is None:
                raise error_words.make(RuntimeUnavailable, "engine-not-started")
            raise error_words.turned(self.fault, RuntimeUnavailable)
        if work.spec is not None and not work.spec.is_ready:
            model = server_words.label(work.spec)
            raise error_words.make(WeightsUnavailable, "not-on-site", model=model)
        return await self.device.upscale(work.file, work.wanted, work.id)

    async def _get_leave(self, error: FourxlError) -> None:
        """Return when the picture may leave; raise the device's ``error`` when it may not."""
        if self.remote is None or self._may_send():
            return
        answer = self._answer
        if answer is None:
            is_for_all = self._has_more()
            self._tell(steps.Asking(self.remote.host))
            answer = await self._ask(self.remote.host, error, is_for_all)
            self._answer = answer if is_for_all else None
        if not answer:
            raise error

    async def _run_away(self, work: Work, failed: FourxlError | None) -> Outcome:
        assert self.remote is not None  # noqa: S101 - other modes than "device" need a server
        if work.spec is not None and work.spec.is_own:
            model = server_words.label(work.spec)
            raise error_words.make(UnknownModel, "own-at-server", model=model, model_id=work.spec.id)
        self._away = asyncio.ensure_future(self.remote.upscale(work, failed))
        try:
            return await self._away
        except FourxlError as error:
            if failed is None:
                raise
            raise error_words.after(failed, error) from error
        finally:
            self._away = None
