"""Draws the state: the only module that writes to the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js

from fourxl_web.page import options, server_words, words
from fourxl_web.page.place import NOWHERE_ELSE
from fourxl_web.page.quantities import size
from fourxl_web.page.shelf_view import ShelfView

if TYPE_CHECKING:
    from fourxl.manifest import ModelSpec
    from fourxl_web.page.state import State
    from fourxl_web.shelf import Shelf


def element(name: str) -> Any:
    """Return the element with that id."""
    return js.document.getElementById(name)


def shown_sides_px() -> tuple[int, int] | None:
    """Return width and height of the picked picture, if the browser can show it."""
    shown = element("thumbnail")
    return (shown.naturalWidth, shown.naturalHeight) if shown.complete and shown.naturalWidth else None


class View:
    """Shows one state after the other, touching only what changed."""

    def __init__(self) -> None:
        """Remember nothing shown yet."""
        self._models: tuple[ModelSpec, ...] = ()
        self._place = NOWHERE_ELSE
        self._models_view = ShelfView(element("shelf"), element("kept"))
        self._shelf: Shelf | None = None
        self._result: object = None
        self._source_url = self._result_url = ""

    def show(self, state: State) -> None:
        """Make the page say what ``state`` says."""
        if state.models and (state.models, state.place) != (self._models, self._place):
            self._place = state.place
            self._offer(state.models)
        if state.shelf != self._shelf:
            self._shelf = state.shelf
            self.show_purpose()
        self._models_view.show(state)
        _text("status", words.status(state))
        _text("elapsed", words.elapsed(state))
        element("status").classList.toggle("error", state.error is not None)
        for name in ("file", "own-model", "place"):
            element(name).disabled = state.job is not None or state.bringing is not None
        element("enhance").disabled = not state.can_start
        element("cancel").hidden = state.job is None
        element("cancel").disabled = state.job is None or state.job.cancelling
        self._progress(state)
        word, reason = words.badge(state.placed)
        element("badge").hidden = not word
        _text("badge-word", word)
        _text("badge-reason", reason)
        element("result").hidden = state.result is None
        if state.result is not None and state.result is not self._result:
            _text("report", words.report(state.result))
            element("download").download = words.file_name(state.result)
        self._result = state.result

    def show_model(self) -> None:
        """Say what the chosen model is for, and offer what it can do."""
        self.show_purpose()
        for spec in self._models:
            if spec.id == element("model").value:
                options.follow(spec)

    def choose(self, spec: ModelSpec) -> None:
        """Set the form to a model that is offered."""
        element("model").value = spec.id
        self.show_model()

    def show_purpose(self) -> None:
        """Say what the chosen model is for."""
        chosen = (spec for spec in self._models if spec.id == element("model").value)
        shelf = None if self._place.mode == "server" else self._shelf
        _text("purpose", next((words.purpose(spec, shelf) for spec in chosen), ""))

    def show_source(self, file: Any) -> None:
        """Show the picked file, as the browser reads it, beside its name."""
        self._source_url = _replace_url(self._source_url, file)
        _text("picked", f"{file.name or 'pasted picture'} · {size(file.size)}")
        for name in ("thumbnail", "before"):
            element(name).src = self._source_url
        element("thumbnail").hidden = False

    def show_result(self, blob: Any) -> None:
        """Show the result and offer it for download."""
        self._result_url = _replace_url(self._result_url, blob)
        element("after").src = self._result_url
        element("download").href = self._result_url

    def _offer(self, models: tuple[ModelSpec, ...]) -> None:
        chooser = element("model")
        chosen = chooser.value
        chooser.replaceChildren()
        for spec in models:
            option = js.document.createElement("option")
            option.value, option.textContent = spec.id, server_words.choice(spec, self._place)
            option.disabled = not self._place.offers(spec)
            chooser.append(option)
        if any(spec.id == chosen for spec in models):
            chooser.value = chosen
        self._models = models
        self.show_model()

    def _progress(self, state: State) -> None:
        bar = element("progress")
        bar.hidden = state.job is None
        if (share_done := state.share_done) is not None:
            bar.value = share_done
        else:
            bar.removeAttribute("value")


def _text(name: str, text: str) -> None:
    target = element(name)
    if target.textContent != text:
        target.textContent = text


def _replace_url(old: str, content: Any) -> str:
    if old:
        js.URL.revokeObjectURL(old)
    url: str = js.URL.createObjectURL(content)
    return url
