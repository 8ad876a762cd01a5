"""One file over a connection that may break: goes on where it was cut.

What speaks to the network is given as ``Ask``, so all of this runs without a browser too.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from fourxl.errors import WeightsUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from fourxl.manifest import ModelFile

WAITS_S = (0.5, 1.0, 2.0)
"""Before each attempt that follows a fruitless one; then it is given up."""

STALL_S = 30.0
"""Silence after which a connection counts as cut."""


class Cut(Exception):
    """The connection broke, or the server is out of order for the moment."""


class Answer(Protocol):
    """What a server sends."""

    status: int
    tag: str
    """A strong ETag, or nothing."""

    first_byte: int | None
    """Where a partial answer (206) begins, if it tells."""

    def chunks(self) -> AsyncIterator[Any]:
        """Yield the body in pieces that have a length.

        Raises:
            Cut: the connection broke.
        """


class Ask(Protocol):
    """Opens a connection for a file, and closes it in the end."""

    def __call__(self, first_byte: int, tag: str) -> AbstractAsyncContextManager[Answer]:
        """Ask for the file from ``first_byte`` on, all of it if it has another ``tag`` by now.

        Raises:
            Cut: there is no connection.
        """


@dataclass
class Partial:
    """What has been received of a file so far."""

    chunks: list[Any] = field(default_factory=list)
    received_bytes: int = 0
    tag: str = ""

    def restart(self, tag: str = "") -> None:
        """Forget what was received; what comes now has that ``tag``."""
        self.chunks, self.received_bytes, self.tag = [], 0, tag


async def complete(
    partial: Partial,
    file: ModelFile,
    ask: Ask,
    tell: Callable[[int], None],
    *,
    waits_s: Sequence[float] = WAITS_S,
    stall_s: float = STALL_S,
) -> None:
    """Receive the rest of ``file`` into ``partial``, telling after each piece how many bytes are there.

    The bytes may be wrong, and fewer or more than the file has; reading stops when they are more.
    Whatever ends this early, ``partial`` stays good to go on from.

    Raises:
        WeightsUnavailable: the server does not have the file, or the connection keeps breaking.
    """
    furthest, fruitless = partial.received_bytes, 0
    while partial.received_bytes < file.size_bytes:
        try:
            await _receive(partial, file, ask, tell, stall_s)
        except (Cut, TimeoutError) as exc:
            if partial.received_bytes > furthest:
                furthest, fruitless = partial.received_bytes, 0
            if fruitless == len(waits_s):
                raise WeightsUnavailable(
                    f"The model file {file.path} could not be fetched: the connection broke after "
                    f"{furthest} of {file.size_bytes} bytes. Check the connection, then try again; "
                    "it goes on from there as long as this page is open.",
                    about="cut",
                    file=file.path,
                    received_bytes=furthest,
                    total_bytes=file.size_bytes,
                ) from exc
            await asyncio.sleep(waits_s[fruitless])
            fruitless += 1
        else:
            return


async def _receive(
    partial: Partial, file: ModelFile, ask: Ask, tell: Callable[[int], None], stall_s: float
) -> None:
    """Receive what one answer holds."""
    loop = asyncio.get_running_loop()
    async with (
        asyncio.timeout(stall_s) as patience,
        ask(partial.received_bytes, partial.tag) as answer,
    ):
        _place(partial, file, answer)
        async for chunk in answer.chunks():
            patience.reschedule(loop.time() + stall_s)
            partial.chunks.append(chunk)
            partial.received_bytes += len(chunk)
            tell(partial.received_bytes)
            if partial.received_bytes > file.size_bytes:
                return


def _place(partial: Partial, file: ModelFile, answer: Answer) -> None:
    """Make ``partial`` end where ``answer`` begins."""
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        if answer.first_byte in (None, partial.received_bytes):
            return
        partial.restart()
        raise Cut("the answer is another part than was asked for")
    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        partial.restart()
        raise Cut("the file has become shorter")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Cut(f"the server answers {answer.status}")
    if answer.status != HTTPStatus.OK:
        raise WeightsUnavailable(
            f"The model file {file.path} could not be fetched: its server answers {answer.status}. "
            "Whoever provides this site should put it there; meanwhile choose another model.",
            about="not-served",
            file=file.path,
            status=answer.status,
        )
    partial.restart(answer.tag)
