"""A folder that a person chose, into which results are written; nothing in it is overwritten."""

from __future__ import annotations

import asyncio
from typing import Any

import js
from pyodide.ffi import JsException

from fourxl_web.page.results import naming


class Folder:
    """One folder of the device."""

    def __init__(self, handle: Any) -> None:
        """Write below ``handle``, a FileSystemDirectoryHandle that allows it."""
        self._handle = handle
        self.name = str(handle.name)
        self.written = 0
        """Files so far."""

        self._turn = asyncio.Lock()

    async def write(self, path: str, blob: Any) -> None:
        """Write ``blob`` to ``path``, or beside what is there under a name with a number.

        Raises:
            JsException: the browser or the disk refuses.
        """
        async with self._turn:
            *parents, name = path.split("/")
            folder = self._handle
            for parent in parents:
                folder = await folder.getDirectoryHandle(parent, _creating())
            taken: set[str] = set()
            while await _has(folder, free := naming.unique(name, taken)):
                taken.add(free.casefold())
            file = await folder.getFileHandle(free, _creating())
            await blob.stream().pipeTo(await file.createWritable())
            self.written += 1


async def _has(folder: Any, name: str) -> bool:
    """Return whether there is a file or a folder of that name."""
    try:
        await folder.getFileHandle(name)
    except JsException as error:
        return str(error.name) != "NotFoundError"
    return True


def _creating() -> Any:
    options = js.Object.new()
    options.create = True
    return options
