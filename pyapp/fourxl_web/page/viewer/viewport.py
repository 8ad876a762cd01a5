"""Where a picture lies in the view: fit, zoom about a point, pan and what is seen; pure geometry.

The view is measured in device pixels, a picture in its own pixels. Zoom is device pixels for each
pixel of the picture, so 1 is what people call 100 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

MAX_ZOOM = 16.0

_STEPS_AN_OCTAVE = 2
"""The buttons' steps: every second one doubles, and all of them meet 100 %."""

_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the pixels of a picture, not necessarily whole ones."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return self.left >= self.right or self.top >= self.bottom


@dataclass(frozen=True, slots=True)
class Frame:
    """A view and the picture in it."""

    view_width: int
    view_height: int
    """In device pixels."""

    width: int
    height: int
    """Of the picture."""

    largest_fit: float = math.inf
    """A small picture is not enlarged further than this to fill the view."""

    @property
    def fit(self) -> float:
        """The zoom at which all of the picture is seen."""
        return min(self.view_width / self.width, self.view_height / self.height, self.largest_fit, MAX_ZOOM)

    @property
    def least_zoom(self) -> float:
        """All of the picture, or 100 % where that is less."""
        return min(self.fit, 1.0)


@dataclass(frozen=True, slots=True)
class Viewport:
    """How a picture lies in a view."""

    zoom: float
    left: float
    top: float
    """Where the picture's corner is, in device pixels of the view."""

    def zoomed(self, zoom: float, x: float, y: float) -> Viewport:
        """Return the viewport of that zoom that shows the same point of the picture at (x, y) of the view."""
        ratio = zoom / self.zoom
        return Viewport(zoom, x - (x - self.left) * ratio, y - (y - self.top) * ratio)

    def moved(self, right: float, down: float) -> Viewport:
        """Return the viewport after the picture was pulled so many device pixels."""
        return replace(self, left=self.left + right, top=self.top + down)

    def clamped(self, frame: Frame) -> Viewport:
        """Return the nearest viewport that is allowed: an axis that fits is centred, others leave no gap."""
        zoom = min(max(self.zoom, frame.least_zoom), MAX_ZOOM)
        about = self.zoomed(zoom, frame.view_width / 2, frame.view_height / 2)
        left = _clamped(about.left, frame.width * zoom, frame.view_width)
        return Viewport(zoom, left, _clamped(about.top, frame.height * zoom, frame.view_height))

    def snapped(self) -> Viewport:
        """Return it with the picture's corner on a device pixel, so that at 100 % every pixel is on one."""
        return replace(self, left=float(math.floor(self.left + 0.5)), top=float(math.floor(self.top + 0.5)))

    def in_larger(self, factor: float) -> Viewport:
        """Return the viewport that shows the same of the same picture in ``factor`` times as many pixels."""
        return replace(self, zoom=self.zoom / factor)

    def resized(self, old: Frame, new: Frame) -> Viewport:
        """Return what to show when the view changed: the same in its middle, or all if it was all."""
        if self.is_fit(old):
            return fitted(new)
        right, down = (new.view_width - old.view_width) / 2, (new.view_height - old.view_height) / 2
        return self.moved(right, down).clamped(new)

    def is_fit(self, frame: Frame) -> bool:
        """Return whether all of the picture is shown, as large as it fits."""
        return abs(self.zoom / frame.fit - 1) < _SAME

    def can_pan(self, frame: Frame) -> bool:
        """Return whether some of the picture is outside the view."""
        return (
            frame.width * self.zoom > frame.view_width + _SAME
            or frame.height * self.zoom > frame.view_height + _SAME
        )

    def visible(self, frame: Frame) -> Box:
        """Return what is seen of the picture."""
        return Box(
            max(0.0, -self.left / self.zoom),
            max(0.0, -self.top / self.zoom),
            min(float(frame.width), (frame.view_width - self.left) / self.zoom),
            min(float(frame.height), (frame.view_height - self.top) / self.zoom),
        )

    def across(self, share: float, frame: Frame) -> float:
        """Return the x of the view that has ``share`` of what is seen to its left."""
        seen = self.visible(frame)
        return self.left + (seen.left + share * (seen.right - seen.left)) * self.zoom

    def share_at(self, x: float, frame: Frame) -> float:
        """Return which share of what is seen lies to the left of ``x``, 0 to 1."""
        first, last = self.across(0, frame), self.across(1, frame)
        return min(max((x - first) / (last - first), 0.0), 1.0)


def fitted(frame: Frame) -> Viewport:
    """Return the viewport that shows all of the picture in the middle."""
    return Viewport(frame.fit, 0, 0).clamped(frame)


def zoomed_within(viewport: Viewport, frame: Frame, zoom: float, x: float, y: float) -> Viewport:
    """Return the allowed viewport nearest to that zoom about the point (x, y) of the view."""
    allowed = min(max(zoom, frame.least_zoom), MAX_ZOOM)
    return viewport.zoomed(allowed, x, y).clamped(frame)


def stepped(zoom: float, steps: int) -> float:
    """Return the zoom ``steps`` of a button's steps further in, or out if they are negative."""
    place = math.log2(zoom) * _STEPS_AN_OCTAVE
    start = math.floor(place + _SAME) if steps > 0 else math.ceil(place - _SAME)
    return float(2.0 ** ((start + steps) / _STEPS_AN_OCTAVE))


def _clamped(start: float, length: float, view: int) -> float:
    if length <= view:
        return (view - length) / 2
    return min(max(start, view - length), 0.0)
