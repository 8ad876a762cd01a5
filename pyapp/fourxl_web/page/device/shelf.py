"""What a person does in "Models on this device": download, stop, delete."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl.errors import FourxlError
from fourxl_web.page import messages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from fourxl_web.page.engine import EngineClient
    from fourxl_web.shelf import Shelf


class ShelfControl:
    """Passes what is pressed in the section on to the engine, and tells what comes of it."""

    def __init__(
        self,
        section: Any,
        page_kept: Any,
        engine: EngineClient,
        tell: Callable[[messages.Message], None],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Listen to ``section``, and to the element ``page_kept``; work is started with ``do``."""
        self._engine, self._tell, self._do = engine, tell, do
        section.addEventListener("click", create_proxy(self._click))
        section.addEventListener("toggle", create_proxy(lambda _event: do(self.look())))
        watcher = js.MutationObserver.new(create_proxy(lambda *_: do(self.look())))
        watcher.observe(page_kept, attributes=True)

    async def look(self) -> None:
        """Tell what is on this device."""
        await self._answered(self._engine.shelf())

    def _click(self, event: Any) -> None:
        button = event.target.closest("button")
        if not button:
            return
        match button.dataset.part:
            case "download":
                ask_to_keep()
                self._tell(messages.FetchStarted(button.value))
                self._do(self._fetch(button.value))
            case "stop":
                self._do(self._engine.stop_download())
            case "delete":
                self._do(self._delete(button.value))

    async def _fetch(self, model_id: str) -> None:
        failed = None
        try:
            await self._engine.download(model_id)
        except asyncio.CancelledError:
            """What is here by now is told below."""
        except FourxlError as error:
            failed = error
        await self.look()
        self._tell(messages.FetchEnded(failed))

    async def _delete(self, model_id: str) -> None:
        if await self._answered(self._engine.delete(model_id)):
            self._tell(messages.ModelDeleted(model_id))

    async def _answered(self, asked: Awaitable[Shelf]) -> bool:
        """Tell what is on this device, and return whether the engine knew it."""
        try:
            self._tell(messages.ShelfRead(await asked))
        except FourxlError as error:
            js.console.error(error.message)
            return False
        return True


def ask_to_keep() -> None:
    """Ask the browser, on a person's action, not to clear away what is stored.

    It may refuse, and some browsers ask the person, so this is for downloads that are worth it.
    """
    storage = getattr(js.navigator, "storage", None)
    if storage is not None and hasattr(storage, "persist"):
        storage.persist().catch(create_proxy(lambda _reason: None))
