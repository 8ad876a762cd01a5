"""Draws bitmaps into the view; the browser moves the pixels."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import js

from fourxl_web.page.viewer import levels
from fourxl_web.page.viewer.levels import Level, Rows
from fourxl_web.page.viewer.viewport import Box

if TYPE_CHECKING:
    from fourxl_web.page.viewer.loading import Loader
    from fourxl_web.page.viewer.pictures import Still
    from fourxl_web.page.viewer.viewport import Frame, Viewport

_CHECK_PX = 12
_CHECK = "rgb(112 140 140 / 0.22)"
"""Of a square behind what is transparent: seen on the surface of either theme."""


class Painter:
    """Draws one frame."""

    def __init__(self, context: Any, frame: Frame, viewport: Viewport) -> None:
        """Start with an empty view, but for what shows through where the picture is transparent."""
        self._context, self._frame = context, frame
        self._viewport = viewport.snapped()
        self._seen = self._viewport.visible(frame)
        context.clearRect(0, 0, frame.view_width, frame.view_height)
        self._checks()

    def _checks(self) -> None:
        """Draw squares where the picture will be, and nothing beside it."""
        view, frame = self._viewport, self._frame
        left, top = max(0, math.ceil(view.left)), max(0, math.ceil(view.top))
        right = min(frame.view_width, math.floor(view.left + frame.width * view.zoom))
        bottom = min(frame.view_height, math.floor(view.top + frame.height * view.zoom))
        self._context.fillStyle = self._context.createPattern(_tile(), "repeat")
        self._context.fillRect(left, top, max(0, right - left), max(0, bottom - top))

    def original(self, still: Still, left: float, right: float) -> None:
        """Draw the original, plainly enlarged, between two x of the view."""
        with _clipped(self._context, left, 0, right - left, self._frame.view_height):
            self._still(still.bitmap, 0, 1)

    def strip(self, bitmap: Any, top_share: float, bottom_share: float) -> None:
        """Draw rows of the result that are there before the rest."""
        self._still(bitmap, top_share, bottom_share)

    def result(self, loader: Loader, still: Still | None, left: float, right: float) -> None:
        """Draw the result between two x of the view, with what stands in for what is not here yet."""
        view, zoom = self._viewport, self._viewport.zoom
        # The last pixels of a smaller copy reach beyond the picture.
        right = min(right, round(view.left + self._frame.width * zoom))
        bottom = min(self._frame.view_height, round(view.top + self._frame.height * zoom))
        picture = loader.picture
        if not picture.levels:
            if still is not None:
                self.original(still, left, right)
            return
        chosen = levels.choose(picture.levels, zoom)
        level = picture.levels[chosen]
        needed = level.needed(self._seen)
        loader.want(level, needed)
        with _clipped(self._context, left, 0, right - left, bottom):
            for number in needed:
                if (bitmap := loader.get(level, number)) is not None:
                    self._rows(bitmap, level, level.bands[number], is_smooth=self._is_smooth(level))
                else:
                    self._stand_in(loader, still, chosen, number)

    def _stand_in(self, loader: Loader, still: Still | None, chosen: int, number: int) -> None:
        """Draw the rows of a band from another level that is here, or from the original."""
        every = loader.picture.levels
        top, bottom = self._edges(every[chosen], every[chosen].bands[number])
        box = every[chosen].box(every[chosen].bands[number])
        rows = Box(
            self._seen.left, max(self._seen.top, box[0]), self._seen.right, min(self._seen.bottom, box[1])
        )
        with _clipped(self._context, 0, top, self._frame.view_width, bottom - top):
            for other in (every[index] for index in levels.instead(every, chosen)):
                numbers = other.needed(rows)
                if loader.has_all(other, numbers):
                    for index in numbers:
                        self._rows(loader.get(other, index), other, other.bands[index], is_smooth=True)
                    return
            if still is not None:
                self._still(still.bitmap, 0, 1)

    def _is_smooth(self, level: Level) -> bool:
        """Return whether pixels are mixed: not when each of the result's own is one on the screen, or larger."""
        return level.across > 1 or level.down > 1 or self._viewport.zoom < 1

    def _still(self, bitmap: Any, top_share: float, bottom_share: float) -> None:
        """Draw a bitmap over the picture's full width, between two shares of its height."""
        tall = (bottom_share - top_share) * self._frame.height
        level = Level(bitmap.width, bitmap.height, self._frame.width / bitmap.width, tall / bitmap.height, ())
        offset = round(top_share * self._frame.height / level.down) if top_share else 0
        self._rows(bitmap, level, Rows(offset, bitmap.height), is_smooth=True)

    def _edges(self, level: Level, band: Rows) -> tuple[int, int]:
        """Return the rows of the view where a band begins and ends: whole ones, or a seam would show."""
        top, bottom = level.box(band)
        zoom = self._viewport.zoom
        return round(self._viewport.top + top * zoom), round(self._viewport.top + bottom * zoom)

    def _rows(self, bitmap: Any, level: Level, band: Rows, *, is_smooth: bool) -> None:
        """Draw what is seen of a band; more would be slow where the view is a small part of it."""
        first, last = levels.source_rows(band, level, self._seen)
        column, end = levels.source_columns(level, self._seen)
        if first >= last or column >= end:
            return
        top, bottom = self._edges(level, band)
        step, across = (bottom - top) / band.height, level.across * self._viewport.zoom
        context = self._context
        context.imageSmoothingEnabled = is_smooth
        context.imageSmoothingQuality = "high"
        context.drawImage(
            bitmap,
            column,
            first,
            end - column,
            last - first,
            self._viewport.left + column * across,
            top + first * step,
            (end - column) * across,
            (last - first) * step,
        )


@cache
def _tile() -> Any:
    """Return two squares of four, to be repeated."""
    tile = js.document.createElement("canvas")
    tile.width = tile.height = 2 * _CHECK_PX
    context = tile.getContext("2d")
    context.fillStyle = _CHECK
    context.fillRect(0, 0, _CHECK_PX, _CHECK_PX)
    context.fillRect(_CHECK_PX, _CHECK_PX, _CHECK_PX, _CHECK_PX)
    return tile


class _clipped:  # noqa: N801 - used as a function
    """Keep what is drawn inside a rectangle."""

    def __init__(self, context: Any, left: float, top: float, width: float, height: float) -> None:
        self._context, self._box = context, (left, top, max(width, 0), max(height, 0))

    def __enter__(self) -> None:
        self._context.save()
        self._context.beginPath()
        self._context.rect(*self._box)
        self._context.clip()

    def __exit__(self, *_: object) -> None:
        self._context.restore()
