"""Draws the list of pictures: a row for each, of which only those that changed are touched."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import js

from fourxl_web.language import say
from fourxl_web.page.listing import batch_words
from fourxl_web.page.listing.thumbnails import Thumbnails

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.files import Files
    from fourxl_web.page.state import Item, State

_ROWS_AT_ONCE = 40
_PAUSE_S = 0.02
"""Between so many new rows, so that the page stays alive while thousands are added."""

_LEAST = 2
"""Pictures from which on there is a list."""

_Drawn = tuple["Item", bool, bool]
"""What a row shows: the picture, whether it is selected, and whether it waits for its turn."""


class ListView:
    """Rows made from the page's template."""

    def __init__(self, section: Any, files: Files, do: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """Draw into ``section``; rows are added with ``do``, since there may be many."""
        self._section, self._do, self._files = section, do, files
        self._rows_at = section.querySelector("#items")
        self._template = section.querySelector("#item").content
        self._rows: dict[str, Any] = {}
        self._drawn: dict[str, _Drawn] = {}
        self._wanted: dict[str, _Drawn] = {}
        self._is_adding = False
        self._thumbnails = Thumbnails(self._source, do)

    def show(self, state: State) -> None:
        """Make the list say what ``state`` says."""
        self._section.hidden = len(state.items) < _LEAST
        _say(self._section.querySelector("[data-part=summary]"), batch_words.summary(state))
        self._section.querySelector("#clear").disabled = bool(state.queue)
        queued = set(state.queue)
        self._wanted = {item.id: (item, item.id == state.selected, item.id in queued) for item in state.items}
        for item_id in self._rows.keys() - self._wanted.keys():
            self._remove(item_id)
        for item_id, row in self._rows.items():
            self._draw(item_id, row)
        if len(self._rows) < len(self._wanted) and not self._is_adding:
            self._is_adding = True
            self._do(self._add())

    def say(self) -> None:
        """Say everything again, in the language of now."""
        self._drawn.clear()
        for item_id, row in self._rows.items():
            _say(row.querySelector("[data-part=name]"), batch_words.name(self._wanted[item_id][0]))
            self._draw(item_id, row)

    def _source(self, item_id: str) -> tuple[Any, bool]:
        wanted = self._wanted.get(item_id)
        width, height = (wanted[0].picked.sides_px if wanted else None) or (1, 1)
        return self._files.source.get(item_id), width > height

    async def _add(self) -> None:
        """Add rows that are missing, some at a time."""
        try:
            while missing := [item_id for item_id in self._wanted if item_id not in self._rows]:
                for item_id in missing[:_ROWS_AT_ONCE]:
                    self._rows[item_id] = self._new_row(item_id)
                    self._draw(item_id, self._rows[item_id])
                if len(missing) > _ROWS_AT_ONCE:
                    await asyncio.sleep(_PAUSE_S)
        finally:
            self._is_adding = False

    def _new_row(self, item_id: str) -> Any:
        row = js.document.importNode(self._template, True).firstElementChild
        row.dataset.id = item_id
        name = batch_words.name(self._wanted[item_id][0])
        _say(row.querySelector("[data-part=name]"), name)
        self._rows_at.append(row)
        self._thumbnails.watch(row)
        return row

    def _remove(self, item_id: str) -> None:
        row = self._rows.pop(item_id)
        self._drawn.pop(item_id, None)
        self._thumbnails.forget(row)
        row.remove()

    def _draw(self, item_id: str, row: Any) -> None:
        """Make a row say what it should, if it does not already."""
        wanted, drawn = self._wanted[item_id], self._drawn.get(item_id)
        if drawn is not None and drawn[0] is wanted[0] and drawn[1:] == wanted[1:]:
            return
        item, is_selected, is_queued = self._drawn[item_id] = wanted
        row.dataset.phase = item.phase
        line = batch_words.row(item, is_queued=is_queued)
        _say(row.querySelector("[data-part=state]"), line)
        row.querySelector("[data-part=state]").title = line if item.phase == "failed" else ""
        _show_progress(row.querySelector("[data-part=progress]"), item)
        row.querySelector("[data-do=select]").setAttribute("aria-current", "true" if is_selected else "false")
        is_running, is_turn_to_come = item.phase == "running", item.phase == "waiting" and is_queued
        shown = {
            "save": item.result is not None,
            "retry": item.phase in ("failed", "cancelled"),
            "cancel": is_running or is_turn_to_come,
            "remove": not is_running,
        }
        if drawn is None or drawn[0].phase != item.phase or drawn[2] != is_queued:
            _show_tools(row, item, shown, is_running=is_running)


def _show_progress(bar: Any, item: Item) -> None:
    bar.hidden = item.phase != "running"
    if item.job and item.job.progress:
        bar.value = item.job.progress.fraction
    else:
        bar.removeAttribute("value")


def _show_tools(row: Any, item: Item, shown: dict[str, bool], *, is_running: bool) -> None:
    """Show the buttons that do something now, and say what they do."""
    name = batch_words.name(item)
    for do, is_shown in shown.items():
        button = row.querySelector(f"[data-do={do}]")
        button.hidden = not is_shown
        key = "skip" if do == "cancel" and not is_running else do
        label = say(f"batch.{key}", name=name)
        button.title = label
        button.setAttribute("aria-label", label)


def _say(target: Any, text: str) -> None:
    if target.textContent != text:
        target.textContent = text
