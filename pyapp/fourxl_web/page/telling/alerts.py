"""How a page in the background says how far it is: in its title, its icon, its badge and a notification."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl_web import language
from fourxl_web.page import batch
from fourxl_web.page.telling import ring
from fourxl_web.page.telling.ending import Ending, ending, running_title
from fourxl_web.page.telling.pacing import Pace

if TYPE_CHECKING:
    from fourxl_web.page.state import State
    from fourxl_web.page.telling.notifying import Notifications

_EVERY_S = 0.5


class Alerts:
    """Follows the batches: progress while one runs, a mark after it until the page is looked at."""

    def __init__(self, notifications: Notifications) -> None:
        """Show nothing yet."""
        self._notifications = notifications
        self._queue: tuple[str, ...] = ()
        self._pace = Pace(_EVERY_S)
        self._icon, self._badge = _Icon(), _Badge()
        for target, name in ((js.window, "focus"), (js.document, "visibilitychange")):
            target.addEventListener(name, create_proxy(self._looked_at))

    def show(self, state: State) -> None:
        """Tell what is new in ``state``."""
        if state.queue:
            is_new = not self._queue
            self._queue = state.queue
            if self._pace.is_due(time.monotonic()) or is_new:
                js.document.title = running_title(state.batch_share)
                self._icon.show(ring.working(state.batch_share))
                self._badge.show(sum(item.phase in ("waiting", "running") for item in batch.queued(state)))
        elif self._queue:
            came = ending(state, self._queue)
            self._queue = ()
            self._end(came)

    def _end(self, came: Ending) -> None:
        if not came.is_news or _is_looked_at():
            self._restore()
            return
        js.document.title = came.title()
        self._icon.show(ring.done())
        self._badge.show(came.done)
        if js.document.hidden:
            self._notifications.notify(came.notice())

    def _looked_at(self, _event: Any) -> None:
        if not self._queue and _is_looked_at():
            self._restore()

    def _restore(self) -> None:
        if self._icon.is_shown:
            js.document.title = language.say("page.title")
            self._icon.restore()
            self._badge.show(0)


class _Icon:
    """The icon in the tab."""

    def __init__(self) -> None:
        self._own = [*js.document.querySelectorAll('link[rel~="icon"]')]
        self._link = js.document.createElement("link")
        self._link.rel, self._link.type = "icon", "image/svg+xml"
        self.is_shown = False

    def show(self, address: str) -> None:
        """Show another one instead."""
        self._link.href = address
        if not self.is_shown:
            for link in self._own:
                link.remove()
            js.document.head.append(self._link)
            self.is_shown = True

    def restore(self) -> None:
        """Show the page's own again."""
        self._link.remove()
        js.document.head.append(*self._own)
        self.is_shown = False


def _is_looked_at() -> bool:
    return bool(js.document.visibilityState == "visible" and js.document.hasFocus())


class _Badge:
    """The number on the installed app's icon, where there is one."""

    def __init__(self) -> None:
        self._is_there = hasattr(js.navigator, "setAppBadge")
        self._ignore = create_proxy(lambda _reason: None)

    def show(self, number: int) -> None:
        """Write a number, or take it away with 0."""
        if self._is_there:
            told = js.navigator.setAppBadge(number) if number else js.navigator.clearAppBadge()
            told.catch(self._ignore)
