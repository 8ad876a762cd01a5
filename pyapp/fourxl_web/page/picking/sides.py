"""How large the pictures are that came in, read from their first bytes, a few at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pyodide.ffi import JsException

from fourxl_web.page.picking import headers

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT_ONCE = 16


async def read(file: Any) -> tuple[int, int] | None:
    """Return width and height of a JavaScript File; None when it does not tell, or is gone."""
    try:
        buffer = await file.slice(0, headers.ENOUGH_BYTES).arrayBuffer()
    except JsException:
        return None
    return headers.sides_px(buffer.to_bytes())


async def read_all(files: list[tuple[str, Any]]) -> list[tuple[str, tuple[int, int]]]:
    """Return what is known of these files, each with its id."""
    found: list[tuple[str, tuple[int, int]]] = []
    for some in _pieces(files):
        told = await asyncio.gather(*(read(file) for _, file in some))
        found += [(item_id, sides) for (item_id, _), sides in zip(some, told, strict=True) if sides]
    return found


def _pieces(files: list[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    for start in range(0, len(files), _AT_ONCE):
        yield files[start : start + _AT_ONCE]
