"""Stand-ins for what is around one part of the server: callers, a library, a work that a test holds in its hand."""

from __future__ import annotations

import asyncio
import queue
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.library import Loaded
from backend.work import Finished
from fourxl import events
from fourxl.manifest import Checkpoint, ModelFile, ModelSpec, Trained
from fourxl.testing import NearestRuntime
from fourxl_native.provider import ONNXRUNTIME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    import pytest
    from starlette.types import ASGIApp, Message, Receive, Scope

    from backend.work import Step
    from fourxl.runtime import TileRuntime
    from fourxl.settings import JobSettings
    from fourxl_native.provider import NativeProvider

FILE_BYTES = 100
"""What the file of a model in these tests is said to have."""

PATIENCE_S = 10.0
"""For what happens at once unless something is broken."""

PLACED = events.Placed("nearest", "CPU", "It is a test.")
DONE = Finished(b"a file", events.Done(4, 4, 6, 0.1, 0.1, 1, (), "4x"), PLACED)


def left(folder: Path) -> list[Path]:
    """Return the files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def request(
    path: str = "/",
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    client: tuple[str, int] | None = ("203.0.113.7", 1234),
) -> Scope:
    """Return the scope of a request, as uvicorn makes it."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": pairs,
        "client": client,
        "server": ("127.0.0.1", 80),
    }


class Body:
    """The body of a request, in pieces; after the last one the caller stays, or goes when it is not the last."""

    def __init__(self, *pieces: bytes, is_whole: bool = True) -> None:
        """Give ``pieces``; unless ``is_whole``, more should have come."""
        self._messages: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
        ]
        if is_whole:
            self._messages.append({"type": "http.request", "body": b"", "more_body": False})
        self._stays, self.asked = is_whole, 0

    async def __call__(self) -> Message:
        """Return the next piece."""
        self.asked += 1
        if not self._messages and self._stays:
            await asyncio.Event().wait()
        return self._messages.pop(0) if self._messages else {"type": "http.disconnect"}


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(app: ASGIApp, scope: Scope, receive: Receive | None = None) -> Answer:
    """Return the whole answer of ``app`` to one request."""
    answer = Answer(0, {}, b"")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive or Body(), send)
    return answer


class Shelf:
    """Stands for a library that has one runtime, and counts who has it."""

    def __init__(self, runtime: TileRuntime | None = None, seconds_a_pixel: float = 0.0) -> None:
        """Lend ``runtime``, which is taken to be so quick."""
        self._loaded = Loaded(runtime or NearestRuntime(), seconds_a_pixel, 1)
        self.lent = self.times = 0

    @asynccontextmanager
    async def lend(self, _spec: ModelSpec, _denoise: float) -> AsyncIterator[Loaded]:
        """Give it as long as the block lasts."""
        self.times += 1
        self.lent += 1
        try:
            yield self._loaded
        finally:
            self.lent -= 1


def named(name: str, *, denoises: bool = False) -> ModelSpec:
    """Return a model of that name whose files are said to have 100 bytes."""
    graph = ModelFile(f"{name}.onnx", FILE_BYTES, "0" * 64)
    weights = ModelFile(f"{name}.safetensors", 0, "0" * 64)
    trained = Trained(Checkpoint("", 1, "0" * 64), weights) if denoises else None
    return ModelSpec(
        name,
        name.title(),
        "Tests.",
        "none",
        4,
        3,
        1,
        4096,
        "MIT",
        "here",
        {ONNXRUNTIME: graph},
        trained,
        trained,
        None,
    )


class Opening:
    """Stands for ``fourxl_native.opening.open_model``: counts, and does what the test wants done meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: list[tuple[str, float, NativeProvider]] = []
        self.runtimes: list[NearestRuntime] = []
        self.meanwhile: Any = lambda: asyncio.sleep(0)
        monkeypatch.setattr("backend.library.opening.open_model", self)

    async def __call__(
        self, spec: ModelSpec, _source: Any, provider: NativeProvider, denoise: float = 1.0, _threads: int = 0
    ) -> NearestRuntime:
        """Open a model."""
        self.opened.append((spec.id, denoise, provider))
        await self.meanwhile()
        self.runtimes.append(NearestRuntime())
        self.runtimes[-1].reason = provider.reason
        return self.runtimes[-1]


class Held:
    """One job that goes on as the test says."""

    def __init__(self, data: bytes) -> None:
        """Enlarge ``data``."""
        self.data = data
        self.thread = threading.current_thread()
        self.ended = threading.Event()
        self._given: queue.Queue[Step | BaseException] = queue.Queue()

    def tell(self, *steps: Step | BaseException) -> None:
        """Have it tell or raise these next; it computes until then."""
        for step in steps:
            self._given.put(step)

    def steps(self) -> Iterator[Step]:
        """Yield what the test gives, up to the end of the job."""
        try:
            while True:
                step = self._given.get(timeout=PATIENCE_S)
                if isinstance(step, BaseException):
                    raise step
                yield step
                if isinstance(step, Finished):
                    return
        finally:
            self.ended.set()


class Hand:
    """A work whose jobs go on as the test says."""

    def __init__(self) -> None:
        """Start with none."""
        self.jobs: list[Held] = []
        self._begun: queue.Queue[Held] = queue.Queue()

    def __call__(self, data: bytes, _job: JobSettings, _spec: ModelSpec) -> Iterator[Step]:
        """Run one job."""
        held = Held(data)
        self.jobs.append(held)
        self._begun.put(held)
        yield from held.steps()

    def next(self) -> Held:
        """Return the job that begins next."""
        return self._begun.get(timeout=PATIENCE_S)


def json_headers(**more: Any) -> dict[str, str]:
    """Return the headers of a request in JSON."""
    return {"content-type": "application/json", **more}
