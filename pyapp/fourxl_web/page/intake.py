"""How a picture, or a network of the person's own, comes in: chosen, dropped or pasted.

The file input covers the drop zone, so choosing and dropping work without Python; what was
picked before Python had started is read from the input when this attaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

if TYPE_CHECKING:
    from collections.abc import Callable


def watch(file_input: Any, zone: Any, picked: Callable[[Any], None]) -> None:
    """Call ``picked`` with every JavaScript File that comes in, also with one that is there already."""

    def chosen(_event: Any = None) -> None:
        if file_input.files.length:
            picked(file_input.files.item(0))

    def pasted(event: Any) -> None:
        if event.clipboardData and event.clipboardData.files.length:
            event.preventDefault()
            picked(event.clipboardData.files.item(0))

    def dropped_beside(event: Any) -> None:
        # Without this a file that misses the zone would replace the page.
        event.preventDefault()
        if event.type == "drop" and event.dataTransfer and event.dataTransfer.files.length:
            picked(event.dataTransfer.files.item(0))

    def mark(event: Any) -> None:
        zone.classList.toggle("dragged-over", event.type == "dragenter")

    file_input.addEventListener("change", create_proxy(chosen))
    js.document.addEventListener("paste", create_proxy(pasted))
    for name in ("dragover", "drop"):
        js.document.body.addEventListener(
            name, create_proxy(lambda e: None if _inside(zone, e) else dropped_beside(e))
        )
    for name in ("dragenter", "dragleave", "drop"):
        file_input.addEventListener(name, create_proxy(mark))
    chosen()


def is_network(file: Any) -> bool:
    """Return whether a JavaScript File is called a network."""
    return bool(file.name.lower().endswith(".onnx"))


def watch_networks(file_input: Any, picked: Callable[[Any], None]) -> None:
    """Call ``picked`` with every File that is chosen with ``file_input``, the same one again too."""

    def chosen(_event: Any = None) -> None:
        if file_input.files.length:
            picked(file_input.files.item(0))
            file_input.value = ""

    file_input.addEventListener("change", create_proxy(chosen))
    chosen()


def _inside(zone: Any, event: Any) -> bool:
    return bool(zone.contains(event.target))
