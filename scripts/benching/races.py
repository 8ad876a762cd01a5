"""Runs that take turns, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Protocol, TypeVar

from scripts.benching.pages import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDS = 7

J = TypeVar("J", bound=Job)
Made_co = TypeVar("Made_co", bound=Job, covariant=True)


class Contestant(Protocol[Made_co]):
    """Something that enlarges the same picture each time."""

    def enlarge(self) -> Made_co:
        """Return how long it took."""


def race(contestants: Mapping[str, Contestant[J]], rounds: int) -> dict[str, list[J]]:
    """Return the jobs of each contestant, after one for warming up; every other round goes backwards."""
    jobs: dict[str, list[J]] = {name: [] for name in contestants}
    for page in contestants.values():
        page.enlarge()
    for number in range(rounds):
        order = list(contestants) if number % 2 == 0 else list(reversed([*contestants]))
        for name in order:
            job = contestants[name].enlarge()
            jobs[name].append(job)
            print(f"· {name}: {job.whole_s:.3f} s, session {job.session_s:.3f} s", flush=True)
    return jobs


def median_whole(jobs: list[Job]) -> float:
    """Return the median of the whole jobs, in seconds."""
    return statistics.median(job.whole_s for job in jobs)


def median_session(jobs: list[Job]) -> float:
    """Return the median of the sessions' parts, in seconds."""
    return statistics.median(job.session_s for job in jobs)


def median_rest(jobs: list[Job]) -> float:
    """Return the median of what is left, in seconds."""
    return statistics.median(job.rest_s for job in jobs)


def rest_share(jobs: list[Job]) -> float:
    """Return the median part of a job that is not the session."""
    return statistics.median(job.rest_s / job.whole_s for job in jobs)
