"""Small copies of the pictures in the list, made when their rows come into view, a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_SIDE_PX = 112
"""Twice what is shown, for screens with two pixels to each."""

_AT_ONCE = 2
"""A picture is decoded whole before it is made small."""


class Thumbnails:
    """Watches rows, and fills in their pictures."""

    def __init__(
        self,
        source: Callable[[str], tuple[Any, bool]],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Make pictures of the Files that ``source`` has by their ids; it knows too whether they are wide."""
        self._source, self._do = source, do
        self._wanted: list[Any] = []
        self._workers = 0
        options = js.Object.new()
        options.rootMargin = "50%"
        self._observer = js.IntersectionObserver.new(create_proxy(self._seen), options)

    def watch(self, row: Any) -> None:
        """Fill in the thumbnail of ``row`` (with ``data-id``) as soon as it is seen."""
        self._observer.observe(row)

    def forget(self, row: Any) -> None:
        """Let go of a row that goes."""
        self._observer.unobserve(row)
        if address := str(_image(row).src):
            js.URL.revokeObjectURL(address)

    def _seen(self, entries: Any, _observer: Any) -> None:
        for entry in entries:
            if entry.isIntersecting:
                self._observer.unobserve(entry.target)
                self._wanted.append(entry.target)
        while self._workers < min(_AT_ONCE, len(self._wanted)):
            self._workers += 1
            self._do(self._work())

    async def _work(self) -> None:
        try:
            while self._wanted:
                row = self._wanted.pop()  # what was scrolled to last is what is looked at
                file, is_wide = self._source(str(row.dataset.id))
                if row.isConnected and file is not None:
                    await self._fill(row, file, is_wide=is_wide)
        finally:
            self._workers -= 1

    async def _fill(self, row: Any, file: Any, *, is_wide: bool) -> None:
        try:
            blob = await _small(file, is_wide=is_wide)
        except JsException:
            return  # the browser cannot show it; the engine may read it all the same
        if row.isConnected:
            _image(row).src = js.URL.createObjectURL(blob)


async def _small(file: Any, *, is_wide: bool) -> Any:
    """Return a square out of the middle of a picture, as a Blob."""
    options = js.Object.new()
    setattr(options, "resizeHeight" if is_wide else "resizeWidth", _SIDE_PX)
    small = await js.createImageBitmap(file, options)
    try:
        side = min(small.width, small.height)
        x, y = (small.width - side) / 2, (small.height - side) / 2
        canvas = js.OffscreenCanvas.new(_SIDE_PX, _SIDE_PX)
        canvas.getContext("2d").drawImage(small, x, y, side, side, 0, 0, _SIDE_PX, _SIDE_PX)
    finally:
        small.close()
    return await canvas.convertToBlob()


def _image(row: Any) -> Any:
    return row.querySelector("[data-part=thumbnail]")
