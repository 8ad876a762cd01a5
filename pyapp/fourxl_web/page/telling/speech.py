"""What of the status line is read aloud, and when: pure.

A job changes the line with every tile; who listens instead of looking wants to hear where it is now and then,
and at once when something else begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl_web.page.telling.pacing import Pace

if TYPE_CHECKING:
    from fourxl_web.page.state import State

EVERY_S = 10.0


class Speech:
    """Remembers what was said last."""

    def __init__(self) -> None:
        """Have said nothing yet."""
        self._pace = Pace(EVERY_S)
        self._line = ""
        self._situation: object = None

    def next(self, state: State, line: str, now_s: float) -> str | None:
        """Return ``line``, the status of ``state``, if it is to be said now; None if not."""
        if state.queue and state.running is None:
            return None  # for a moment, between two pictures
        situation = _situation(state)
        is_news = not state.queue or situation != self._situation
        if line == self._line or not (self._pace.is_due(now_s) or is_news):
            return None
        self._pace.restart(now_s)
        self._line, self._situation = line, situation
        return line


def _situation(state: State) -> object:
    """Return what is said at once when it changes: whether a batch runs, and where its picture is sent."""
    job = state.running.job if state.running else None
    step = type(job.step) if job and job.step else None
    return bool(state.queue), step, bool(job and job.cancelling)
