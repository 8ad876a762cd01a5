"""One item's pictures in the viewer: the original, and the result once there is one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fourxl_web.page.viewer.loading import Loader
from fourxl_web.page.viewer.painting import Painter
from fourxl_web.page.viewer.pictures import open_still

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fourxl_web.page.viewer.pictures import Picture, Still
    from fourxl_web.page.viewer.viewport import Frame, Viewport


class Scene:
    """What is shown of one item."""

    def __init__(self, item_id: str, file: Any, budget_px: int, changed: Callable[[], None]) -> None:
        """Open ``file``, the original; ``changed`` is called when there is something new to draw."""
        self.item_id, self._budget_px, self._changed = item_id, budget_px, changed
        self.still: Still | None = None
        self.is_open = False
        """Whether the browser has said what it makes of the original."""

        self.loader: Loader | None = None
        self._is_closed = False
        self._opening = asyncio.ensure_future(self._open(file))

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the result, or else of the original; None while nothing is known."""
        if self.loader is not None:
            return self.loader.picture.width, self.loader.picture.height
        return (self.still.width, self.still.height) if self.still else None

    def show_result(self, picture: Picture | None) -> None:
        """Show that result in place of an earlier one, or the original alone."""
        if self.loader is not None:
            self.loader.close()
        self.loader = Loader(picture, self._budget_px, self._changed) if picture else None
        self._changed()

    def draw(
        self,
        context: Any,
        frame: Frame,
        viewport: Viewport,
        divider: float,
        strips: Sequence[tuple[Any, float, float]],
    ) -> None:
        """Draw the original left of ``divider``, an x of the view, and the result right of it."""
        painter = Painter(context, frame, viewport)
        if self.loader is None:
            if self.still is not None:
                painter.original(self.still, 0, frame.view_width)
            for bitmap, top_share, bottom_share in strips:
                painter.strip(bitmap, top_share, bottom_share)
            return
        if self.still is not None:
            painter.original(self.still, 0, divider)
        painter.result(self.loader, self.still, divider if self.still else 0, frame.view_width)

    def close(self) -> None:
        """Let go of everything."""
        self._is_closed = True
        if self.loader is not None:
            self.loader.close()
        if self.still is not None:
            self.still.bitmap.close()
            self.still = None

    async def _open(self, file: Any) -> None:
        still = await open_still(file)
        if self._is_closed:
            if still is not None:
                still.bitmap.close()
            return
        self.still, self.is_open = still, True
        self._changed()
