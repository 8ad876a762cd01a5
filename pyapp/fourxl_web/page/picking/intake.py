"""How files come in: chosen, dropped or pasted, one or many, and folders.

The file input covers the drop zone, so choosing and dropping work without Python; what was
picked before Python had started is read from the input when this attaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl_web.page.picking import gathering

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.picking.incoming import Incoming

    Take = Callable[[list[Incoming]], None]
    Do = Callable[[Coroutine[Any, Any, None]], object]


def watch(file_input: Any, zone: Any, take: Take, do: Do) -> None:
    """Call ``take`` with the files that come in together, also with those that are there already.

    Folders that are dropped are read with ``do``.
    """

    def pasted(event: Any) -> None:
        if event.clipboardData and event.clipboardData.files.length:
            event.preventDefault()
            take([gathering.chosen(file) for file in event.clipboardData.files])

    def dropped(event: Any) -> None:
        # Without this a file that misses the zone would replace the page.
        event.preventDefault()
        if event.type == "drop" and event.dataTransfer:
            entries, files = gathering.entries(event.dataTransfer), list(event.dataTransfer.files)
            if any(entry.isDirectory for entry in entries):
                do(_gather(entries, take))
            elif files:
                take([gathering.chosen(file) for file in files])

    def mark(event: Any) -> None:
        zone.classList.toggle("dragged-over", event.type == "dragenter")

    js.document.addEventListener("paste", create_proxy(pasted))
    for name in ("dragover", "drop"):
        js.document.body.addEventListener(name, create_proxy(dropped))
    for name in ("dragenter", "dragleave", "drop"):
        file_input.addEventListener(name, create_proxy(mark))
    watch_input(file_input, take)


def watch_input(file_input: Any, take: Take) -> None:
    """Call ``take`` with the files that are chosen with ``file_input``, the same ones again too."""

    def chosen(_event: Any = None) -> None:
        if file_input.files.length:
            found = [gathering.chosen(file) for file in file_input.files]
            file_input.value = ""
            take(found)

    file_input.addEventListener("change", create_proxy(chosen))
    chosen()


def watch_folder(button: Any, folder_input: Any, take: Take) -> None:
    """Call ``take`` with the files of a folder that is chosen after ``button`` was pressed."""
    button.hidden = not hasattr(folder_input, "webkitdirectory")
    button.addEventListener("click", create_proxy(lambda _event: folder_input.click()))
    watch_input(folder_input, take)


async def _gather(entries: list[Any], take: Take) -> None:
    take(await gathering.gather(entries))
