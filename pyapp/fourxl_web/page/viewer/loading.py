"""Brings the bands that are looked at into memory, the middle of the view first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pyodide.ffi import JsException

from fourxl_web.page.viewer.cache import Bitmaps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fourxl_web.page.viewer.levels import Level
    from fourxl_web.page.viewer.pictures import Picture

_AT_ONCE = 3

Key = tuple[int, int]
"""A level's width and a band's number."""


class Loader:
    """The bitmaps of one picture."""

    def __init__(self, picture: Picture, budget_px: int, changed: Callable[[], None]) -> None:
        """Call ``changed`` when there is something new to draw."""
        self.picture, self._changed = picture, changed
        self._bitmaps = Bitmaps(budget_px)
        self._wanted: list[tuple[Level, int]] = []
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._is_closed = False

    def get(self, level: Level, number: int) -> Any:
        """Return the bitmap of a band, or None while it is not here."""
        return self._bitmaps.get(_key(level, number))

    def has_all(self, level: Level, numbers: Sequence[int]) -> bool:
        """Return whether all of those bands are here."""
        return all(_key(level, number) in self._bitmaps for number in numbers)

    def want(self, level: Level, numbers: Sequence[int]) -> None:
        """Bring those bands, in that order, and nothing that was asked for before."""
        self._wanted = [(level, number) for number in numbers]
        self._go_on()

    def close(self) -> None:
        """Let go of everything."""
        self._is_closed = True
        self._wanted = []
        self._bitmaps.clear()

    def _go_on(self) -> None:
        for level, number in self._wanted:
            if len(self._running) >= _AT_ONCE:
                return
            key = _key(level, number)
            if key not in self._bitmaps and key not in self._running:
                self._running[key] = asyncio.ensure_future(self._load(level, number))

    async def _load(self, level: Level, number: int) -> None:
        key = _key(level, number)
        try:
            bitmap = await self.picture.decode(level, number)
        except JsException:
            self._give_up(level)
        else:
            if self._is_closed:
                bitmap.close()
                return
            needed = [_key(*wanted) for wanted in self._wanted]
            self._bitmaps.put(key, bitmap, level.pixels(number), needed)
        finally:
            del self._running[key]
        if not self._is_closed:
            self._changed()
            self._go_on()

    def _give_up(self, level: Level) -> None:
        """Do without a level that this browser cannot open."""
        if level in self.picture.levels:
            self.picture.levels.remove(level)
        self._wanted = [(other, number) for other, number in self._wanted if other is not level]


def _key(level: Level, number: int) -> Key:
    return level.width, number
