"""A service in a test's hand: who calls it, and how its jobs go on."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from backend.admission import Admission
from backend.service import Service
from backend.settings import Limits
from fourxl import events
from fourxl.manifest import Manifest
from fourxl.settings import JobSettings
from tests.engine.jobs import model
from tests.pictures import encoded, scene

from .doubles import PATIENCE_S, Hand, Held

PICTURE = encoded(scene(8, 6))
JOB = JobSettings(model_id="t")
READING = events.Stage("reading")
TILE = events.Progress(1, 4, 0.25, 3.0)


class Caller:
    """One who sends a picture, and all that is told to them."""

    def __init__(self, hall: Hall, name: str, data: bytes = PICTURE, job: JobSettings = JOB) -> None:
        """Take a place and ask at once."""
        self.told: list[Any] = []
        self._hears = asyncio.Event()
        self.ticket = hall.admission.reserve(name)
        self.task = asyncio.create_task(self._listen(hall.service, data, job))

    async def _listen(self, hall: Service, data: bytes, job: JobSettings) -> None:
        async with aclosing(hall.enlarge(data, job, self.ticket)) as steps:
            async for step in steps:
                self.told.append(step)
                self._hears.set()

    async def heard(self, wanted: Any, times: int = 1) -> None:
        """Return when something has been told so many times."""
        async with asyncio.timeout(PATIENCE_S):
            while self.told.count(wanted) < times:
                self._hears.clear()
                await self._hears.wait()

    async def goes(self) -> None:
        """Hang up."""
        self.task.cancel()
        await asyncio.wait([self.task])


class Hall:
    """A service whose jobs go on as the test says."""

    def __init__(self, work: Any = None, **limits: int) -> None:
        """Start with nobody in it."""
        self.hand = Hand()
        bounds = Limits(**{"max_waiting_per_person": 99, **limits})
        self.admission = Admission(bounds)
        self.service = Service(Manifest((model(),)), self.admission, bounds, work or self.hand)

    async def begun(self) -> Held:
        """Return the job that begins next."""
        return await asyncio.to_thread(self.hand.next)

    async def is_empty(self) -> None:
        """Return when every place has been given back."""
        async with asyncio.timeout(PATIENCE_S):
            while self.admission.running:
                await self.admission.moved(PATIENCE_S)


def run(scenario: Any) -> None:
    """Run a test's coroutine, which must not hang."""
    asyncio.run(asyncio.wait_for(scenario, 3 * PATIENCE_S))
