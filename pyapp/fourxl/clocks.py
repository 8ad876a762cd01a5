"""How long tiles take: those to come, and the runtime for those that it has had."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """How fast the tiles of one plan go."""

    left: int
    done: int = 0
    started: float = 0.0

    def __post_init__(self) -> None:
        """Start now."""
        self.started = time.perf_counter()

    def tick(self) -> None:
        """Count one tile as done."""
        self.left -= 1
        self.done += 1

    @property
    def seconds_left(self) -> float | None:
        """What the tiles that are left will take; None before the first is done."""
        return (time.perf_counter() - self.started) / self.done * self.left if self.done else None


@dataclass(slots=True)
class Clock:
    """Adds up the time in which at least one task is inside."""

    seconds: float = 0.0
    inside: int = 0
    entered: float = 0.0

    def __enter__(self) -> None:
        """Start, unless somebody else has."""
        if not self.inside:
            self.entered = time.perf_counter()
        self.inside += 1

    def __exit__(self, *_: object) -> None:
        """Stop when the last one has left."""
        self.inside -= 1
        if not self.inside:
            self.seconds += time.perf_counter() - self.entered
