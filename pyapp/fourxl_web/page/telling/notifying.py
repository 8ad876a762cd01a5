"""The notification that a person asked for: permission at that moment, and never a word otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy

from fourxl_web.page import speaking

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_ICON = "icons/icon.svg"


class Notifications:
    """Shows one when the checkbox is ticked and the browser lets it."""

    def __init__(self, wanted: Any, hint: Any, do: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """Ask for permission when the checkbox ``wanted`` is ticked; say in ``hint`` where there is none."""
        self._wanted, self._hint, self._do = wanted, hint, do
        wanted.addEventListener("change", create_proxy(lambda _event: do(self._ask())))

    def notify(self, sentence: str) -> None:
        """Show ``sentence`` if that is wished and allowed; a click on it brings this page to the front."""
        if self._wanted.checked and _permission() == "granted":
            self._do(_show(sentence))

    async def _ask(self) -> None:
        self._say("")
        if not self._wanted.checked or _permission() == "granted":
            return
        if _permission() == "default":
            await js.Notification.requestPermission()
        if _permission() != "granted":
            self._wanted.checked = False
            self._say("alerts.denied" if hasattr(js, "Notification") else "alerts.unsupported")

    def _say(self, key: str) -> None:
        speaking.write(self._hint, key)


def _permission() -> str:
    return str(js.Notification.permission) if hasattr(js, "Notification") else "unsupported"


async def _show(sentence: str) -> None:
    try:
        notification = js.Notification.new("4XL", body=sentence, icon=_ICON, tag="4xl-done")
    except JsException:  # phones let only the service worker show one; it brings the page forward itself
        if registration := await js.navigator.serviceWorker.getRegistration():
            await registration.showNotification("4XL", body=sentence, icon=_ICON, tag="4xl-done")
        return

    def clicked(_event: Any) -> None:
        js.window.focus()
        notification.close()

    notification.onclick = create_proxy(clicked)
