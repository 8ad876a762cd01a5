"""Decoded bands, the least used of which go when they take too much memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable


class Bitmaps:
    """Keeps bitmaps, counted in pixels; whatever is dropped is closed."""

    def __init__(self, budget_px: int) -> None:
        """Keep up to ``budget_px`` pixels."""
        self._budget_px = budget_px
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.pixels = 0
        """What is kept by now."""

    def __contains__(self, key: Hashable) -> bool:
        """Return whether that bitmap is here."""
        return key in self._kept

    def get(self, key: Hashable) -> Any:
        """Return that bitmap, which counts as use, or None."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: Hashable, bitmap: Any, pixels: int, needed: Collection[Hashable] = ()) -> None:
        """Keep ``bitmap``, and let others go until all fit, but none of ``needed``."""
        self._drop(key)
        self._kept[key] = (bitmap, pixels)
        self.pixels += pixels
        for other in [other for other in self._kept if other != key and other not in needed]:
            if self.pixels <= self._budget_px:
                break
            self._drop(other)

    def clear(self) -> None:
        """Let all of them go."""
        for key in list(self._kept):
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        if key in self._kept:
            bitmap, pixels = self._kept.pop(key)
            bitmap.close()
            self.pixels -= pixels
