"""What a running job waits for, by the messages that tell of it: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl import events
from fourxl_web.page import messages
from fourxl_web.page.remote import steps

if TYPE_CHECKING:
    from fourxl_web.page.messages import Message


class Stopwatch:
    """Times the parts of one job after the other that say nothing of how quick the device is."""

    def __init__(self) -> None:
        """Know of no job yet."""
        self.waited_s = 0.0
        """How long the job waited for its model."""

        self.upload_s: float | None = None
        """How long the picture was on its way to a server; None when it was not."""

        self._loading_s: float | None = None
        self._sending_s: float | None = None

    def hear(self, message: Message, now_s: float) -> None:
        """Note that ``message`` came at ``now_s``."""
        if self._sending_s is not None and isinstance(message, (events.Waiting, events.Stage)):
            self.upload_s, self._sending_s = now_s - self._sending_s, None
        match message:
            case messages.JobStarted():
                self.waited_s, self.upload_s = 0.0, None
                self._loading_s = self._sending_s = None
            case steps.Sending():
                self._sending_s = now_s
            case events.Stage("reading"):
                self.waited_s = 0.0  # again, for the next device
            case events.Stage("loading"):
                self._loading_s = now_s
            case events.Stage("enlarging") if self._loading_s is not None:
                self.waited_s, self._loading_s = now_s - self._loading_s, None
