"""The keyboard shortcuts, and the help that lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl_web.page import speaking
from fourxl_web.page.device.memory import Memory
from fourxl_web.page.device.shortcut_table import IN_PLACE, TABLE, Press, Shortcut, find, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl_web.page.state import State

_TYPED_INTO = (
    "input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=button], [type=submit]), "
    "textarea, select, [contenteditable]"
)


class Shortcuts:
    """Presses the page's own controls, so that a key does what the control does and nothing more."""

    def __init__(self, dialog: Any, button: Any, select: Callable[[str], object]) -> None:
        """Listen to keys; ``button`` opens the help ``dialog``, and ``select`` shows the picture with an id."""
        self._dialog, self._select = dialog, select
        self._memory = Memory("4xl-letters")
        self._items: tuple[str, ...] = ()
        self._selected: str | None = None
        self._letters = dialog.querySelector("[data-part=letters]")
        self._letters.checked = self._memory.read() != "off"
        self._letters.addEventListener("change", create_proxy(self._switch))
        button.addEventListener("click", create_proxy(lambda _event: self._help()))
        js.document.addEventListener("keydown", create_proxy(self._pressed))

    def show(self, state: State) -> None:
        """Know which pictures there are."""
        self._items, self._selected = tuple(item.id for item in state.items), state.selected

    def _switch(self, _event: Any) -> None:
        self._memory.write("on" if self._letters.checked else "off")

    def _pressed(self, event: Any) -> None:
        if found := find(_press(event), has_letters=bool(self._letters.checked)):
            event.preventDefault()
            self._act(found)

    def _act(self, shortcut: Shortcut) -> None:
        match shortcut.name:
            case "next":
                self._go(1)
            case "previous":
                self._go(-1)
            case "models":
                _focus("#models input:checked")
            case _:
                _press_on(shortcut.target)

    def _go(self, step: int) -> None:
        """Show the next picture, or the one before."""
        if self._selected in self._items:
            place = self._items.index(self._selected) + step
            if 0 <= place < len(self._items):
                self._select(self._items[place])

    def _help(self) -> None:
        rows = self._dialog.querySelector("[data-part=keys]")
        rows.replaceChildren()
        for shortcut in (*TABLE, *IN_PLACE):
            keys, what = js.document.createElement("dt"), js.document.createElement("dd")
            for key in shortcut.keys:
                name = js.document.createElement("kbd")
                name.textContent = shown(key)
                keys.append(name, " ")
            speaking.write(what, f"help.key.{shortcut.name}")
            rows.append(keys, what)
        self._dialog.showModal()


def _press(event: Any) -> Press:
    target = event.target
    return Press(
        key=str(event.key),
        with_ctrl=bool(event.ctrlKey or event.metaKey),
        with_alt=bool(event.altKey),
        is_repeated=bool(event.repeat),
        is_typing=bool(event.isComposing or target.closest(_TYPED_INTO)),
        is_on_control=str(target.tagName) != "BODY",
        is_taken=bool(event.defaultPrevented or js.document.querySelector("dialog[open]")),
    )


def _press_on(selector: str) -> None:
    target = js.document.querySelector(selector)
    if target and not getattr(target, "disabled", False) and not target.closest("[hidden]"):
        target.click()


def _focus(selector: str) -> None:
    if target := js.document.querySelector(selector):
        target.focus()
