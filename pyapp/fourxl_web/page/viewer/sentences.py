"""What the viewer says of what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fourxl_web.language import number, say

if TYPE_CHECKING:
    from fourxl_web.page.state import Item
    from fourxl_web.page.viewer.scene import Scene

_FINE = 0.1
"""Below 10 % a digit more is told."""


def zoom(factor: float) -> str:
    """Return a zoom as people read it: ``100 %``."""
    return say("compare.zoom", percent=number(factor * 100, 1 if factor < _FINE else 0))


def show(canvas: Any, note: Any, item: Item | None, scene: Scene | None) -> None:
    """Tell in words what the canvas shows, and below it what to do with it."""
    _set(canvas, "aria-label", _alternative(item, scene))
    text = _note(item, scene)
    if note.textContent != text:
        note.textContent = text


def _alternative(item: Item | None, scene: Scene | None) -> str:
    if item is None or scene is None or scene.size is None:
        return ""
    width, height = scene.size
    key = "compare.alt.result" if scene.loader else "compare.alt.source"
    return say(key, name=item.picked.name or say("compare.unnamed"), width=width, height=height)


def _note(item: Item | None, scene: Scene | None) -> str:
    if item is None or scene is None:
        return ""
    if scene.loader is None:
        return say("compare.unreadable") if scene.is_open and scene.still is None else ""
    picture = scene.loader.picture
    if not picture.levels:
        return say("compare.too_large", width=picture.width, height=picture.height)
    if not picture.is_whole:
        return say("compare.reduced", width=picture.width, height=picture.height)
    return say("compare.help")


def _set(target: Any, name: str, value: str) -> None:
    if target.getAttribute(name) != value:
        target.setAttribute(name, value)
