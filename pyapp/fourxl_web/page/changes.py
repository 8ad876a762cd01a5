"""What happens to the list of pictures and its queue: pure steps from one state to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fourxl_web.page import batch
from fourxl_web.page.state import Item, Job

if TYPE_CHECKING:
    from fourxl_web.page.state import Phase, State


def change(state: State, item_id: str, **changes: Any) -> State:
    """Return the state with one picture changed."""
    items = tuple(replace(item, **changes) if item.id == item_id else item for item in state.items)
    return replace(state, items=items)


def add(state: State, new: tuple[Item, ...], left_out: int) -> State:
    """Return the state with more pictures, which a running batch does too; the first new one is shown when idle."""
    added = replace(state, items=state.items + new, left_out=left_out, refusal=None)
    if not new:
        return added
    if state.queue:
        return _enqueue(added, tuple(item.id for item in new))
    return replace(added, selected=new[0].id, is_following=True)


def measure(state: State, sides_px: dict[str, tuple[int, int]]) -> State:
    """Return the state in which the sides of these pictures are known."""
    items = tuple(
        replace(item, picked=replace(item.picked, sides_px=sides_px[item.id]))
        if item.id in sides_px
        else item
        for item in state.items
    )
    return replace(state, items=items)


def remove(state: State, item_id: str) -> State:
    """Return the state without a picture, unless it runs; the next one is shown in its place."""
    item = state.item(item_id)
    if item is None or item.phase == "running":
        return state
    at, left = state.items.index(item), tuple(other for other in state.items if other is not item)
    selected = state.selected
    if selected == item_id:
        selected = left[min(at, len(left) - 1)].id if left else None
    queue = tuple(other for other in state.queue if other != item_id)
    return _settled(replace(state, items=left, selected=selected, queue=queue, left_out=0))


def queue(state: State, item_ids: tuple[str, ...]) -> State:
    """Return the state in which these pictures wait for their turn, in a new batch or in the one that runs."""
    if state.queue:
        return _enqueue(state, item_ids)
    if not (state.can_start and item_ids):
        return state
    fresh = replace(state, is_following=True, refusal=None, left_out=0)
    return _enqueue(fresh if state.fetching else replace(fresh, download=None), item_ids)


def _enqueue(state: State, item_ids: tuple[str, ...]) -> State:
    wanted = set(item_ids)
    chosen = {item.id for item in state.items if item.id in wanted and item.phase != "running"}
    items = tuple(
        replace(item, phase="waiting", error=None) if item.id in chosen else item for item in state.items
    )
    known = set(state.queue)
    queue = state.queue + tuple(item.id for item in items if item.id in chosen and item.id not in known)
    queued = replace(state, items=items, queue=queue, reached=0)
    return replace(queued, weights={**batch.weights(batch.queued(queued)), **state.weights})


def start(state: State, item_id: str) -> State:
    """Return the state in which it is the turn of a picture."""
    started = change(state, item_id, phase="running", job=Job(), placed=None, result=None, error=None)
    return replace(started, selected=item_id) if state.is_following else started


def mark_cancelling(state: State) -> State:
    """Return the state in which the running job is to stop."""
    running = state.running
    if running is None or running.job is None:
        return state
    return change(state, running.id, job=replace(running.job, cancelling=True))


def keep_waiting(state: State) -> State:
    """Return the state in which nothing of the batch is to come any more; what waits goes on to wait."""
    kept = {item.id for item in state.items if item.phase != "waiting"}
    return _settled(replace(state, queue=tuple(item_id for item_id in state.queue if item_id in kept)))


def cancel(state: State, item_id: str) -> State:
    """Return the state in which one picture is not to be done, be it its turn or not."""
    item = state.item(item_id)
    if item is None or item_id not in state.queue:
        return state
    if item.phase == "running":
        return mark_cancelling(state)
    if item.phase == "waiting":
        return _settled(change(state, item_id, phase="done" if item.result else "cancelled"))
    return state


def end(state: State, phase: Phase, **found: Any) -> State:
    """Return the state after the running job."""
    running = state.running
    ended = change(state, running.id, phase=phase, job=None, **found) if running else state
    return _settled(ended)


def _settled(state: State) -> State:
    """Return the state without a queue that has nothing to do any more.

    A picture that was to be done again, and was not, is as done as it was.
    """
    if not state.queue:
        return _restore(state)
    if any(item.phase in ("waiting", "running") for item in batch.queued(state)):
        return state
    return _restore(replace(state, queue=()))


def _restore(state: State) -> State:
    items = tuple(
        replace(item, phase="done") if item.phase == "waiting" and item.result else item
        for item in state.items
    )
    return replace(state, items=items, weights={}, reached=0)
