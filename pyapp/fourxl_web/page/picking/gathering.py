"""Files out of what the browser hands over: chosen, pasted or dropped, folders and all that is in them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pyodide.ffi import create_proxy

from fourxl_web.page.picking.incoming import Incoming

if TYPE_CHECKING:
    from collections.abc import Callable

_FILES_AT_ONCE = 64


def chosen(file: Any) -> Incoming:
    """Return a JavaScript File as it comes in; its folder is told by inputs that take one."""
    path = str(getattr(file, "webkitRelativePath", "") or "")
    return Incoming(file, str(file.name), str(file.type), path.rpartition("/")[0])


def entries(transfer: Any) -> list[Any]:
    """Return the folders and files of a drop; they are only to be had while it is being told."""
    items = (item for item in transfer.items if item.kind == "file")
    found = (item.webkitGetAsEntry() if hasattr(item, "webkitGetAsEntry") else None for item in items)
    return [entry for entry in found if entry]


async def gather(dropped: list[Any]) -> list[Incoming]:
    """Return all files of these entries and of the folders in them; what cannot be read is not there."""
    files = [entry for entry in dropped if entry.isFile]
    found = [file for some in _pieces(files) for file in await asyncio.gather(*map(_read, some)) if file]
    for entry in dropped:
        if entry.isDirectory:
            found += await gather(await _listed(entry))
    return found


def _pieces(files: list[Any]) -> list[list[Any]]:
    return [files[start : start + _FILES_AT_ONCE] for start in range(0, len(files), _FILES_AT_ONCE)]


async def _read(entry: Any) -> Incoming | None:
    file = await _called(entry.file.bind(entry))
    if file is None:
        return None
    return Incoming(file, str(file.name), str(file.type), str(entry.fullPath).rpartition("/")[0].strip("/"))


async def _listed(entry: Any) -> list[Any]:
    """Return what is in a folder; a browser hands it over in parts, the last of which is empty."""
    reader, found = entry.createReader(), []
    while part := list(await _called(reader.readEntries.bind(reader)) or ()):
        found += part
    return found


async def _called(ask: Callable[[Any, Any], object]) -> Any:
    """Return what is handed to the first of the two functions that ``ask`` takes; None when it is the second."""
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    good, bad = create_proxy(answer.set_result), create_proxy(lambda _error: answer.set_result(None))
    try:
        ask(good, bad)
        return await answer
    finally:
        good.destroy()
        bad.destroy()
