"""The origin's private file system as the engine's ``File`` and ``Folder``: files that outlast the worker.

Bytes cross the bridge once: ``to_js`` copies them out of Python's memory, and the browser's file
takes them from there. A handle that is open keeps everybody else out, this worker included, so a
folder opens each file once and closes all of them at its end.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, to_js

from fourxl_web.worker import halves
from fourxl_web.worker.halves import Half

if TYPE_CHECKING:
    from collections.abc import Iterator


class NoRoom(OSError):
    """The browser does not let the files of this page grow, or be written at all."""


class OpfsFile:
    """A file of a folder, open until the folder is closed."""

    def __init__(self, handle: Any) -> None:
        """Own ``handle``, a FileSystemSyncAccessHandle."""
        self._handle = handle
        self._size_bytes = int(handle.getSize())

    def write(self, data: bytes) -> None:
        """Append ``data``.

        Raises:
            OSError: there is no room.
        """
        self.take(to_js(data))

    def take(self, buffer: Any) -> None:
        """Append what is in JavaScript's memory already; raises as ``write``."""
        with _translated():
            written = int(self._handle.write(buffer, _at(self._size_bytes)))
        self._size_bytes += written
        if written != buffer.byteLength:
            raise NoRoom("The browser wrote only a part.")

    def truncate(self, size_bytes: int) -> None:
        """Cut off what is behind the first ``size_bytes``."""
        with _translated():
            self._handle.truncate(size_bytes)
        self._size_bytes = size_bytes

    def size(self) -> int:
        """Return how many bytes there are."""
        return self._size_bytes

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes from ``start`` to ``stop``."""
        buffer = js.Uint8Array.new(stop - start)
        with _translated():
            self._handle.read(buffer, _at(start))
        content: bytes = buffer.to_bytes()
        return content

    def flush(self) -> None:
        """Return when all that was written is on the disk."""
        with _translated():
            self._handle.flush()

    def close(self) -> None:
        """Let others have the file."""
        self._handle.close()


class OpfsFolder:
    """A ``Folder`` of the engine in a directory."""

    def __init__(self, directory: Any) -> None:
        """Open files in ``directory``, a FileSystemDirectoryHandle."""
        self._directory = directory
        self._open: dict[str, OpfsFile] = {}

    async def open(self, name: str) -> OpfsFile:
        """Return the file of that name as it is, the same each time; a new one is empty.

        Raises:
            OSError: somebody else has it open, or there is no room.
        """
        if name not in self._open:
            with _translated():
                entry = await self._directory.getFileHandle(name, creating())
                self._open[name] = OpfsFile(await _handle(entry))
        return self._open[name]

    async def read_text(self, name: str) -> str | None:
        """Return what was written under that name; None when nothing was."""
        found = halves.newest(*[half for _, half in await self._halves(name)])
        return found.text if found else None

    async def write_text(self, name: str, text: str) -> None:
        """Keep ``text``, whole or not at all.

        Raises:
            OSError: there is no room.
        """
        both = await self._halves(name)
        found = halves.newest(*[half for _, half in both])
        file = next(file for file, half in both if half is None or half is not found)
        file.truncate(0)
        file.write(Half(found.turn + 1 if found else 0, text).to_bytes())
        file.flush()

    async def blob(self, name: str, mime_type: str) -> Any:
        """Return a Blob of a finished file, which stays on the disk; the file must not change any more."""
        file = await self._file(name)
        return file.slice(0, file.size, mime_type)

    async def peek(self, name: str) -> str | None:
        """Return what ``read_text`` would, without keeping anybody else out."""
        found = []
        for half in _names(name):
            with suppress(JsException):
                content = await (await self._file(half)).arrayBuffer()
                found.append(halves.from_bytes(content.to_bytes()))
        newest = halves.newest(*found)
        return newest.text if newest else None

    async def has(self, name: str, size_bytes: int) -> bool:
        """Return whether there is a file of that name and length."""
        with suppress(JsException):
            return int((await self._file(name)).size) == size_bytes
        return False

    async def copy_in(self, name: str, file: Any) -> None:
        """Write all of a JavaScript Blob; Python's memory never sees it.

        Raises:
            OSError: it cannot be read, or there is no room.
        """
        target = await self.open(name)
        target.truncate(0)
        with _translated():
            reader = file.stream().getReader()
            while not (part := await reader.read()).done:
                target.take(part.value)
        target.flush()

    def close(self, *names: str) -> None:
        """Close these files, or all that are open; they may be opened again."""
        for name in names or tuple(self._open):
            if file := self._open.pop(name, None):
                file.close()

    async def _file(self, name: str) -> Any:
        return await (await self._directory.getFileHandle(name)).getFile()

    async def _halves(self, name: str) -> list[tuple[OpfsFile, Half | None]]:
        files = [await self.open(half) for half in _names(name)]
        return [(file, halves.from_bytes(file.read(0, file.size()))) for file in files]


async def root() -> Any:
    """Return the directory of this origin, or None where the browser has none for this page."""
    try:
        storage = getattr(js.navigator, "storage", None)
        if storage is None or getattr(js.navigator, "locks", None) is None:
            return None
        if not hasattr(js, "FileSystemSyncAccessHandle"):
            return None
        return await storage.getDirectory()
    except (JsException, AttributeError):  # forbidden, or a private window
        return None


async def _handle(entry: Any) -> Any:
    """Return an open handle; one that comes after a cancel is closed, or nobody could open the file again."""
    coming = asyncio.ensure_future(entry.createSyncAccessHandle())
    try:
        return await asyncio.shield(coming)
    except asyncio.CancelledError:
        coming.add_done_callback(lambda done: done.exception() or done.result().close())
        raise


def _names(name: str) -> tuple[str, str]:
    return f"{name}.0", f"{name}.1"


def creating() -> Any:
    """Return the options that make what is not there."""
    options = js.Object.new()
    options.create = True
    return options


def _at(position: int) -> Any:
    options = js.Object.new()
    options.at = position
    return options


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the browser throws into what the engine expects of files."""
    try:
        yield
    except JsException as exc:
        raise NoRoom(f"{exc.name}: {exc.message}") from exc
