"""How pictures, or a network of the person's own, come in: chosen, dropped or pasted.

The file input covers the drop zone, so choosing and dropping work without Python; what was
picked before Python had started is read from the input when this attaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    Take = Callable[[list[Any]], None]


def watch(file_input: Any, zone: Any, take: Take) -> None:
    """Call ``take`` with the JavaScript Files that come in together, also with those that are there already."""

    def pasted(event: Any) -> None:
        if event.clipboardData and event.clipboardData.files.length:
            event.preventDefault()
            take(list(event.clipboardData.files))

    def dropped(event: Any) -> None:
        # Without this a file that misses the zone would replace the page.
        event.preventDefault()
        if event.type == "drop" and event.dataTransfer and event.dataTransfer.files.length:
            take(list(event.dataTransfer.files))

    def mark(event: Any) -> None:
        zone.classList.toggle("dragged-over", event.type == "dragenter")

    js.document.addEventListener("paste", create_proxy(pasted))
    for name in ("dragover", "drop"):
        js.document.body.addEventListener(name, create_proxy(dropped))
    for name in ("dragenter", "dragleave", "drop"):
        file_input.addEventListener(name, create_proxy(mark))
    watch_input(file_input, take)


def watch_input(file_input: Any, take: Take) -> None:
    """Call ``take`` with the Files that are chosen with ``file_input``, the same ones again too."""

    def chosen(_event: Any = None) -> None:
        if file_input.files.length:
            found = list(file_input.files)
            file_input.value = ""
            take(found)

    file_input.addEventListener("change", create_proxy(chosen))
    chosen()


def is_network(file: Any) -> bool:
    """Return whether a JavaScript File is called a network."""
    return bool(file.name.lower().endswith(".onnx"))
