"""A server of 4XL without a network: answers as it is told to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from fourxl import events
from fourxl_web.page.remote.transport import Lost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BASE = "https://space.example/up/"
API = f"{BASE}gradio_api/"
DONE = events.Done(288, 224, 6, 1.5, 1.2, 4, (), "4x")
PATH = "/tmp/4xl/a b?#%/result.png"  # noqa: S108 - a server's, with all that an address must not hold as it is
REPORT = {
    "model": "swift",
    "runtime": "openvino",
    "device": "CPU",
    "reason": "So.",
    "done": events.to_wire(DONE),
}
HEALTH = {
    "status": "ok", "runtime": "openvino", "device": "CPU", "models": ["swift"],
    "limits": {"max_side_px": 1024, "max_upload_bytes": 3000},
}  # fmt: skip
TOLD = [
    events.Waiting(2),
    events.Placed("openvino", "CPU", "So."),
    events.Stage("enlarging"),
    events.Progress(1, 4, 0.25, 3.0),
]


def sse(event: str, data: Any) -> bytes:
    """Return one event as it travels."""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()


GENERATING = [sse("generating", [None, events.to_wire(event)]) for event in TOLD]
COMPLETE = sse("complete", [{"path": PATH, "url": "http://wrong/"}, REPORT])
HEARTBEAT = sse("heartbeat", None)


@dataclass
class Blob:
    """A JavaScript Blob."""

    content: bytes

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.content)


@dataclass
class Answer:
    """One reply; ``breaks`` is where the connection does: before any ``head``, or after the ``body``."""

    status: int = 200
    kind: str = "application/json"
    body: list[bytes] = field(default_factory=list)
    breaks: str = ""
    hangs: bool = False
    """Whether nothing more comes after the body, and no end."""

    async def text(self) -> str:
        """Return the body as text."""
        return b"".join([piece async for piece in self.pieces()]).decode()

    async def blob(self) -> Blob:
        """Return the body."""
        return Blob(b"".join([piece async for piece in self.pieces()]))

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body."""
        for piece in self.body:
            yield piece
        if self.hangs:
            await asyncio.Event().wait()
        if self.breaks:
            raise Lost


def answer_of(content: Any, status: int = 200) -> Answer:
    """Return a reply of JSON."""
    return Answer(status, body=[json.dumps(content).encode()])


PAGE = Answer(kind="text/html", body=[b"<!doctype html><title>Building</title>"])
GONE = Answer(breaks="head")


@dataclass
class StandIn:
    """A ``transport.Http`` with a server behind it; each list is answered from the front, its last one for ever."""

    health: list[Answer] = field(default_factory=lambda: [answer_of(HEALTH)])
    upload: list[Answer] = field(default_factory=lambda: [answer_of(["/tmp/upload"])])  # noqa: S108
    call: list[Answer] = field(default_factory=lambda: [answer_of({"event_id": "e1"})])
    stream: list[Answer] = field(default_factory=lambda: [Answer(body=[*GENERATING, HEARTBEAT, COMPLETE])])
    file: list[Answer] = field(default_factory=lambda: [Answer(kind="image/png", body=[b"pix", b"els"])])
    is_without_network: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Methods and addresses, and ``closed`` when a connection was left."""

    bodies: list[str] = field(default_factory=list)
    """JSON that was sent."""

    reached: dict[str, asyncio.Event] = field(default_factory=dict)

    def is_offline(self) -> bool:
        """Return whether there is no network."""
        return self.is_without_network

    @asynccontextmanager
    async def get(self, address: str) -> AsyncIterator[Answer]:
        """Ask for what is there."""
        self.asked.append(("GET", address))
        name = "health" if address.endswith("health") else "stream" if "/call/" in address else "file"
        try:
            yield self._next(name)
        finally:
            self.asked.append(("closed", address))

    @asynccontextmanager
    async def post(self, address: str, text: str) -> AsyncIterator[Answer]:
        """Send JSON."""
        self.asked.append(("POST", address))
        self.bodies.append(text)
        yield self._next("call")

    @asynccontextmanager
    async def post_file(self, address: str, file: Any) -> AsyncIterator[Answer]:
        """Send a file."""
        assert file == "a File"
        self.asked.append(("POST", address))
        yield self._next("upload")

    @property
    def posts(self) -> list[str]:
        """What was sent where."""
        return [address.removeprefix(API) for method, address in self.asked if method == "POST"]

    def waiting_for(self, name: str) -> asyncio.Event:
        """Return what is set once ``name`` is asked for."""
        return self.reached.setdefault(name, asyncio.Event())

    def _next(self, name: str) -> Answer:
        self.waiting_for(name).set()
        answers: list[Answer] = getattr(self, name)
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if found.breaks == "head":
            raise Lost
        return replace(found)
