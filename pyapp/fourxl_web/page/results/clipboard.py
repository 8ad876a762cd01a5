"""Copies the result, and shares it with other apps, where the browser can."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_once_callable, create_proxy, to_js

from fourxl_web.page import speaking

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.files import Files
    from fourxl_web.page.state import State

CONVERTED_PIXELS = 16_777_216
"""What all browsers can draw: more is not made a PNG for the clipboard, which takes nothing else."""


class Clipboard:
    """The two buttons below the picture; they take the file that Download saves."""

    def __init__(
        self, result: Any, download: Any, files: Files, do: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        """Listen to the buttons in the section ``result``; what they take is in ``files``, named as ``download`` names it."""
        self._copy, self._share = result.querySelector("#copy"), result.querySelector("#share")
        self._told, self._download = result.querySelector("#copied"), download
        self._files, self._do = files, do
        self._result: object = None
        self._blob: Any = None
        self._pixels = 0
        self._copy.addEventListener("click", create_proxy(lambda _event: self._start_copy()))
        self._share.addEventListener("click", create_proxy(lambda _event: do(self._start_sharing())))

    def show(self, state: State) -> None:
        """Offer what this browser can do with the result of ``state``."""
        if state.result is self._result:
            return
        self._result = state.result
        self._say("")
        finished = self._files.result.get(state.selected or "") if state.result else None
        self._blob = finished.blob if finished else None
        if state.result is not None:
            self._pixels = state.result.done.width * state.result.done.height
            self._copy.hidden = self._blob is None or not _can_copy()
            self._share.hidden = self._blob is None or not _can_share(self._file())

    def _start_copy(self) -> None:
        """Write to the clipboard at once, with a promise of the picture: some browsers want it in the click."""
        blob = self._blob
        if blob.type != "image/png" and self._pixels > CONVERTED_PIXELS:
            self._say("copy.large")
            return
        self._say("copy.working")
        promised = js.Promise.resolve(blob) if blob.type == "image/png" else _promise(_as_png(blob), self._do)
        content = js.Object.new()
        setattr(content, "image/png", promised)
        self._do(self._copied(js.navigator.clipboard.write(to_js([js.ClipboardItem.new(content)]))))

    async def _copied(self, written: Any) -> None:
        try:
            await written
        except JsException as error:
            js.console.warn(f"not copied: {error}")
            self._say("copy.failed")
        else:
            self._say("copy.done")

    async def _start_sharing(self) -> None:
        try:
            await js.navigator.share(_sharing(self._file()))
        except JsException as error:
            js.console.info(f"not shared: {error}")  # the person saw the sheet, and closed it

    def _file(self) -> Any:
        """Return the result under the name that Download gives it."""
        return js.File.new(to_js([self._blob]), self._download.download, type=self._blob.type)

    def _say(self, key: str) -> None:
        speaking.write(self._told, key)


def _can_copy() -> bool:
    return hasattr(js, "ClipboardItem") and hasattr(js.navigator, "clipboard")


def _can_share(file: Any) -> bool:
    return hasattr(js.navigator, "canShare") and bool(js.navigator.canShare(_sharing(file)))


def _sharing(file: Any) -> Any:
    data = js.Object.new()
    data.files = to_js([file])
    return data


async def _as_png(blob: Any) -> Any:
    bitmap = await js.createImageBitmap(blob)
    canvas = js.document.createElement("canvas")
    canvas.width, canvas.height = bitmap.width, bitmap.height
    canvas.getContext("2d").drawImage(bitmap, 0, 0)
    bitmap.close()
    made = asyncio.get_running_loop().create_future()
    canvas.toBlob(create_once_callable(made.set_result), "image/png")
    return await made


def _promise(work: Coroutine[Any, Any, Any], do: Callable[[Coroutine[Any, Any, None]], object]) -> Any:
    """Return a JavaScript promise of what ``work`` returns."""

    def begin(resolve: Any, reject: Any) -> None:
        async def settle() -> None:
            try:
                resolve(await work)
            except JsException as error:
                reject(error)

        do(settle())

    return js.Promise.new(create_once_callable(begin))
