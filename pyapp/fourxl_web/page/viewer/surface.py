"""The canvas: as large as it is seen, to the device pixel, and drawn at most once a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy, to_js

if TYPE_CHECKING:
    from collections.abc import Callable


class Surface:
    """A canvas that follows its size on the screen."""

    def __init__(self, canvas: Any, draw: Callable[[], None], resized: Callable[[], None]) -> None:
        """Call ``draw`` when it is to be drawn, and ``resized`` when it has another size."""
        self.canvas, self._draw, self._resized = canvas, draw, resized
        self.context = canvas.getContext("2d")
        self._is_waiting = False
        self._frame = create_proxy(self._next_frame)
        self._observer = js.ResizeObserver.new(create_proxy(self._measured))
        try:
            self._observer.observe(
                canvas, to_js({"box": "device-pixel-content-box"}, dict_converter=js.Object.fromEntries)
            )
        except JsException:  # Safari tells CSS pixels only
            self._observer.observe(canvas)

    @property
    def ratio(self) -> float:
        """Device pixels for each CSS pixel."""
        shown = self.canvas.getBoundingClientRect().width
        return float(self.canvas.width / shown) if shown else 1.0

    def ask(self) -> None:
        """Draw with the browser's next frame."""
        if not self._is_waiting:
            self._is_waiting = True
            js.requestAnimationFrame(self._frame)

    def _next_frame(self, _at: float) -> None:
        self._is_waiting = False
        self._draw()

    def _measured(self, entries: Any, _observer: Any) -> None:
        entry = entries[len(entries) - 1]
        box, ratio = entry.contentRect, js.devicePixelRatio
        width, height = round(box.width * ratio), round(box.height * ratio)
        if exact := getattr(entry, "devicePixelContentBoxSize", None):
            wide, tall = exact[0].inlineSize, exact[0].blockSize
            if abs(wide - width) <= 1 and abs(tall - height) <= 1:  # not so where a device is emulated
                width, height = wide, tall
        if width and height and (width, height) != (self.canvas.width, self.canvas.height):
            self.canvas.width, self.canvas.height = width, height
            self._resized()
            self._draw()  # now: a canvas is empty after it was given a size
