"""Draws the section "Models on this device"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js

from fourxl_web.language import say, told
from fourxl_web.page import error_words, server_words, words
from fourxl_web.page.quantities import downloaded

if TYPE_CHECKING:
    from fourxl.manifest import ModelSpec
    from fourxl_web.page.state import State
    from fourxl_web.shelf import Shelf


class ShelfView:
    """One row for each model, made from the page's template."""

    def __init__(self, section: Any, page_kept: Any) -> None:
        """Draw into ``section``; the element ``page_kept`` is shown when the page works without a network."""
        self._section, self._page_kept = section, page_kept
        self._rows: dict[str, Any] = {}

    def show(self, state: State) -> None:
        """Make the section say what ``state`` says."""
        if state.shelf is None:
            return
        self._section.hidden = False
        for model_id in self._rows.keys() - {spec.id for spec in state.models}:
            self._rows.pop(model_id).remove()
        for spec in state.models:
            if spec.id not in self._rows:
                self._rows[spec.id] = self._add_row(spec)
            self._show_row(self._rows[spec.id], spec, state.shelf, state)
        _say(self._part("total"), words.shelf_total(state))
        _say(self._part("obstacle"), told(state.shelf.obstacle))

    def _part(self, name: str) -> Any:
        return _part(self._section, name)

    def _add_row(self, spec: ModelSpec) -> Any:
        row = js.document.importNode(self._part("row").content, True).firstElementChild
        for button in row.querySelectorAll("button"):
            button.value = spec.id
        self._part("rows").append(row)
        return row

    def _show_row(self, row: Any, spec: ModelSpec, shelf: Shelf, state: State) -> None:
        place, is_fetching = shelf.place(spec), state.fetching == spec.id
        is_deletable = bool(shelf.deletable(spec, state.models))
        here = state.download if state.download and state.download.model_id == state.fetching else None
        failed = state.shelf_error if state.shelf_error and state.shelf_error[0] == spec.id else None
        if is_fetching:
            line = (
                say("shelf.downloading-amount", amount=downloaded(here)) if here else say("shelf.downloading")
            )
        elif failed:
            line = error_words.sentence(failed[1])
        else:
            is_page_kept = not self._page_kept.hidden
            line = words.place(spec, shelf, is_deletable=is_deletable, is_page_kept=is_page_kept)
        model = server_words.label(spec)
        _say(_part(row, "label"), model)
        _say(_part(row, "purpose"), words.described(spec))
        for name in ("download", "stop", "delete"):
            _part(row, name).setAttribute("aria-label", say(f"shelf.{name}-model", model=model))
        _say(_part(row, "place"), line)
        _part(row, "place").classList.toggle("error", failed is not None)
        bar = _part(row, "progress")
        bar.hidden = not is_fetching
        bar.value = here.received_bytes / here.total_bytes if here else 0
        is_part_of_page = spec.trained is None
        _part(row, "download").hidden = place != "absent" or is_fetching or is_part_of_page
        _part(row, "download").disabled = state.fetching is not None
        _part(row, "stop").hidden = not is_fetching
        _part(row, "delete").hidden = is_fetching or not is_deletable


def _part(parent: Any, name: str) -> Any:
    return parent.querySelector(f"[data-part={name}]")


def _say(target: Any, text: str) -> None:
    if target.textContent != text:
        target.textContent = text
