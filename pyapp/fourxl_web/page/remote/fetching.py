"""The browser's fetch as a ``transport.Http``."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException

from fourxl_web.page.remote.transport import Lost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

_NAME = "picture"
"""What every picture is called on its way: its name is nobody's business."""


class Fetch:
    """Asks without a referrer, and past every cache."""

    def is_offline(self) -> bool:
        """Return whether the browser knows that there is no network."""
        return js.navigator.onLine is False

    def get(self, address: str) -> AbstractAsyncContextManager[FetchReply]:
        """Ask for what is at ``address``."""
        return _ask("GET", address)

    def post(self, address: str, text: str) -> AbstractAsyncContextManager[FetchReply]:
        """Send JSON."""
        return _ask("POST", address, text, "application/json")

    def post_file(self, address: str, file: Any) -> AbstractAsyncContextManager[FetchReply]:
        """Send a form with that file as ``files``; the browser reads it as it goes."""
        form = js.FormData.new()
        form.append("files", file, _NAME)
        return _ask("POST", address, form)


class FetchReply:
    """A response of ``fetch`` as a ``transport.Reply``."""

    def __init__(self, response: Any) -> None:
        """Read what the headers tell."""
        self._response = response
        self.status: int = response.status
        self.kind: str = response.headers.get("Content-Type") or ""

    async def text(self) -> str:
        """Return the body as text."""
        return str(await self._response.text())

    async def blob(self) -> Any:
        """Return the body as a Blob, which the browser may keep on the disk."""
        return await self._response.blob()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes."""
        if not self._response.body:
            return
        reader = self._response.body.getReader()
        while not (part := await reader.read()).done:
            yield part.value.to_bytes()


@asynccontextmanager
async def _ask(method: str, address: str, body: Any = None, kind: str = "") -> AsyncIterator[FetchReply]:
    abort = js.AbortController.new()
    options = js.Object.new()
    options.method, options.signal = method, abort.signal
    options.cache, options.referrerPolicy = "no-store", "no-referrer"
    if body is not None:
        options.body = body
    if kind:
        options.headers = js.Headers.new()
        options.headers.set("Content-Type", kind)
    try:
        yield FetchReply(await js.fetch(address, options))
    except JsException as exc:
        raise Lost(str(exc)) from exc
    finally:
        abort.abort()
