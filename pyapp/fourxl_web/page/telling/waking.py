"""Keeps the screen on while pictures are enlarged, so that a phone does not put the page to sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.state import State


class Waking:
    """Holds a wake lock while a batch runs and the page is seen, in browsers that have one."""

    def __init__(self, do: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """Hold none yet; work is started with ``do``."""
        self._do = do
        self._is_wanted = self._is_asking = False
        self._lock: Any = None
        js.document.addEventListener("visibilitychange", create_proxy(lambda _event: self._change()))

    def show(self, state: State) -> None:
        """Hold the lock while ``state`` has something to do."""
        if bool(state.queue) != self._is_wanted:
            self._is_wanted = bool(state.queue)
            self._change()

    def _change(self) -> None:
        if hasattr(js.navigator, "wakeLock") and not self._is_asking:
            self._is_asking = True  # at once, so that one change soon after another asks only once
            self._do(self._follow())

    async def _follow(self) -> None:
        """Ask for the lock or give it back, until that is how it should be."""
        try:
            while self._is_missing or (self._lock and not self._is_wanted):
                if self._is_wanted:
                    self._lock = await js.navigator.wakeLock.request("screen")
                else:
                    lock, self._lock = self._lock, None
                    await lock.release()
        except JsException:
            """The battery is low, or the page was hidden just then: the screen may go off."""
        finally:
            self._is_asking = False

    @property
    def _is_missing(self) -> bool:
        """Whether a lock is wanted that is not held; browsers release it when the page is hidden."""
        is_held = self._lock is not None and not self._lock.released
        return self._is_wanted and not is_held and js.document.visibilityState == "visible"
