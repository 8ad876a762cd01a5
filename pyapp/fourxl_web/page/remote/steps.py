"""The steps of a job on its way to the server and back: one small class for each."""

from __future__ import annotations

from dataclasses import dataclass

from fourxl import events


@dataclass(frozen=True, slots=True)
class Asking:
    """A person is asked whether the picture may leave."""

    host: str


@dataclass(frozen=True, slots=True)
class Waking:
    """The server has not answered yet; nothing has been sent."""

    host: str
    seconds: int
    """How long it has been asked by now."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The picture leaves this device from now on."""

    host: str
    name: str
    """Of the picture, which may have none."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """The result is on its way."""

    host: str


Step = Asking | Waking | Sending | events.Waiting | Fetching
"""Where a job is on its way to the server and back."""
