"""The seconds that a job has left: told from tiles, not from hopes."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from fourxl.clocks import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

    Paced = list[tuple[float, float]]


def told(monkeypatch: pytest.MonkeyPatch, durations: list[float], at_once: int = 1) -> Paced:
    """Return what is told after each tile and what is true then, for tiles that take so long.

    With several at once, those of a round begin together and each goes on to the next round with the others.
    """
    now = 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    pace = Pace(len(durations), at_once)
    ends = list(_ends(durations, at_once))
    found = []
    for end in ends:
        now = end
        pace.tick()
        assert pace.seconds_left is not None
        found.append((pace.seconds_left, ends[-1] - end))
    return found


def _ends(durations: list[float], at_once: int) -> Iterator[float]:
    begun = 0.0
    for at in range(0, len(durations), at_once):
        together = durations[at : at + at_once]
        yield from (begun + sum(together) * (0.98 + 0.02 * (i + 1) / at_once) for i in range(len(together)))
        begun += sum(together)


def test_nothing_is_told_before_the_first_tile():
    """There is nothing to go by."""
    assert Pace(4).seconds_left is None


@pytest.mark.parametrize("at_once", [1, 2, 3, 8])
def test_steady_tiles_are_told_as_they_are(monkeypatch, at_once):
    """With even tiles the truth is told from the end of the first round on, and the end is 0."""
    found = told(monkeypatch, [2.0] * 48, at_once)
    assert found[-1][0] == 0
    for seconds, truth in found[at_once - 1 :]:
        assert seconds == pytest.approx(truth, rel=0.15, abs=2.0 * at_once)


@pytest.mark.parametrize("at_once", [1, 2, 4])
@pytest.mark.parametrize("warm_up", [3, 10])
def test_a_slow_start_is_soon_forgotten(monkeypatch, at_once, warm_up):
    """What the first round takes longer, while shaders are compiled, counts only until the second has ended."""
    durations = [2.0 * warm_up] * at_once + [2.0] * (40 - at_once)
    for seconds, truth in told(monkeypatch, durations, at_once)[2 * at_once - 1 :]:
        assert seconds == pytest.approx(truth, rel=0.15, abs=2.0 * at_once)


@pytest.mark.parametrize("seed", range(20))
def test_it_does_not_jump(monkeypatch, seed):
    """Tiles that differ by a quarter move what is told little: it stays near the truth, and rises by little."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    durations = [6.0, *(chance.uniform(1.5, 2.5) for _ in range(59))]
    found = told(monkeypatch, durations)[3:]
    assert all(seconds == pytest.approx(truth, rel=0.25, abs=1) for seconds, truth in found)
    assert all(after < before * 1.1 for (before, _), (after, _) in pairwise(found))


def test_a_device_that_slows_down_is_followed(monkeypatch):
    """A phone that gets hot takes twice as long for a tile; three quarters through, that is what is told."""
    found = told(monkeypatch, [1.0] * 20 + [2.0] * 40)
    seconds, truth = found[45]
    assert seconds == pytest.approx(truth, rel=0.1)
