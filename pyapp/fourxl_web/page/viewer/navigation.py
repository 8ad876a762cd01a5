"""Where the viewer looks, and how hands, keys and buttons move it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fourxl_web.page.viewer.viewport import Frame, Viewport, fitted, stepped, zoomed_within

if TYPE_CHECKING:
    from collections.abc import Callable


class Navigation:
    """The viewport; places and ways come in CSS pixels of the view."""

    def __init__(self, changed: Callable[[], None], ratio: Callable[[], float]) -> None:
        """Call ``changed`` after each move; ``ratio`` tells the device pixels for each CSS pixel."""
        self._changed, self._ratio = changed, ratio
        self.frame: Frame | None = None
        """None while there is nothing to look at."""

        self.viewport = Viewport(1, 0, 0)

    @property
    def can_pan(self) -> bool:
        """Whether there is more of the picture than is seen."""
        return self.frame is not None and self.viewport.can_pan(self.frame)

    def leave(self) -> None:
        """Forget the picture that was looked at."""
        self.frame = None

    def look(self, new: Frame) -> None:
        """Show in a view, or of a picture, of another size what was shown before; all of it if it is a new one."""
        old, self.frame = self.frame, new
        if old is None or self.viewport.is_fit(old):
            self.viewport = fitted(new)
        elif old != new:
            same = self.viewport.in_larger(new.width / old.width)
            self.viewport = same.resized(replace(old, width=new.width, height=new.height), new)

    def share_at(self, x: float) -> float:
        """Return which share of what is seen lies to the left of ``x``."""
        return self.viewport.share_at(x * self._ratio(), self.frame) if self.frame else 0

    def pan(self, right: float, down: float) -> None:
        """Pull the picture."""
        if self.frame is not None:
            ratio = self._ratio()
            self._go_to(self.viewport.moved(right * ratio, down * ratio).clamped(self.frame))

    def zoom_by(self, factor: float, x: float, y: float) -> bool:
        """Zoom about a point; return whether there was more to zoom."""
        before = self.viewport.zoom
        self._zoom_to(before * factor, x * self._ratio(), y * self._ratio())
        return self.viewport.zoom != before

    def toggle(self, x: float, y: float) -> None:
        """Change between all of the picture and 100 %."""
        if self.frame is None:
            return
        if self.viewport.is_fit(self.frame):
            self._zoom_to(1, x * self._ratio(), y * self._ratio())
        else:
            self._go_to(fitted(self.frame))

    def do(self, what: str) -> None:
        """Do what a tool is called: ``fit``, ``actual``, ``in`` or ``out``."""
        if self.frame is None:
            return
        middle = self.frame.view_width / 2, self.frame.view_height / 2
        match what:
            case "fit":
                self._go_to(fitted(self.frame))
            case "actual":
                self._zoom_to(1, *middle)
            case "in":
                self._zoom_to(stepped(self.viewport.zoom, 1), *middle)
            case "out":
                self._zoom_to(stepped(self.viewport.zoom, -1), *middle)

    def _zoom_to(self, zoom: float, x: float, y: float) -> None:
        if self.frame is not None:
            self._go_to(zoomed_within(self.viewport, self.frame, zoom, x, y))

    def _go_to(self, viewport: Viewport) -> None:
        self.viewport = viewport
        self._changed()
