"""The small view on which a person chooses the part of the picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_once_callable, create_proxy

from fourxl_web.language import number, say
from fourxl_web.page.trying import crop as cropping
from fourxl_web.page.viewer import levels
from fourxl_web.page.viewer.pictures import open_still

if TYPE_CHECKING:
    from fourxl_web.page.trying.crop import Crop
    from fourxl_web.page.viewer.pictures import Still

_LARGEST_SIDE_PX = 640
"""Of the canvas; it is shown smaller."""

_STEP_PX = 16
_WAYS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}


class Picker:
    """A canvas with the whole picture, and a frame to be moved."""

    def __init__(self, canvas: Any) -> None:
        """Listen to ``canvas``."""
        self._canvas, self._context = canvas, canvas.getContext("2d")
        self._file: Any = None
        self._still: Still | None = None
        self.crop: Crop | None = None
        """None while there is no picture."""

        canvas.addEventListener("pointerdown", create_proxy(self._press))
        canvas.addEventListener("pointermove", create_proxy(self._drag))
        canvas.addEventListener("keydown", create_proxy(self._key))

    async def open(self, file: Any) -> bool:
        """Show ``file``, with the frame in its middle; return whether the browser can."""
        self.close()
        self._file = file
        still = await open_still(file)
        if still is None or self._file is not file:
            return False
        self._still = still
        self._canvas.width, self._canvas.height = levels.reduced(
            still.bitmap.width, still.bitmap.height, _LARGEST_SIDE_PX
        )
        self._move(cropping.middle(still.width, still.height))
        return True

    def close(self) -> None:
        """Let go of the picture."""
        if self._still is not None:
            self._still.bitmap.close()
        self._file, self._still, self.crop = None, None, None

    @property
    def file(self) -> Any:
        """The picture's File; None while there is none."""
        return self._file

    def _move(self, part: Crop) -> None:
        self.crop = part
        self._draw()
        right, down = part.place
        self._canvas.setAttribute(
            "aria-label", say("trying.place", right=number(right * 100, 0), down=number(down * 100, 0))
        )

    def _draw(self) -> None:
        if self._still is None or self.crop is None:
            return
        canvas, context, part = self._canvas, self._context, self.crop
        context.imageSmoothingQuality = "high"
        context.clearRect(0, 0, canvas.width, canvas.height)
        context.drawImage(self._still.bitmap, 0, 0, canvas.width, canvas.height)
        scale = canvas.width / part.of_width
        box = part.left * scale, part.top * scale, part.width * scale, part.height * scale
        for width, colour in ((6, "#06201f"), (3, "#ffffff")):  # seen on every picture
            context.lineWidth, context.strokeStyle = width, colour
            context.strokeRect(*box)

    def _press(self, event: Any) -> None:
        if self.crop is not None:
            self._canvas.setPointerCapture(event.pointerId)
            self._to(event)

    def _drag(self, event: Any) -> None:
        if self.crop is not None and event.buttons:
            self._to(event)

    def _to(self, event: Any) -> None:
        if self.crop is not None:
            scale = self.crop.of_width / self._canvas.clientWidth
            self._move(self.crop.around(event.offsetX * scale, event.offsetY * scale))

    def _key(self, event: Any) -> None:
        way = _WAYS.get(event.key)
        if way is not None and self.crop is not None:
            event.preventDefault()
            self._move(self.crop.moved(way[0] * _STEP_PX, way[1] * _STEP_PX))


async def cut(file: Any, part: Crop) -> tuple[Any, Any]:
    """Return a part of the picture in ``file`` as a PNG's Blob, and as a canvas.

    Raises:
        JsException: the browser cannot open the picture.
    """
    bitmap = await js.createImageBitmap(file, part.left, part.top, part.width, part.height)
    canvas = js.document.createElement("canvas")
    canvas.width, canvas.height = part.width, part.height
    canvas.getContext("2d").drawImage(bitmap, 0, 0)
    bitmap.close()
    return await _png(canvas), canvas


async def _png(canvas: Any) -> Any:
    """Return what a canvas shows, as a file."""
    made: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    canvas.toBlob(create_once_callable(made.set_result), "image/png")
    blob = await made
    if not blob:
        raise JsException("the browser made no PNG of the part")
    return blob
