"""Whose turn it is: a queue with a bound, in which one person can take only a few places.

All of it runs in one event loop, so nothing here locks.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from fourxl.errors import ServerBusy

if TYPE_CHECKING:
    from backend.settings import Limits

UNCLAIMED_S = 5.0
"""How long a place is kept for a caller whose job does not come."""


class Ticket:
    """One place in the queue, held until it is given back."""

    def __init__(self, admission: Admission, person: str) -> None:
        """Belong to ``person``; made by ``Admission.reserve`` only."""
        self._admission, self.person = admission, person
        self._expiry: asyncio.TimerHandle | None = None

    @property
    def ahead(self) -> int:
        """How many jobs must end before this one may start; 0 when it is its turn."""
        return self._admission.ahead(self)

    @property
    def is_held(self) -> bool:
        """Whether the place has not been given back."""
        return self._admission.holds(self)

    async def moved(self, timeout_s: float) -> None:
        """Return when somebody gave a place back, or after ``timeout_s``."""
        await self._admission.moved(timeout_s)

    def claim(self) -> None:
        """Keep the place until ``release``: the job has come."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None

    def release(self) -> None:
        """Give the place back; doing so twice is allowed."""
        self.claim()
        self._admission.remove(self)

    def expire_after(self, seconds: float) -> None:
        """Give the place back by itself unless it is claimed within ``seconds``."""
        self._expiry = asyncio.get_running_loop().call_later(seconds, self.release)


class Admission:
    """The queue: whoever came first is first."""

    def __init__(self, limits: Limits) -> None:
        """Start with nobody in it."""
        self._limits = limits
        self._tickets: list[Ticket] = []
        self._moved = asyncio.Event()

    @property
    def running(self) -> int:
        """How many may compute now."""
        return min(len(self._tickets), self._limits.jobs)

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._tickets) - self.running

    def reserve(self, person: str) -> Ticket:
        """Return a place at the end for ``person``, which must be given back.

        Raises:
            ServerBusy: the queue is full, or this person has too many places in it.
        """
        limits = self._limits
        if len(self._tickets) >= limits.jobs + limits.max_waiting:
            raise ServerBusy(
                f"The server is busy: {self.waiting} pictures are waiting already, which is all it takes. "
                "Try again in a minute.",
                waiting=self.waiting,
            )
        if Counter(ticket.person for ticket in self._tickets)[person] >= limits.max_waiting_per_person:
            raise ServerBusy(
                f"You have {limits.max_waiting_per_person} pictures at the server already, which is all that "
                "one person may have there at once. Wait until one is done.",
                waiting=self.waiting,
            )
        ticket = Ticket(self, person)
        self._tickets.append(ticket)
        return ticket

    def holds(self, ticket: Ticket) -> bool:
        """Return whether that ticket is in the queue."""
        return ticket in self._tickets

    def ahead(self, ticket: Ticket) -> int:
        """Return how many jobs must end before that one, which is in the queue, may start."""
        return max(0, self._tickets.index(ticket) - self._limits.jobs + 1)

    def remove(self, ticket: Ticket) -> None:
        """Take a ticket out, wherever it stands, and tell those who wait."""
        if ticket in self._tickets:
            self._tickets.remove(ticket)
            self._moved.set()
            self._moved = asyncio.Event()

    async def moved(self, timeout_s: float) -> None:
        """Return when a ticket was taken out, or after ``timeout_s``."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._moved.wait()
        except TimeoutError:
            return
