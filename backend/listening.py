"""Who listens to which job: one that nobody listens to is not begun, for nobody would take its result."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from fourxl.errors import ServerFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope

PATIENCE_S = 5.0
"""How long a job waits for whoever asked for it to listen, which takes a second request."""

_CALL = re.compile(r"/gradio_api/call/(?:v2/)?\w+/(\w+)/?")
_QUEUE = re.compile(r"/gradio_api/queue/data/?")


class Listeners:
    """The sessions of Gradio's whose events are being read; a plain call is a session of its own."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._open: Counter[str] = Counter()
        self._came = asyncio.Event()

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        """Count one more listener as long as the block lasts."""
        self._open[session] += 1
        self._came.set()
        self._came = asyncio.Event()
        try:
            yield
        finally:
            self._open[session] -= 1
            self._open += Counter()  # drops who is not counted any more

    async def expect(self, session: str, patience_s: float = PATIENCE_S) -> None:
        """Return as soon as somebody listens.

        Raises:
            ServerFailed: nobody came to within ``patience_s``.
        """
        try:
            async with asyncio.timeout(patience_s):
                while not self._open[session]:
                    await self._came.wait()
        except TimeoutError as exc:
            raise ServerFailed(
                "Nobody listened to the job, so it was not begun. Ask for it, and read its events at once."
            ) from exc


def session_of(scope: Scope) -> str | None:
    """Return the session whose events a request wants to read; None for any other request."""
    if scope["method"] != "GET":
        return None
    if call := _CALL.fullmatch(scope["path"]):
        return call[1]
    if _QUEUE.fullmatch(scope["path"]):
        query: bytes = scope["query_string"]
        return parse_qs(query.decode("latin-1")).get("session_hash", [""])[0]
    return None
