"""Pictures that come with the visit: shared by another app, or opened with this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy, to_js

from fourxl_web.page import speaking

if TYPE_CHECKING:
    from collections.abc import Callable

_HANDED_OVER = "4xl-shared"
"""What site/sw.js calls the caches in which it leaves shared files, before its scope and the time."""


async def receive(take: Callable[[list[Any]], object], notice: Any) -> None:
    """Call ``take`` with the JavaScript Files that came with this visit, now and later.

    A failure is told in ``notice``.
    """
    _await_opened(take, notice)
    arrived = str(js.location.search).removeprefix("?")
    if arrived not in ("shared", "not-shared", "opened", "forgotten"):
        return
    _clean_address()
    if arrived == "shared" and (files := await _handed_over()):
        take(files)
    elif arrived in ("shared", "not-shared"):
        _tell(notice, "share.failed")
    elif arrived == "forgotten":
        _tell(notice, "forget.done")


def _tell(notice: Any, key: str) -> None:
    speaking.write(notice, key)
    notice.hidden = False


def _clean_address() -> None:
    """Take the word from the address, so that a reload is a plain visit."""
    js.history.replaceState(None, "", str(js.location.pathname) + str(js.location.hash))


async def _handed_over() -> list[Any]:
    """Return the shared files, and keep them no longer."""
    files = []
    try:
        start = f"{_HANDED_OVER} {js.URL.new('./', js.document.baseURI).href} "
        for name in await js.caches.keys():
            if str(name).startswith(start):
                cache = await js.caches.open(name)
                files += [await _file(await cache.match(address)) for address in await cache.keys()]
                await js.caches.delete(name)
    except JsException as error:  # the browser has cleared it away, or forbids it
        js.console.warn(f"shared files could not be read: {error}")
    return files


async def _file(kept: Any) -> Any:
    name = js.decodeURIComponent(kept.headers.get("x-name") or "")
    blob = await kept.blob()
    return js.File.new(to_js([blob]), name, type=kept.headers.get("content-type") or "")


def _await_opened(take: Callable[[list[Any]], object], notice: Any) -> None:
    """Take files that the system opens with this app, in browsers that know of that."""

    async def opened(launched: Any) -> None:
        handles = list(getattr(launched, "files", None) or ())
        try:
            files = [await handle.getFile() for handle in handles]
        except JsException as error:  # it was moved or deleted meanwhile
            js.console.warn(f"opened files could not be read: {error}")
            _tell(notice, "share.failed")
            return
        if files:
            take(files)

    if queue := getattr(js, "launchQueue", None):
        queue.setConsumer(create_proxy(opened))
