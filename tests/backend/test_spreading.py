"""Tiles over replicas, without Ray: what is asked again, what is told, what is cancelled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ray import exceptions

from backend.spreading import ATTEMPTS, TILE_PX, RayRuntime, ask
from fourxl.errors import OutOfMemory, RuntimeFailure, WeightsMismatch
from fourxl_native.provider import NativeProvider

if TYPE_CHECKING:
    from collections.abc import Generator

TILE = np.zeros((1, 3, 16, 16), np.float32)


class Answer:
    """What a handle gives for a call."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome
        self.cancelled = False

    def __await__(self) -> Generator[Any, None, Any]:
        """Give the outcome, or raise it; wait for it when it is an event."""
        if isinstance(self._outcome, asyncio.Event):
            yield from self._outcome.wait().__await__()
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def cancel(self) -> None:
        """Remember it."""
        self.cancelled = True


class Replicas:
    """Replicas whose calls end as they are told to, one after the other; the last one again and again."""

    def __init__(self, *outcomes: Any) -> None:
        self._outcomes = outcomes
        self.answers: list[Answer] = []
        self.run: Any = self

    def remote(self, *_: Any) -> Answer:
        """Give the next one."""
        self.answers.append(Answer(self._outcomes[min(len(self.answers), len(self._outcomes) - 1)]))
        return self.answers[-1]


def raised(error: Exception) -> Exception:
    """Return what Ray raises for an error of the replica's own."""
    return exceptions.RayTaskError("run", "traceback", error)


@pytest.mark.parametrize(
    "lost",
    [
        exceptions.ActorDiedError(),
        exceptions.ActorUnavailableError("gone", None),
        exceptions.WorkerCrashedError(),
    ],
)
@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_a_lost_call_is_made_again(lost: Exception, times: int) -> None:
    """Each time its replica ends, a tile is asked for once more, and its answer is what counts."""
    replicas = Replicas(*[lost] * times, 7)
    assert asyncio.run(ask(replicas.run)) == 7
    assert len(replicas.answers) == times + 1


def test_what_ends_every_replica_is_told() -> None:
    """A call is not made for ever: a tile that no replica survives is an error."""
    replicas = Replicas(exceptions.ActorDiedError())
    with pytest.raises(RuntimeFailure, match=r"in a row"):
        asyncio.run(ask(replicas.run))
    assert len(replicas.answers) == ATTEMPTS


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (raised(WeightsMismatch("It is another file.")), WeightsMismatch),
        (raised(OutOfMemory("no room")), OutOfMemory),
        (raised(MemoryError()), OutOfMemory),
        (exceptions.OutOfMemoryError("full"), OutOfMemory),
        (exceptions.ObjectStoreFullError("full"), OutOfMemory),
        (raised(ValueError("secret")), RuntimeFailure),
        (exceptions.RaySystemError("secret"), RuntimeFailure),
    ],
)
def test_errors_are_of_our_tree(error: Exception, told: type) -> None:
    """Ours arrive as they were raised, memory's as an out-of-memory, and of others only the kind is told."""
    replicas = Replicas(error)
    with pytest.raises(told) as caught:
        asyncio.run(ask(replicas.run))
    assert type(caught.value) is told
    assert "secret" not in str(caught.value)
    assert len(replicas.answers) == 1


def test_cancelling_reaches_the_replica() -> None:
    """A tile that nobody waits for any more is not computed to its end."""
    replicas = Replicas(asyncio.Event())

    async def scenario() -> None:
        asking = asyncio.ensure_future(ask(replicas.run))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(scenario())
    assert [answer.cancelled for answer in replicas.answers] == [True]


def test_larger_tiles_than_there_is_room_for_are_refused() -> None:
    """So that the walk goes on with smaller ones: what is under way has to fit into Ray's memory."""
    replicas: Any = Replicas(TILE)
    runtime = RayRuntime(replicas, ("swift", 1.0), NativeProvider("onnxruntime", "CPU", "A test."), 3)
    assert runtime.tiles_at_once == 6
    with pytest.raises(OutOfMemory):
        asyncio.run(runtime.run(np.zeros((1, 3, TILE_PX, TILE_PX + 1), np.float32)))
    assert replicas.answers == []
