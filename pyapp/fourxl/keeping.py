"""Where a host keeps the files of a job, as the engine needs it: files that grow, and a short text."""

from __future__ import annotations

from typing import Protocol


class File(Protocol):
    """A file of the host, open for one job."""

    def write(self, data: bytes, /) -> object:
        """Append ``data``.

        Raises:
            OSError: there is no room.
        """

    def truncate(self, size_bytes: int, /) -> object:
        """Cut off what is behind the first ``size_bytes``; what is written next follows them."""

    def size(self) -> int:
        """Return how many bytes there are."""

    def read(self, start: int, stop: int, /) -> bytes:
        """Return the bytes from ``start`` to ``stop``."""

    def flush(self) -> object:
        """Return when all that was written would outlast a crash."""


class Folder(Protocol):
    """Where a host keeps the files of one job."""

    async def open(self, name: str, /) -> File:
        """Return the file of that name as it is; a new one is empty."""

    async def read_text(self, name: str, /) -> str | None:
        """Return what was written under that name; None when nothing was."""

    async def write_text(self, name: str, text: str, /) -> None:
        """Keep a short ``text``, whole or not at all.

        Raises:
            OSError: there is no room.
        """
