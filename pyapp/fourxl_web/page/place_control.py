"""Where pictures are enlarged, as the page shows it and a person chooses it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import js
from pyodide.ffi import JsException, create_proxy

from fourxl import manifest
from fourxl.errors import FourxlError
from fourxl_web.page import messages, place, server_words
from fourxl_web.page.answers import Asleep
from fourxl_web.page.consent import Consent
from fourxl_web.page.fetching import Fetch
from fourxl_web.page.server import ServerClient
from fourxl_web.page.transport import Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.place import Mode, Place

_KEPT_AS = "4xl-place"
_READ_TIMEOUT_MS = 10_000
"""For what the site itself should have at hand."""


class PlaceControl:
    """The choice, the sentence about it, and what is remembered of it on this device."""

    def __init__(
        self,
        tell: Callable[[messages.Message], None],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Listen to the page's controls; work is started with ``do``."""
        self._tell, self._do = tell, do
        self._chooser, self._again = _element("place"), _element("ask-again")
        self._consent = Consent(_element("consent"))
        self.now = place.NOWHERE_ELSE
        self.client: ServerClient | None = None
        self._chooser.addEventListener("change", create_proxy(self._chosen))
        self._again.addEventListener("click", create_proxy(self._forget))

    async def begin(self) -> None:
        """Read which server this site names, if any, and what was chosen before."""
        server = place.read_config(await _read("config.json", "no-store"), js.document.baseURI)
        if server is None:
            return
        self.client = ServerClient(server, Fetch(), self._tell)
        for mode, label in server_words.modes(server.host).items():
            option = js.document.createElement("option")
            option.value, option.textContent = mode, label
            self._chooser.append(option)
        self._take(place.recall(_recall(), server))
        self._chooser.hidden = False

    async def ask(self, host: str, failed: FourxlError) -> bool:
        """Return whether the picture may go to ``host``, since this device ``failed``."""
        answer = await self._consent.ask(host, failed)
        if answer.is_lasting:
            self._keep(replace(self.now, may_send=True))
        return answer.may_send

    async def read_models(self) -> None:
        """Tell the site's models when no engine does."""
        try:
            self._tell(messages.ModelsRead(manifest.parse(await _read("models/manifest.json")).models))
        except FourxlError as error:
            js.console.warn(error.message)  # the form has the first model by itself

    async def _look(self) -> None:
        """Learn which models the server has; a server that sleeps begins to wake."""
        if self.client is None:
            return
        try:
            health = await self.client.health()
        except (Asleep, Lost, TimeoutError, FourxlError):
            return  # a job will wait, or say what is wrong
        self._take(replace(self.now, models=health.models))

    def _chosen(self, _event: Any) -> None:
        self._keep(replace(self.now, mode=cast("Mode", self._chooser.value)))

    def _forget(self, _event: Any) -> None:
        self._keep(replace(self.now, may_send=False))
        self._chooser.focus()

    def _keep(self, found: Place) -> None:
        _remember(found.to_text())
        self._take(found)

    def _take(self, found: Place) -> None:
        before, self.now = self.now, found
        self._chooser.value = found.mode
        self._again.hidden = not (found.mode == "auto" and found.may_send)
        _element("privacy").textContent = server_words.privacy(found)
        _element("tagline").textContent = server_words.tagline(found)
        self._tell(messages.PlaceChanged(found))
        if found.mode == "server" and before.mode != "server":
            self._do(self._look())
            self._do(self.read_models())


def _element(name: str) -> Any:
    return js.document.getElementById(name)


async def _read(path: str, cache: str = "default") -> str:
    """Return a text file of the site; nothing when it cannot be had."""
    options = js.Object.new()
    options.cache, options.signal = cache, js.AbortSignal.timeout(_READ_TIMEOUT_MS)
    try:
        response = await js.fetch(js.URL.new(path, js.document.baseURI).href, options)
        return str(await response.text()) if response.ok else ""
    except JsException:
        return ""


def _recall() -> str | None:
    try:
        kept = js.localStorage.getItem(_KEPT_AS)
    except JsException:  # storage is forbidden
        return None
    return str(kept) if kept else None


def _remember(text: str) -> None:
    try:
        js.localStorage.setItem(_KEPT_AS, text)
    except JsException:
        """It holds for this visit."""
