"""How long tiles take: those to come, and the runtime for those that it has had."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """How fast the tiles of one plan go."""

    left: int
    at_once: int = 1
    """How many tiles are computed at a time, and so end close to one another."""

    done: int = 0
    ends: list[float] = field(default_factory=list)
    """When each tile ended; at first, when the first one began."""

    def __post_init__(self) -> None:
        """Start now."""
        self.ends.append(time.perf_counter())

    def tick(self) -> None:
        """Count one tile as done."""
        self.left -= 1
        self.done += 1
        self.ends.append(time.perf_counter())

    @property
    def seconds_left(self) -> float | None:
        """What the tiles that are left will take; None before the first is done.

        They go on as the later two thirds of those that are done, in whole rounds of what is computed at a time:
        the first round, in which a device warms up, counts only as long as there is no other.
        """
        if not self.done:
            return None
        rounds = self.done // self.at_once
        whole = rounds * self.at_once or self.done
        skipped = max(1, rounds // 3) * self.at_once if rounds > 1 else 0
        return (self.ends[whole] - self.ends[skipped]) / (whole - skipped) * self.left


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
