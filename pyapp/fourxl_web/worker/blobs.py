"""Files of a job where nothing is to outlast the visit: outside Python's memory, which never shrinks."""

from __future__ import annotations

from typing import Any

import js
from pyodide.ffi import to_js

_PART_BYTES = 1 << 25
"""From here on parts become a Blob, which the browser may move to its disk."""


class BlobFile:
    """A ``File`` that begins anew when it is cut: no journal can use it."""

    def __init__(self) -> None:
        """Start empty."""
        self._parts = js.Array.new()
        self._loose_bytes = self._size_bytes = 0

    def write(self, data: bytes) -> None:
        """Append a copy of ``data``."""
        self._parts.push(to_js(data))
        self._size_bytes += len(data)
        self._loose_bytes += len(data)
        if self._loose_bytes >= _PART_BYTES:
            self._parts, self._loose_bytes = js.Array.of(self.blob("")), 0

    def truncate(self, size_bytes: int) -> None:
        """Forget what was written; a part of it cannot stay."""
        assert size_bytes == 0  # noqa: S101 - see the class
        self._parts = js.Array.new()
        self._loose_bytes = self._size_bytes = 0

    def size(self) -> int:
        """Return how many bytes there are."""
        return self._size_bytes

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes from ``start`` to ``stop``."""
        content: bytes = (
            js.FileReaderSync.new().readAsArrayBuffer(self.blob("").slice(start, stop)).to_bytes()
        )
        return content

    def flush(self) -> None:
        """Do nothing: it would not outlast a crash in any case."""

    def blob(self, mime_type: str) -> Any:
        """Return all that was written as one Blob."""
        options = js.Object.new()
        options.type = mime_type
        return js.Blob.new(self._parts, options)


class BlobFolder:
    """A ``Folder`` that lives as long as its files are looked at."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._files: dict[str, BlobFile] = {}

    async def open(self, name: str) -> BlobFile:
        """Return the file of that name; a new one is empty."""
        return self._files.setdefault(name, BlobFile())

    async def read_text(self, name: str) -> str | None:  # noqa: ARG002 - a Folder's
        """Return None: nothing is kept."""
        return None

    async def write_text(self, name: str, text: str) -> None:
        """Keep nothing."""

    async def blob(self, name: str, mime_type: str) -> Any:
        """Return what was written under that name."""
        return (await self.open(name)).blob(mime_type)

    def close(self) -> None:
        """Do nothing: there are no handles."""
