"""Where pictures are enlarged, as the page shows it and a person chooses it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy

from fourxl import manifest
from fourxl.errors import FourxlError
from fourxl_web.page import messages, server_words
from fourxl_web.page.device.memory import Memory
from fourxl_web.page.remote import place
from fourxl_web.page.remote.answers import Asleep
from fourxl_web.page.remote.consent import Consent
from fourxl_web.page.remote.fetching import Fetch
from fourxl_web.page.remote.server import ServerClient
from fourxl_web.page.remote.transport import Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.remote.place import Place, Server

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
        self._memory = Memory("4xl-place")
        self.now = place.NOWHERE_ELSE
        self.client: ServerClient | None = None
        self._chooser.addEventListener("change", create_proxy(self._chosen))
        self._again.addEventListener("click", create_proxy(self._forget))
        js.addEventListener("storage", create_proxy(lambda _event: self._follow()))

    async def find(self) -> Server | None:
        """Return the server that this site names, if any."""
        return place.read_config(await _read("config.json", "no-store"), js.document.baseURI)

    def begin(self, server: Server) -> None:
        """Offer ``server``, and take up what was chosen before."""
        self.client = ServerClient(server, Fetch(), self._tell)
        for mode in server_words.modes(server.host):
            option = js.document.createElement("option")
            option.value = mode
            self._chooser.append(option)
        self._take(place.recall(self._memory.read(), server))
        self.say()
        self._chooser.hidden = False

    def stay(self) -> None:
        """Say that nothing can leave, since the site names no server."""
        self.say()

    def say(self) -> None:
        """Say everything again, in the language of now."""
        if self.now.server is not None:
            modes = server_words.modes(self.now.server.host)
            for option in self._chooser.options:
                option.textContent = modes[option.value]
        _element("privacy").textContent = server_words.privacy(self.now)
        _element("tagline").textContent = server_words.tagline(self.now)

    def may_send(self) -> bool:
        """Return whether a picture may leave without a question, by what was last said in any tab."""
        self._follow()
        return self.now.may_send

    async def ask(self, host: str, failed: FourxlError, is_for_all: bool) -> bool:  # noqa: FBT001 - one of two questions
        """Return whether the picture, or all that fail like it, may go to ``host``, since this device ``failed``."""
        answer = await self._consent.ask(host, failed, is_for_all=is_for_all)
        if answer.is_lasting:
            self._choose(may_send=True)
        return answer.may_send

    async def read_models(self) -> None:
        """Tell the site's models when no engine does."""
        try:
            self._tell(messages.ModelsRead(manifest.parse(await _read("models/manifest.json")).models))
        except FourxlError as error:
            js.console.warn(error.message)  # the form has the first model by itself

    async def _look(self) -> None:
        """Learn which models the server has, and how quick it is; a server that sleeps begins to wake."""
        if self.client is None:
            return
        try:
            health = await self.client.health()
        except (Asleep, Lost, TimeoutError, FourxlError):
            return  # a job will wait, or say what is wrong
        pace, ahead = health.seconds_a_pixel, health.ahead
        self._take(replace(self.now, models=health.models, seconds_a_pixel=pace, ahead=ahead))

    def _chosen(self, _event: Any) -> None:
        self._choose(mode=self._chooser.value)

    def _forget(self, _event: Any) -> None:
        self._choose(may_send=False)
        self._chooser.focus()

    def _choose(self, **changed: Any) -> None:
        found, text = place.chosen(self.now, self._memory.read(), **changed)
        self._memory.write(text)
        self._take(found)

    def _follow(self) -> None:
        """Take up what was allowed or taken back in another tab."""
        found = place.agreed(self.now, self._memory.read())
        if found != self.now:
            self._take(found)

    def _take(self, found: Place) -> None:
        before, self.now = self.now, found
        self._chooser.value = found.mode
        self._again.hidden = not (found.mode == "auto" and found.may_send)
        _element("privacy").textContent = server_words.privacy(found)
        _element("tagline").textContent = server_words.tagline(found)
        self._tell(messages.PlaceChanged(found))
        if found.may_be_asked and not before.may_be_asked:
            self._do(self._look())
        if found.mode == "server" and before.mode != "server":
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
