"""States in which one picture is shown."""

from __future__ import annotations

from typing import Any, Literal

from fourxl_web.page.state import Item, Picked, State

ITEM = "one"


def showing(
    picked: Picked, *, engine: Literal["starting", "ready", "failed"] = "ready", **item: Any
) -> State:
    """Return the state of a page whose one picture is ``picked``, with the rest of its item as told."""
    phase = "running" if item.get("job") else "waiting"
    found = Item(ITEM, picked, **{"phase": phase, **item})
    return State(engine=engine, items=(found,), selected=ITEM, queue=(ITEM,) if item.get("job") else ())
