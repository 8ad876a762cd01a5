"""Pictures on their way into Python."""

from __future__ import annotations

from typing import Any

from pyodide.ffi import JsException

from fourxl.errors import InputError


async def whole(file: Any) -> bytes:
    """Return all bytes of a JavaScript File, which may not be there any more.

    Raises:
        InputError: the browser cannot read it.
    """
    try:
        buffer = await file.arrayBuffer()
    except JsException as exc:
        raise InputError(
            "The picture cannot be read any more: it was moved, changed or removed, or it is too large. "
            "Choose it again.",
            about="gone",
        ) from exc
    content: bytes = buffer.to_bytes()
    return content
