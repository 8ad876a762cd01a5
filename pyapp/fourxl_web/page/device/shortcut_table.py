"""Which key does what: the table that binds the keys of the page, and what the help shows besides. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key, and the control that it stands for."""

    name: str
    """Its sentence is ``help.key.NAME``."""

    keys: tuple[str, ...]
    """As browsers name them, letters small; ``Ctrl+`` in front is the Command key as well."""

    target: str = ""
    """CSS selector of the control that is pressed; empty for those that the page does otherwise."""

    repeats: bool = False
    """Whether holding the key goes on doing it."""


TABLE = (
    Shortcut("choose", ("o",), "#file"),
    Shortcut("enhance", ("Enter", "Ctrl+Enter"), "#enhance"),
    Shortcut("cancel", ("Escape",), "#cancel"),
    Shortcut("save", ("s",), "#download"),
    Shortcut("zip", ("z",), "#save-zip"),
    Shortcut("copy", ("c",), "#copy"),
    Shortcut("next", ("j",), repeats=True),
    Shortcut("previous", ("k",), repeats=True),
    Shortcut("fit", ("f",), '#compare-tools [data-do="fit"]'),
    Shortcut("actual", ("1",), '#compare-tools [data-do="actual"]'),
    Shortcut("in", ("+",), '#compare-tools [data-do="in"]', repeats=True),
    Shortcut("out", ("-",), '#compare-tools [data-do="out"]', repeats=True),
    Shortcut("theme", ("t",), "#theme"),
    Shortcut("models", ("m",)),
    Shortcut("help", ("?",), "#help"),
)

IN_PLACE = (
    Shortcut("rows", ("ArrowUp", "ArrowDown")),
    Shortcut("remove", ("Delete",)),
    Shortcut("pan", ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")),
    Shortcut("divider", ("Home", "End")),
)
"""What keys do inside the list and on the picture (list_keys.py, viewer/keys.py): for the help alone."""

_PRINTED = {"Escape": "Esc", "ArrowUp": "↑", "ArrowDown": "↓", "ArrowLeft": "←", "ArrowRight": "→"}


@dataclass(frozen=True, slots=True)
class Press:
    """A key that was pressed, and where."""

    key: str
    with_ctrl: bool = False
    """With Ctrl or Command."""

    with_alt: bool = False
    is_repeated: bool = False
    is_typing: bool = False
    """In a field that takes text or finds entries by their letters."""

    is_on_control: bool = False
    """On something that the key may mean something to."""

    is_taken: bool = False
    """Whether somebody else has acted on it, or a dialog is open."""


def find(press: Press, *, has_letters: bool) -> Shortcut | None:
    """Return what the key is for, or None; without ``has_letters`` single characters are for nothing."""
    if press.is_taken or press.is_typing or press.with_alt:
        return None
    key = press.key.lower() if len(press.key) == 1 else press.key
    if press.with_ctrl:
        key = f"Ctrl+{key}"
    elif len(key) == 1 and not has_letters:
        return None
    if key == "Enter" and press.is_on_control:
        return None
    found = next((shortcut for shortcut in TABLE if key in shortcut.keys), None)
    return found if found and (found.repeats or not press.is_repeated) else None


def shown(key: str) -> str:
    """Return what is printed on a key."""
    return _PRINTED.get(key, key.upper() if len(key) == 1 else key)
