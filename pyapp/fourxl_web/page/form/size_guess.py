"""Tells what the result will weigh, before it is made."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import js

from fourxl.errors import FourxlError
from fourxl_web.language import say
from fourxl_web.page.quantities import size

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.engine import EngineClient
    from fourxl_web.page.files import Files
    from fourxl_web.page.running import Orders
    from fourxl_web.page.state import State

_PAUSE_S = 0.3
"""So long nothing may have changed before the engine is asked: whoever drags a slider is not done yet."""


class SizeGuess:
    """The words beside format and quality; no job ever waits for them."""

    def __init__(
        self,
        output: Any,
        files: Files,
        engine: Callable[[], EngineClient | None],
        orders: Callable[[], Orders],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Write into ``output`` what the selected one of ``files`` will weigh by the ``orders`` of now."""
        self._output, self._files = output, files
        self._engine, self._orders, self._do = engine, orders, do
        self._asked: object = None
        """What was last asked about; an answer to anything else is dropped."""

        self._size_bytes: int | None = None

    def show(self, state: State) -> None:
        """Guess anew if the picture or the form is another, as soon as no job runs."""
        wanted = self._orders().wanted
        is_free = not state.queue and self._engine() is not None and state.place.mode != "server"
        about = (state.selected, wanted) if is_free and not isinstance(wanted, FourxlError) else None
        if about == self._asked:
            return
        self._asked, self._size_bytes = about, None
        self.say()
        file = self._files.source.get(state.selected or "")
        if about is not None and file is not None:
            self._do(self._guess(file, about))

    def say(self) -> None:
        """Say what is known, in the language of now."""
        known = self._size_bytes
        self._output.textContent = "" if known is None else say("size.guess", size=size(known))

    async def _guess(self, file: Any, about: tuple[Any, Any]) -> None:
        await asyncio.sleep(_PAUSE_S)
        engine = self._engine()
        if about != self._asked or engine is None:
            return
        try:
            found = await engine.guess_size(file, about[1])
        except (FourxlError, asyncio.CancelledError) as error:
            js.console.info(f"no guess of the size: {error}")  # a job will say what is wrong
            return
        if about == self._asked:
            self._size_bytes = found
            self.say()
