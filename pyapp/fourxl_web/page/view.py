"""Draws the state: the only module that writes to the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js

from fourxl_web.language import say
from fourxl_web.page import words
from fourxl_web.page.device.shelf_view import ShelfView
from fourxl_web.page.quantities import size

if TYPE_CHECKING:
    from fourxl_web.page.files import Files
    from fourxl_web.page.state import State


def element(name: str) -> Any:
    """Return the element with that id."""
    return js.document.getElementById(name)


class View:
    """Shows one state after the other, touching only what changed."""

    def __init__(self, files: Files) -> None:
        """Remember nothing shown yet; pictures and results are in ``files``."""
        self._files = files
        self._models_view = ShelfView(element("shelf"), element("kept"))
        self._shown: str | None = None
        self._source_url = ""

    def show(self, state: State) -> None:
        """Make the page say what ``state`` says."""
        self._models_view.show(state)
        _text("status", words.status(state))
        _text("elapsed", words.elapsed(state))
        element("status").classList.toggle("error", state.error is not None)
        is_busy = bool(state.queue) or state.bringing is not None
        for name in ("own-model", "place"):
            element(name).disabled = is_busy
        element("enhance").disabled = not state.can_start
        self._cancel(state)
        self._progress(state)
        word, reason = words.badge(state.placed)
        element("badge").hidden = not word
        _text("badge-word", word)
        _text("badge-reason", reason)
        self._show_selected(state)

    def _show_selected(self, state: State) -> None:
        """Show the selected picture and what came of it."""
        element("stage").dataset.items = len(state.items)
        self._say_picked(state)
        if state.selected != self._shown:
            self._shown = state.selected
            self._show_source(state)
        for name in ("result", "download"):
            element(name).hidden = state.result is None

    def _cancel(self, state: State) -> None:
        running = state.running
        element("cancel").hidden = not state.queue
        # Between two pictures it stays as it is: a control that is disabled loses the focus.
        element("cancel").disabled = bool(running and running.job and running.job.cancelling)

    def _say_picked(self, state: State) -> None:
        """Say which file is shown, or what can be chosen."""
        picked = state.picked
        if picked is None:
            _text("picked", say("stage.formats"))
            return
        name = picked.name or say("stage.pasted")
        _text("picked", say("stage.picked", name=name, size=size(picked.size_bytes)))

    def _show_source(self, state: State) -> None:
        """Show the picked file as the browser reads it."""
        file = self._files.source.get(state.selected or "")
        element("thumbnail").hidden = file is None
        if self._source_url:
            js.URL.revokeObjectURL(self._source_url)
        self._source_url = str(js.URL.createObjectURL(file)) if file is not None else ""
        if file is not None:
            element("thumbnail").src = self._source_url

    def _progress(self, state: State) -> None:
        """Show how far the whole batch is; one picture alone tells of its model's download too."""
        bar = element("progress")
        bar.hidden = not state.queue
        if bar.hidden:
            return
        share_done = state.share_done if len(state.queue) == 1 else state.batch_share
        if share_done is not None:
            bar.value = share_done
        else:
            bar.removeAttribute("value")


def _text(name: str, text: str) -> None:
    target = element(name)
    if target.textContent != text:
        target.textContent = text
