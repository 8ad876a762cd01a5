"""A download goes on where it was cut, and ends with words when it cannot."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from fourxl.errors import WeightsUnavailable
from fourxl.manifest import ModelFile
from fourxl_web.worker import download

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

CONTENT = bytes(range(200))
FILE = ModelFile("a.safetensors", len(CONTENT), "0" * 64)
CHUNK_BYTES = 30
each = pytest.mark.parametrize


@dataclass
class Sent:
    """One answer of a server; after ``cut_after`` bytes the connection breaks, or hangs."""

    body: bytes
    status: int = 200
    tag: str = ""
    first_byte: int | None = None
    cut_after: int | None = None
    hangs: bool = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body in chunks up to the cut."""
        whole = self.body if self.cut_after is None else self.body[: self.cut_after]
        for at in range(0, len(whole), CHUNK_BYTES):
            await asyncio.sleep(0)
            yield whole[at : at + CHUNK_BYTES]
        if self.hangs:
            await asyncio.Event().wait()
        if self.cut_after is not None:
            raise download.Cut("broken")


@dataclass
class Server:
    """Answers with what ``reply`` makes of the request, and remembers how it was asked."""

    reply: Callable[[int, str], Sent]
    asked: list[tuple[int, str]] = field(default_factory=list)
    open_connections: int = 0

    @asynccontextmanager
    async def __call__(self, first_byte: int, tag: str) -> AsyncIterator[Sent]:
        """Answer one request."""
        self.asked.append((first_byte, tag))
        self.open_connections += 1
        try:
            yield self.reply(first_byte, tag)
        finally:
            self.open_connections -= 1


def in_turn(*replies: Sent) -> Server:
    """Return a server that gives these answers one after the other."""
    waiting = list(replies)
    return Server(lambda *_: waiting.pop(0))


def resuming(*cuts: int | None, tag: str = '"v1"') -> Server:
    """Return a server that resumes, and breaks off after so many bytes of each answer."""
    waiting = list(cuts)

    def reply(first_byte: int, asked_tag: str) -> Sent:
        cut = waiting.pop(0)
        if first_byte and asked_tag in ("", tag):
            return Sent(CONTENT[first_byte:], 206, tag, first_byte, cut)
        return Sent(CONTENT, 200, tag, None, cut)

    return Server(reply)


def receive(
    server: Server, partial: download.Partial | None = None, told: list[int] | None = None, stall_s: float = 5
) -> bytes:
    """Return what a download without patience brings."""
    partial = partial if partial is not None else download.Partial()
    heard: list[int] = [] if told is None else told
    asyncio.run(download.complete(partial, FILE, server, heard.append, waits_s=(0, 0, 0), stall_s=stall_s))
    assert server.open_connections == 0
    assert partial.received_bytes == sum(map(len, partial.chunks))
    return b"".join(partial.chunks)


def test_in_one_go() -> None:
    """A file that comes whole is asked for once, and every piece of it is told."""
    told: list[int] = []
    server = resuming(None)
    assert receive(server, told=told) == CONTENT
    assert server.asked == [(0, "")]
    assert told == [30, 60, 90, 120, 150, 180, 200]


@each("cut", range(0, 200, 13))
def test_resumes_wherever_it_was_cut(cut: int) -> None:
    """After a cut only the rest is asked for, of the same version, and the bytes are the file's."""
    server = resuming(cut, None)
    assert receive(server) == CONTENT
    assert server.asked[0] == (0, "")
    assert server.asked[1] == (cut, '"v1"')


def test_many_cuts_with_progress() -> None:
    """A connection that breaks ever again is gone on with as long as each attempt brings something."""
    server = resuming(*[CHUNK_BYTES] * 6, None)
    assert receive(server) == CONTENT
    assert len(server.asked) == 7


def test_a_server_that_cannot_resume() -> None:
    """A server that sends all of it again starts the file over: nothing is joined that does not fit."""
    server = in_turn(Sent(CONTENT, cut_after=90), Sent(CONTENT))
    assert receive(server) == CONTENT


