"""The keyboard's place in the list: one row at a time is on the way of Tab, arrows go from row to row."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEPS = {"ArrowDown": 1, "ArrowUp": -1}


class ListKeys:
    """Moves the focus among the rows of a list (the pattern of the roving tabindex)."""

    def __init__(self, section: Any, outside: Any) -> None:
        """Follow the focus inside ``section``; it goes to ``outside`` when there is no list any more."""
        self._section, self._outside = section, outside
        self._rows = rows = section.querySelector("#items")
        self._active: Any = None
        rows.addEventListener(
            "focusin", create_proxy(lambda event: self._activate(event.target.closest("li")))
        )
        rows.addEventListener("keydown", create_proxy(self._press))
        watcher = js.MutationObserver.new(create_proxy(lambda *_: self._keep_one()))
        watcher.observe(rows, childList=True)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Give the focus to the next row if the one that had it goes inside, or outside with the whole list."""
        focused = js.document.activeElement
        was_inside = self._section.contains(focused)
        row = focused.closest("#items > li") if focused else None
        do = focused.dataset.do if row else ""
        after = (row.nextElementSibling, row.previousElementSibling) if row else ()
        yield
        if was_inside and self._section.hidden:
            self._outside.focus()
        elif row and not row.isConnected:
            if there := next((other for other in after if other and other.isConnected), None):
                _focus(there, do)
        elif row and focused.hidden:
            _focus(row, "select")

    def _keep_one(self) -> None:
        """Keep one row on the way of Tab, and all others off it."""
        if not (self._active and self._active.isConnected):
            self._activate(self._rows.firstElementChild)
        for row in self._rows.querySelectorAll("li:not([data-keys])"):
            _set_reach(row, is_reached=row.isSameNode(self._active))
            row.dataset.keys = ""

    def _activate(self, row: Any) -> None:
        if self._active and self._active.isConnected:
            _set_reach(self._active, is_reached=False)
        self._active = row
        if row:
            _set_reach(row, is_reached=True)

    def _press(self, event: Any) -> None:
        row = event.target.closest("li")
        if event.ctrlKey or event.metaKey or event.altKey or not row:
            return
        rows = self._rows.children
        if event.key in _STEPS:
            target = row.nextElementSibling if _STEPS[event.key] > 0 else row.previousElementSibling
        elif event.key in ("Home", "End"):
            target = rows.item(0 if event.key == "Home" else rows.length - 1)
        elif event.key == "Delete":
            target = None
            row.querySelector("[data-do=remove]").click()
        else:
            return
        event.preventDefault()
        if target:
            _focus(target, str(event.target.dataset.do))


def _focus(row: Any, do: str) -> None:
    """Focus the button of ``row`` that does the same, or the row itself when it has none."""
    button = row.querySelector(f"[data-do='{do}']:not([hidden])") or row.querySelector("[data-do=select]")
    button.focus()


def _set_reach(row: Any, *, is_reached: bool) -> None:
    for button in row.querySelectorAll("button"):
        button.tabIndex = 0 if is_reached else -1
