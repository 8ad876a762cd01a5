"""What Gradio remembers of its callers, as far as 4XL has it know or forget them.

Gradio 6.31 keeps the last values of a session, and the names of its jobs, long after anybody could want them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr


_READ_BY_S = 60.0
"""After the end of a job whoever listens to it has read that; who does not listen does not get a job."""


class Sessions:
    """The sessions of one application of Gradio's; a plain call is a session of its own, named after its job."""

    def __init__(self, blocks: gr.Blocks) -> None:
        """Look into ``blocks``, which may not have been launched yet."""
        self._blocks = blocks

    def knows(self, session: str) -> bool:
        """Return whether there is anything to be read for a session, or for the job of that name."""
        queue = self._blocks._queue  # noqa: SLF001 - see above
        return session in queue.pending_messages_per_session or any(
            session in jobs for jobs in queue.pending_event_ids_session.values()
        )

    def ended(self, session: str) -> None:
        """Forget what a job was given and gave, and in a while, when its events have been read, its session."""
        remembered = self._blocks.app.state_holder
        with remembered.lock:
            remembered.session_data.pop(session, None)
            remembered.time_last_used.pop(session, None)
        asyncio.get_running_loop().call_later(_READ_BY_S, self._leave, session)

    def _leave(self, session: str) -> None:
        """Drop a session unless a job of it has still to end; that will ask again."""
        queue = self._blocks._queue  # noqa: SLF001 - see above
        if not any(
            job in queue.event_ids_to_events for job in queue.pending_event_ids_session.get(session, ())
        ):
            queue.pending_event_ids_session.pop(session, None)
            queue.pending_messages_per_session.pop(session, None)
