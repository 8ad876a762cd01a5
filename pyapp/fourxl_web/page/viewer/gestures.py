"""What hands do on the view: drag, pinch, wheel, double tap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl_web.page.viewer.navigation import Navigation

_STILL_PX = 4
"""A finger that moved less has tapped."""

_DOUBLE_MS, _DOUBLE_PX = 400, 24
_WHEEL = 0.002
_LINE_PX, _PAGE_PX = 16, 400
"""What wheels that count in lines or pages mean (``WheelEvent.deltaMode``)."""

_LARGEST_DELTA = 120
"""A notch of a mouse's wheel; trackpads send many small ones."""


@dataclass(slots=True)
class _Pointer:
    x: float
    y: float
    has_moved: bool = False


class Gestures:
    """Listens to a view; ``divider`` is what may be dragged at any zoom."""

    def __init__(
        self,
        view: Any,
        divider: Any,
        navigation: Navigation,
        split_to: Callable[[float], None],
        has_focus: Callable[[], bool],
    ) -> None:
        """Move ``navigation``, and the divider with ``split_to``; a plain wheel counts while ``has_focus``."""
        self._view, self._divider, self._navigation = view, divider, navigation
        self._split_to, self._has_focus = split_to, has_focus
        self._down: dict[int, _Pointer] = {}
        self._holds_divider = False
        self._last_tap = (-math.inf, 0.0, 0.0)
        for target in (view, divider):
            for name, react in (
                ("pointerdown", self._press),
                ("pointermove", self._move),
                ("pointerup", self._release),
                ("pointercancel", self._lose),
            ):
                target.addEventListener(name, create_proxy(react))
            # Two fingers are ours, or the browser takes them for scrolling; one may scroll the page.
            for name in ("touchstart", "touchmove"):
                target.addEventListener(name, create_proxy(_keep_two_fingers), _active())
            target.addEventListener("wheel", create_proxy(self._wheel), _active())

    def _place(self, event: Any) -> tuple[float, float]:
        box = self._view.getBoundingClientRect()
        return event.clientX - box.left, event.clientY - box.top

    def _press(self, event: Any) -> None:
        if event.button != 0:
            return
        event.currentTarget.setPointerCapture(event.pointerId)
        if not self._down:
            self._holds_divider = bool(event.currentTarget == self._divider)
        self._down[event.pointerId] = _Pointer(*self._place(event))

    def _move(self, event: Any) -> None:
        pointer = self._down.get(event.pointerId)
        if pointer is None:
            return
        x, y = self._place(event)
        if not pointer.has_moved and math.hypot(x - pointer.x, y - pointer.y) < _STILL_PX:
            return
        if len(self._down) > 1:
            self._pinch(event.pointerId, x, y)
        elif self._holds_divider or not self._navigation.can_pan:
            self._split_to(x)
        else:
            self._navigation.pan(x - pointer.x, y - pointer.y)
        pointer.x, pointer.y, pointer.has_moved = x, y, True

    def _pinch(self, pointer_id: int, x: float, y: float) -> None:
        """Zoom by how much further apart two fingers are now, about their middle, and follow it."""
        moved = self._down[pointer_id]
        other = next(pointer for number, pointer in self._down.items() if number != pointer_id)
        before = math.hypot(moved.x - other.x, moved.y - other.y)
        now = math.hypot(x - other.x, y - other.y)
        if before > 0 and now > 0:
            self._navigation.pan((x - moved.x) / 2, (y - moved.y) / 2)
            self._navigation.zoom_by(now / before, (x + other.x) / 2, (y + other.y) / 2)
        other.has_moved = True  # a finger of two does not tap

    def _release(self, event: Any) -> None:
        pointer = self._down.pop(event.pointerId, None)
        if pointer is None or pointer.has_moved:
            return
        at, x, y = self._last_tap
        is_near = math.hypot(pointer.x - x, pointer.y - y) < _DOUBLE_PX
        if event.timeStamp - at < _DOUBLE_MS and is_near:
            self._last_tap = (-math.inf, 0.0, 0.0)
            self._navigation.toggle(pointer.x, pointer.y)
        else:
            self._last_tap = (event.timeStamp, pointer.x, pointer.y)

    def _lose(self, event: Any) -> None:
        """Forget a finger that the browser took for scrolling."""
        self._down.pop(event.pointerId, None)

    def _wheel(self, event: Any) -> None:
        """Zoom with Ctrl (as trackpads send a pinch), or plainly once the view was chosen; else the page scrolls."""
        if not (event.ctrlKey or event.metaKey or self._has_focus()):
            return
        delta = event.deltaY * {0: 1, 1: _LINE_PX, 2: _PAGE_PX}[event.deltaMode]
        delta = min(max(delta, -_LARGEST_DELTA), _LARGEST_DELTA)
        has_zoomed = self._navigation.zoom_by(math.exp(-delta * _WHEEL), *self._place(event))
        if has_zoomed or event.ctrlKey or event.metaKey:  # at its end the wheel scrolls on
            event.preventDefault()


def _keep_two_fingers(event: Any) -> None:
    if event.touches.length > 1 and event.cancelable:
        event.preventDefault()


def _active() -> Any:
    options = js.Object.new()
    options.passive = False
    return options
