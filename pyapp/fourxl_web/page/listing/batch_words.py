"""What the list says of its pictures: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl_web.language import count, say
from fourxl_web.page import batch, error_words
from fourxl_web.page.quantities import size

if TYPE_CHECKING:
    from fourxl_web.page.state import Item, State


def name(item: Item) -> str:
    """Return what a picture is called, with its folder."""
    own = item.picked.name or say("batch.unnamed")
    return f"{item.picked.folder}/{own}" if item.picked.folder else own


def row(item: Item, *, is_queued: bool) -> str:  # noqa: PLR0911 - a table of states
    """Return how far a picture is."""
    match item.phase:
        case "running" if item.job and item.job.cancelling:
            return say("batch.cancelling")
        case "running" if item.job and item.job.progress:
            return say("batch.running-share", percent=int(item.job.progress.fraction * 100))
        case "running":
            return say("batch.running")
        case "failed" if item.error:
            return say("batch.failed", reason=error_words.sentence(item.error))
        case "done" if item.result:
            return say("batch.done", size=size(item.result.done.size_bytes))
        case "waiting" if is_queued:
            return say("batch.queued")
        case _:
            return say(f"batch.{item.phase}")


def summary(state: State) -> str:
    """Return how far the whole is."""
    done, total = batch.settled(state)
    if state.queue or done:
        return say("batch.summary", done=done, total=total)
    return count("batch.pictures", total)
