"""Files of a job in memory, and what a crash may do to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fourxl.errors import DeviceLost
from fourxl.testing import NearestRuntime

if TYPE_CHECKING:
    from fourxl.runtime import TileRuntime


class MemoryFile:
    """A ``File`` of the engine."""

    def __init__(self, room_bytes: int | None = None) -> None:
        """Take no more than ``room_bytes``."""
        self.data = bytearray()
        self._room_bytes = room_bytes

    def write(self, data: bytes) -> None:
        """Append."""
        if self._room_bytes is not None and len(self.data) + len(data) > self._room_bytes:
            raise OSError("no room left, as the test wished")
        self.data += data

    def truncate(self, size_bytes: int) -> None:
        """Cut off."""
        del self.data[size_bytes:]

    def size(self) -> int:
        """Return the length."""
        return len(self.data)

    def read(self, start: int, stop: int) -> bytes:
        """Return a part."""
        return bytes(self.data[start:stop])

    def flush(self) -> None:
        """Do nothing: what is written is there."""

    def getvalue(self) -> bytes:
        """Return all of it."""
        return bytes(self.data)


class MemoryFolder:
    """A ``Folder`` of the engine."""

    def __init__(self, room_bytes: int | None = None, *, takes_text: bool = True) -> None:
        """Give files with room for ``room_bytes`` each."""
        self.files: dict[str, MemoryFile] = {}
        self.texts: dict[str, str] = {}
        self.written: list[str] = []
        self._room_bytes, self._takes_text = room_bytes, takes_text

    def file(self, name: str) -> MemoryFile:
        """Return the file of that name."""
        return self.files.setdefault(name, MemoryFile(self._room_bytes))

    async def open(self, name: str) -> MemoryFile:
        """Return the file of that name."""
        return self.file(name)

    async def read_text(self, name: str) -> str | None:
        """Return a text."""
        return self.texts.get(name)

    async def write_text(self, name: str, text: str) -> None:
        """Keep a text."""
        if not self._takes_text:
            raise OSError("no room left, as the test wished")
        self.texts[name] = text
        self.written.append(text)


class StopAt(NearestRuntime):
    """Another runtime that is gone for good from the 0-based ``call`` on: a tab that was closed there."""

    def __init__(self, inner: TileRuntime, call: int) -> None:
        super().__init__()
        self._inner, self._stop = inner, call
        self.name, self.device, self.reason, self.tile_px = (
            inner.name,
            inner.device,
            inner.reason,
            inner.tile_px,
        )
        self.calls = 0

    async def run(self, tile_f32: Any) -> Any:
        """Return what the inner runtime returns, or stop."""
        self.calls += 1
        if self.calls > self._stop:
            raise DeviceLost("The tab was closed, as the test wished.")
        return await self._inner.run(tile_f32)
