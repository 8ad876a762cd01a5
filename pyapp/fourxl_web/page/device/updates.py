"""The bar that offers a new version of the page, and never forces it on anybody.

A newer build that is kept completely waits beside the running one. It takes over when a person says so, or
when the page is opened next and nothing has been done yet (site/boot/service_worker.mjs).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy
from pyscript.js_modules import service_worker

from fourxl_web.page import speaking
from fourxl_web.page.telling.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.state import State

CHECK_EVERY_S = 3600.0


class Updates:
    """Watches for a waiting build, and lets it take over between jobs."""

    def __init__(self, bar: Any, do: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """Offer in ``bar``; work is started with ``do``."""
        self._bar, self._do = bar, do
        self._now, self._later = bar.querySelector("#update-now"), bar.querySelector("#update-later")
        self._text = bar.querySelector("[data-part=text]")
        self._registration: Any = None
        self._is_working = self._has_results = False
        self._check = Pace(CHECK_EVERY_S, begun_s=time.time())  # the browser checks when a page is opened
        self._now.addEventListener("click", create_proxy(lambda _event: do(self._take_over())))
        self._later.addEventListener("click", create_proxy(self._dismiss))
        if container := getattr(js.navigator, "serviceWorker", None):
            do(self._watch(container))

    def show(self, state: State) -> None:
        """Offer what can be done in ``state``."""
        situation = (bool(state.queue), any(item.result for item in state.items))
        if situation != (self._is_working, self._has_results):
            self._is_working, self._has_results = situation
            self._tell()

    async def _watch(self, container: Any) -> None:
        self._registration = await container.ready  # never, where the person has switched it off
        self._registration.addEventListener("updatefound", create_proxy(lambda _event: self._follow()))
        js.document.addEventListener("visibilitychange", create_proxy(self._looked_at))
        self._follow()
        self._offer()

    def _follow(self) -> None:
        """Offer the build that is being installed as soon as it is all there."""
        if worker := self._registration.installing:
            worker.addEventListener("statechange", create_proxy(lambda _event: self._offer()))

    def _offer(self) -> None:
        if self._registration.waiting and self._registration.active:
            self._tell()
            self._bar.hidden = False

    def _looked_at(self, _event: Any) -> None:
        if not js.document.hidden and self._check.is_due(time.time()):
            self._do(self._ask_for_news())

    async def _ask_for_news(self) -> None:
        try:
            await self._registration.update()
        except JsException:
            """Without a network there is no news."""

    def _dismiss(self, _event: Any) -> None:
        self._bar.hidden = True

    def _tell(self) -> None:
        self._now.disabled = self._is_working
        if self._is_working:
            self._say("update.after")
        else:
            self._say("update.unsaved" if self._has_results else "update.ready")

    async def _take_over(self) -> None:
        """Change to the waiting build, unless that would pull the old one from under other tabs."""
        waiting = self._registration.waiting
        if waiting and await service_worker.ask(waiting, "count pages") > 1:
            self._say("update.others")
            return
        if self._is_working:  # begun while the others were counted
            return
        if waiting:
            taken = asyncio.get_running_loop().create_future()

            def changed(_event: Any) -> None:
                if waiting.state in ("activated", "redundant") and not taken.done():
                    taken.set_result(None)

            waiting.addEventListener("statechange", create_proxy(changed))
            waiting.postMessage("take over")
            await taken
        js.location.reload()

    def _say(self, key: str) -> None:
        speaking.write(self._text, key)
