"""What Enhance runs, what comes next, and how far the whole is: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fourxl_web.page.state import Item, Picked, State


def to_run(state: State) -> tuple[str, ...]:
    """Return what Enhance runs now: all that is not done; when everything is, all of it again."""
    undone = tuple(item.id for item in state.items if item.phase != "done")
    return undone or tuple(item.id for item in state.items)


def queued(state: State) -> list[Item]:
    """Return the pictures of the running batch, in the order of the list; none without one."""
    ids = set(state.queue)
    return [item for item in state.items if item.id in ids]


def next_id(state: State) -> str | None:
    """Return whose turn it is; None while one runs, and when nothing waits."""
    if state.running is not None:
        return None
    return next((item.id for item in queued(state) if item.phase == "waiting"), None)


def has_more(state: State) -> bool:
    """Return whether the running batch has a picture to do that has not begun."""
    return any(item.phase == "waiting" for item in queued(state))


def weights(items: Iterable[Item]) -> dict[str, float]:
    """Return how much work each item is: its pixels; where they are not known, what its bytes let expect."""
    items = list(items)
    known = [item.picked for item in items if item.picked.sides_px]
    known_bytes = sum(picked.size_bytes for picked in known)
    pixels_a_byte = sum(map(_pixels, known)) / known_bytes if known_bytes else 1.0
    return {
        item.id: float(_pixels(item.picked) or max(item.picked.size_bytes, 1) * pixels_a_byte)
        for item in items
    }


def share(state: State) -> float:
    """Return how much of the running batch is done, 0 to 1; 0 without one."""
    whole = sum(state.weights.get(item_id, 0) for item_id in state.queue)
    return min(_done(state) / whole, 1.0) if whole else 0.0


def settled(state: State) -> tuple[int, int]:
    """Return how many pictures of the batch are done, and how many it has; without one, of all."""
    items = queued(state) if state.queue else state.items
    return sum(item.phase == "done" for item in items), len(items)


def _done(state: State) -> float:
    """Return the weight of what has ended, well or not, and of what is done of the running picture."""
    ended = sum(
        state.weights.get(item.id, 0)
        for item in queued(state)
        if item.phase in ("done", "failed", "cancelled")
    )
    running = state.running
    if running and running.job and running.job.progress:
        ended += state.weights.get(running.id, 0) * running.job.progress.fraction
    return ended


def _pixels(picked: Picked) -> int:
    return picked.sides_px[0] * picked.sides_px[1] if picked.sides_px else 0
