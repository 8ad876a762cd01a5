"""What the client of a server needs of the network: pure, so that tests can stand in for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager


class Lost(Exception):
    """There is no connection, or it broke; a browser does not tell why."""


class Reply(Protocol):
    """What came back, as far as its headers."""

    status: int
    kind: str
    """The Content-Type, or nothing. Each of the following may raise ``Lost``."""

    async def text(self) -> str:
        """Return the body as text."""

    async def blob(self) -> Any:
        """Return the body as a JavaScript Blob."""

    def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes."""


class Http(Protocol):
    """Asks for addresses; leaving a reply's context ends its connection. Each may raise ``Lost``."""

    def is_offline(self) -> bool:
        """Return whether there is surely no network."""

    def get(self, address: str) -> AbstractAsyncContextManager[Reply]:
        """Ask for what is there."""

    def post(self, address: str, text: str) -> AbstractAsyncContextManager[Reply]:
        """Send JSON."""

    def post_file(self, address: str, file: Any) -> AbstractAsyncContextManager[Reply]:
        """Send a form with that file, without its name, as ``files``."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds."""

    wake_s: float = 180
    """For a server that sleeps."""

    pause_s: float = 2
    """Between two questions whether it is awake."""

    answer_s: float = 15
    """For one answer to that."""

    silence_s: float = 60
    """Between two signs of life of a job; Gradio gives one every 15 s."""

    slowest_bytes_a_second: float = 20_000
    """Of a connection that still is of use, in either direction."""
