"""Which key does what, and where none does anything."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fourxl_web.page.device.shortcut_table import IN_PLACE, TABLE, Press, find, shown

KEYS = [(key, shortcut) for shortcut in TABLE for key in shortcut.keys]


def press(key: str, **where: bool) -> Press:
    """Return a press of a key of the table."""
    name = key.removeprefix("Ctrl+")
    return Press(name, with_ctrl=name != key, **where)


@pytest.mark.parametrize(("key", "shortcut"), KEYS, ids=[key for key, _ in KEYS])
def test_every_key_of_the_table(key: str, shortcut: object) -> None:
    """Each does its own thing, and nothing while typing, in a dialog, with Alt or when somebody else has acted."""
    assert find(press(key), has_letters=True) is shortcut
    for where in ("is_typing", "is_taken", "with_alt"):
        assert find(press(key, **{where: True}), has_letters=True) is None


@pytest.mark.parametrize("letter", "oszcjkftm")
def test_browsers_keep_their_keys(letter: str) -> None:
    """Ctrl with a letter, such as Ctrl+S or Ctrl+C, is the browser's; Caps Lock changes nothing."""
    assert find(Press(letter, with_ctrl=True), has_letters=True) is None
    assert find(Press(letter.upper()), has_letters=True) is find(Press(letter), has_letters=True) is not None


def test_single_characters_can_be_switched_off() -> None:
    """What is left needs Ctrl or is no character (WCAG 2.1.4)."""
    left = {key for key, _ in KEYS if find(press(key), has_letters=False)}
    assert left == {"Enter", "Ctrl+Enter", "Escape"}


def test_enter_belongs_to_the_control_that_has_the_focus() -> None:
    """On a button it presses that button."""
    on_control = Press("Enter", is_on_control=True)
    assert find(on_control, has_letters=True) is None
    assert find(replace(on_control, with_ctrl=True), has_letters=True) is not None


def test_holding_a_key() -> None:
    """It goes on zooming and looking through pictures, and does nothing else twice."""
    held = {shortcut.name for key, shortcut in KEYS if find(press(key, is_repeated=True), has_letters=True)}
    assert held == {"next", "previous", "in", "out"}


def test_every_shortcut_is_explained() -> None:
    """The help has a sentence and a key for each, and no key means two things."""
    english = json.loads((Path(__file__).parents[2] / "site/languages/en.json").read_text())
    assert {f"help.key.{shortcut.name}" for shortcut in (*TABLE, *IN_PLACE)} == {
        key for key in english if key.startswith("help.key.")
    }
    assert len({key for key, _ in KEYS}) == len(KEYS)
    assert [shown(key) for key in ("o", "Escape", "Ctrl+Enter", "?")] == ["O", "Esc", "Ctrl+Enter", "?"]
    assert all(
        len(shown(key)) == 1 for shortcut in IN_PLACE for key in shortcut.keys if key.startswith("Arrow")
    )


def test_keys_of_a_place_do_nothing_elsewhere() -> None:
    """The arrows scroll the page wherever they are not for the list or for the picture."""
    for key in (key for shortcut in IN_PLACE for key in shortcut.keys):
        assert find(Press(key), has_letters=True) is None