def test_a_file_that_changed_meanwhile() -> None:
    """When the server has another version by now, none of the old one is left in it."""
    newer = CONTENT[::-1]
    server = in_turn(Sent(CONTENT, tag='"v1"', cut_after=90), Sent(newer, tag='"v2"'))
    assert receive(server) == newer
    assert server.asked == [(0, ""), (90, '"v1"')]


@each("odd", [Sent(CONTENT[50:], 206, first_byte=50), Sent(b"", 416)])
def test_another_part_than_was_asked_for(odd: Sent) -> None:
    """A part that begins elsewhere, or none at all, is thrown away, and the file is asked for from its start."""
    server = in_turn(Sent(CONTENT, cut_after=90), odd, Sent(CONTENT))
    assert receive(server) == CONTENT
    assert [first_byte for first_byte, _ in server.asked] == [0, 90, 0]


def test_gives_up_in_words() -> None:
    """When attempts bring nothing more, the error tells how far it came; the person can go on from there."""
    partial = download.Partial()
    with pytest.raises(WeightsUnavailable, match="90 of 200 bytes") as failed:
        receive(resuming(90, 0, 0, 0), partial)
    assert "Check the connection" in failed.value.message
    assert failed.value.fields["file"] == "a.safetensors"
    again = resuming(None)
    assert receive(again, partial) == CONTENT
    assert again.asked == [(90, '"v1"')]


def test_cut_at_the_same_place_for_ever() -> None:
    """A server that cannot resume and always breaks at the same place is given up too."""
    server = Server(lambda *_: Sent(CONTENT, cut_after=90))
    with pytest.raises(WeightsUnavailable, match="90 of 200 bytes"):
        receive(server)
    assert len(server.asked) == 4


@each("status", [429, 500, 503])
def test_a_server_out_of_order(status: int) -> None:
    """A server that is out of order for a moment is asked again, and what was received stays."""
    server = in_turn(Sent(CONTENT, cut_after=90), Sent(b"", status), Sent(CONTENT[90:], 206, first_byte=90))
    assert receive(server) == CONTENT


@each("status", [403, 404, 410])
def test_a_server_without_the_file(status: int) -> None:
    """A server that does not have the file is asked once, and the error tells its answer."""
    server = in_turn(Sent(b"<html>", status))
    with pytest.raises(WeightsUnavailable, match=str(status)):
        receive(server)


def test_a_connection_that_falls_silent() -> None:
    """A connection without data for long counts as cut, and is closed."""
    server = in_turn(
        Sent(CONTENT[:60], hangs=True, tag='"v1"'), Sent(CONTENT[60:], 206, '"v1"', first_byte=60)
    )
    assert receive(server, stall_s=0.05) == CONTENT


@each("length", [0, 80])
def test_a_file_that_is_too_short(length: int) -> None:
    """A file that ends early without a cut is handed over as it is: asking for more would bring nothing."""
    server = in_turn(Sent(CONTENT[:length]))
    assert receive(server) == CONTENT[:length]


def test_a_file_that_is_too_long() -> None:
    """Reading stops soon after the size that the file should have."""
    received = receive(in_turn(Sent(bytes(100_000))))
    assert len(CONTENT) < len(received) <= len(CONTENT) + CHUNK_BYTES


def test_cancelling() -> None:
    """A cancel takes effect while waiting for data, closes the connection and keeps what was received."""
    server = in_turn(Sent(CONTENT[:90], hangs=True))
    partial = download.Partial()

    async def cancel_midway() -> None:
        arrived = asyncio.Event()

        def tell(received_bytes: int) -> None:
            if received_bytes == 90:
                arrived.set()

        work = asyncio.ensure_future(download.complete(partial, FILE, server, tell))
        await arrived.wait()
        work.cancel()
        await work

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel_midway())
    assert server.open_connections == 0
    assert partial.received_bytes == 90
