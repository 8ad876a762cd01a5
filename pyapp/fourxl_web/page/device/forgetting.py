"""Forget everything: what this page has ever put on this device goes, and nothing of other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy
from pyscript.js_modules import service_worker

from fourxl.errors import FourxlError
from fourxl_web.page import speaking

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.engine import EngineClient
    from fourxl_web.page.state import State

_OURS = "4xl"
"""How the names of all that we store begin."""


class Forgetting:
    """Asks first, in words that tell what goes."""

    def __init__(
        self,
        button: Any,
        dialog: Any,
        notice: Any,
        engine: Callable[[], EngineClient | None],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Ask in ``dialog`` when ``button`` is pressed; ``engine`` returns who keeps models and work.

        ``notice`` tells what could not be deleted.
        """
        self._button, self._dialog, self._notice, self._engine = button, dialog, notice, engine
        button.addEventListener("click", create_proxy(lambda _event: dialog.showModal()))
        keep, forget = (dialog.querySelector(f"[data-part={name}]") for name in ("keep", "forget"))
        keep.addEventListener("click", create_proxy(lambda _event: dialog.close()))
        forget.addEventListener("click", create_proxy(lambda _event: do(self._forget())))

    def show(self, state: State) -> None:
        """Offer it when nothing is being written."""
        self._button.disabled = bool(state.queue) or state.bringing is not None

    async def _forget(self) -> None:
        """Delete everything, one thing after the other though one fails, and open the page anew if none did."""
        is_all = True
        for work in (
            service_worker.remove,
            self._forget_work,
            _forget_files,
            _forget_models,
            _forget_databases,
            _forget_options,
        ):
            try:
                await work()
            except (JsException, FourxlError) as error:
                js.console.warn(f"not all was forgotten: {error}")
                is_all = False
        if is_all:
            js.location.replace("./?forgotten")
        else:
            self._dialog.close()
            speaking.write(self._notice, "forget.not-all")
            self._notice.hidden = False

    async def _forget_work(self) -> None:
        if engine := self._engine():
            await engine.forget()


async def _forget_files() -> None:
    """Delete the folders of kept work, also where no engine could.

    Raises:
        JsException: another tab writes to them.
    """
    try:
        root = await js.navigator.storage.getDirectory()
    except (AttributeError, JsException):  # there is none here
        return
    for name in [str(name) async for name in root.keys()]:  # noqa: SIM118 - JavaScript's
        if name.startswith(_OURS):
            await root.removeEntry(name, recursive=True)


async def _forget_models() -> None:
    """Delete what the engine could not, if there is none."""
    if not hasattr(js, "caches"):  # on hosts without encryption
        return
    scope = str(js.URL.new("./", js.document.baseURI).href)
    for name in await js.caches.keys():
        if not str(name).startswith(_OURS):
            continue
        cache = await js.caches.open(name)
        for request in await cache.keys():
            if str(request.url).startswith(scope):
                await cache.delete(request)
        if not len(await cache.keys()):
            await js.caches.delete(name)


async def _forget_databases() -> None:
    if hasattr(js.indexedDB, "databases"):
        for database in await js.indexedDB.databases():
            if str(database.name).startswith(_OURS):
                js.indexedDB.deleteDatabase(database.name)


async def _forget_options() -> None:
    for storage in (js.localStorage, js.sessionStorage):
        for name in list(js.Object.keys(storage)):
            if str(name).startswith(_OURS):
                storage.removeItem(name)
