"""The keyboard's place on the page, when Enhance and Cancel take turns."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import js

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOST = ("", "BODY", "cancel")
"""Where the focus is when the control that had it is gone."""


@contextmanager
def kept(is_running: Callable[[], bool]) -> Iterator[None]:
    """Move the focus on if a job starts or ends inside, and nowhere else."""
    was_running, before = is_running(), _focused()
    yield
    if is_running() and not was_running and before == "enhance":
        _focus("cancel")
    elif was_running and not is_running() and _focused() in _LOST:
        _focus("enhance")


def _focused() -> str:
    """Return the id of the element that has the focus, or its kind if it has none."""
    found = js.document.activeElement
    return str(found.id or found.tagName) if found else ""


def _focus(name: str) -> None:
    options = js.Object.new()
    options.preventScroll = True
    js.document.getElementById(name).focus(options)
