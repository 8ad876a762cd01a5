"""Trying the models on a part of the selected picture: what the dialog's buttons do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy

from fourxl.errors import FourxlError
from fourxl_web.language import say
from fourxl_web.page import error_words, messages, server_words
from fourxl_web.page.device.shelf import ask_to_keep
from fourxl_web.page.form import options
from fourxl_web.page.quantities import downloaded, duration, size
from fourxl_web.page.trying.cards import Cards
from fourxl_web.page.trying.picker import Picker, cut
from fourxl_web.shelf import NOTABLE_BYTES, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings
    from fourxl_web.page.engine import EngineClient
    from fourxl_web.page.files import Files
    from fourxl_web.page.state import State
    from fourxl_web.page.trying.crop import Crop


class Trying:
    """The button that opens the dialog, and the dialog."""

    def __init__(
        self,
        dialog: Any,
        files: Files,
        engine: Callable[[], EngineClient | None],
        choose: Callable[[ModelSpec], object],
        tell: Callable[[messages.Message], None],
        do: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        """``choose`` takes a model for the form; work is started with ``do``."""
        self._dialog, self._files, self._engine = dialog, files, engine
        self._choose, self._tell, self._do = choose, tell, do
        self._button, self._hint = (js.document.getElementById(name) for name in ("try", "try-hint"))
        self._picker = Picker(self._part("picture"))
        self._cards = Cards(self._part("cards"), self._part("card"))
        self._state: State | None = None
        self._models: tuple[ModelSpec, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._is_stopped = False
        self._button.addEventListener("click", create_proxy(lambda _event: do(self._open())))
        dialog.addEventListener("click", create_proxy(self._click))
        dialog.addEventListener("close", create_proxy(self._closed))

    def show(self, state: State) -> None:
        """Offer the dialog when it can be used, else say why not; show how far a download is."""
        self._state = state
        obstacle = _obstacle(state)
        self._button.disabled = bool(obstacle)
        if self._hint.textContent != obstacle:
            self._hint.textContent = obstacle
        download = state.download
        if self._dialog.open and download is not None and state.fetching == download.model_id:
            self._cards.say(download.model_id, say("trying.downloading", amount=downloaded(download)))

    async def _open(self) -> None:
        state = self._state
        if state is None or state.selected is None or _obstacle(state):
            return
        self._models = tuple(spec for spec in state.models if spec.is_ready)
        self._cards.show(self._models)
        for spec in self._models:
            self._offer_download(spec)
        self._say("")
        self._show_running(is_running=False)
        self._dialog.showModal()
        if not await self._picker.open(self._files.source[state.selected]):
            self._say(say("compare.unreadable"))
            self._part("start").disabled = True

    def _click(self, event: Any) -> None:
        button = event.target.closest("button")
        if not button:
            return
        spec = next((spec for spec in self._models if spec.id == button.value), None)
        match button.dataset.part, spec:
            case "start", _:
                self._start(tuple(spec for spec in self._models if not self._missing_bytes(spec)))
            case "stop", _:
                self._stop()
            case "use", found if found is not None:
                self._dialog.close()
                self._choose(found)
                chosen = js.document.querySelector("#models input:checked")
                chosen.dispatchEvent(js.Event.new("change", _bubbling()))  # as if a hand had chosen it
            case "download", found if found is not None:
                ask_to_keep()
                self._start((found,))

    def _closed(self, _event: Any) -> None:
        self._stop()
        self._picker.close()
        self._cards.clear()

    def _start(self, models: tuple[ModelSpec, ...]) -> None:
        engine, part = self._engine(), self._picker.crop
        if engine is not None and part is not None and self._task is None:
            self._is_stopped = False
            self._tell(messages.TryingChanged(is_trying=True))
            self._show_running(is_running=True)
            self._task = self._do(self._run(engine, models, self._picker.file, part))

    def _stop(self) -> None:
        """Stop at the next tile, or in the middle of a download."""
        engine = self._engine()
        if self._task is not None and engine is not None and not self._is_stopped:
            self._is_stopped = True
            self._say(say("trying.stopping"))
            self._do(engine.cancel())
            self._do(engine.stop_download())

    async def _run(self, engine: EngineClient, models: tuple[ModelSpec, ...], file: Any, part: Crop) -> None:
        try:
            wanted = options.settings()
            blob, plain = await cut(file, part)
            if not self._is_stopped:
                self._cards.draw_plain(plain)
            for place, spec in enumerate(models, 1):
                if not self._is_stopped:
                    self._say(
                        say("trying.progress", place=place, count=len(models), model=server_words.label(spec))
                    )
                    await self._try(engine, spec, blob, _for_part(wanted, spec))
            self._say(say("trying.stopped") if self._is_stopped else say("trying.done"))
        except JsException:
            self._say(say("compare.unreadable"))
        except FourxlError as error:
            self._say(error_words.sentence(error))
        finally:
            self._task = None
            self._tell(messages.TryingChanged(is_trying=False))
            self._show_running(is_running=False)

    async def _try(self, engine: EngineClient, spec: ModelSpec, blob: Any, wanted: JobSettings) -> None:
        """Show on its card what one model makes of the part, or why it does not."""
        self._cards.offer(spec.id)
        try:
            if self._missing_bytes(spec):
                await self._fetch(engine, spec)
            self._cards.say(spec.id, say("trying.running"))
            made = await engine.upscale(blob, wanted)
            picture = await js.createImageBitmap(made.blob)
        except asyncio.CancelledError:
            self._cards.say(spec.id, "")
            self._offer_download(spec)
        except FourxlError as error:
            self._cards.say(spec.id, error_words.sentence(error), is_fault=True)
            self._offer_download(spec, is_quiet=True)
        else:
            if not self._is_stopped:
                self._cards.draw(spec.id, picture)
                self._cards.say(spec.id, duration(made.done.seconds))
                self._cards.offer(spec.id, use=True)
            picture.close()

    async def _fetch(self, engine: EngineClient, spec: ModelSpec) -> None:
        """Bring a model to this device, as the section of models tells it too."""
        self._tell(messages.FetchStarted(spec.id))
        try:
            await engine.download(spec.id)
            self._tell(messages.ShelfRead(await engine.shelf()))
        finally:
            self._tell(messages.FetchEnded())

    def _offer_download(self, spec: ModelSpec, *, is_quiet: bool = False) -> None:
        missing_bytes = self._missing_bytes(spec)
        if missing_bytes:
            self._cards.offer(spec.id, download=say("trying.download", size=size(missing_bytes)))
        if not is_quiet:
            self._cards.say(spec.id, say("trying.absent") if missing_bytes else "")

    def _missing_bytes(self, spec: ModelSpec) -> int:
        """Return what a model downloads first, if it is worth a question."""
        shelf = self._state.shelf if self._state and self._state.shelf else Shelf()
        missing_bytes = shelf.missing_bytes(spec)
        return missing_bytes if missing_bytes >= NOTABLE_BYTES else 0

    def _show_running(self, *, is_running: bool) -> None:
        start, stop = self._part("start"), self._part("stop")
        had_focus = js.document.activeElement in (start, stop)
        start.hidden, stop.hidden, start.disabled = is_running, not is_running, False
        for button in self._part("cards").querySelectorAll("[data-part=download]"):
            button.disabled = is_running
        if had_focus and self._dialog.open:
            (stop if is_running else start).focus()

    def _say(self, text: str) -> None:
        self._part("progress").textContent = text

    def _part(self, name: str) -> Any:
        return self._dialog.querySelector(f"[data-part={name}]")


def _bubbling() -> Any:
    how = js.Object.new()
    how.bubbles = True
    return how


def _obstacle(state: State) -> str:
    """Return why the models cannot be tried now; "" when they can."""
    if state.selected is None:
        return say("trying.no_picture")
    if state.queue or state.bringing is not None:
        return say("trying.busy")
    if state.engine != "ready":
        return say("trying.no_engine")
    return ""


def _for_part(wanted: JobSettings, spec: ModelSpec) -> JobSettings:
    """Return how a part is enlarged for looking at it: as the form asks, but as large as the model makes it."""
    return replace(wanted, model_id=spec.id, format="png", depth="8", scale=None, width=None, tile_px=None)
