"""Many pictures, one after the other: laws that hold whatever happens."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fourxl import events
from fourxl.errors import BrokenImage
from fourxl.manifest import ModelFile, ModelSpec
from fourxl.settings import JobSettings
from fourxl_web.page import batch, messages
from fourxl_web.page.listing import batch_words
from fourxl_web.page.reducer import reduce
from fourxl_web.page.state import Picked, State
from fourxl_web.page.telling.ending import ending
from fourxl_web.page.timing import estimate
from fourxl_web.page.timing.speeds import Speeds

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = ModelSpec("swift", "Swift", "Enlarges.", "swift", 4, 7, 16, 1024, "MIT", "ours", {}, None, None, None)
DONE = events.Done(288, 224, 123_456, 2.0, 1.2, 4, (), "4x")
FINISHED = messages.JobFinished(DONE, "png", None, "swift")
FAILED = messages.JobFailed(BrokenImage("The picture is damaged."))
CANCELLED = messages.JobCancelled()
STEPS = 400
each = pytest.mark.parametrize
seeds = each("seed", range(20))


def listed(*sizes_bytes: int) -> State:
    """Return a page that is ready, with a picture of each size, called ``0``, ``1`` and so on."""
    added = tuple((str(at), Picked(f"{at}.png", size)) for at, size in enumerate(sizes_bytes))
    return reduce(reduce(State(), messages.EngineReady((MODEL,))), messages.FilesAdded(added))


def started(state: State) -> State:
    """Return the state after Enhance, with the first job begun."""
    return begun(reduce(state, messages.Queued(batch.to_run(state))))


def begun(state: State) -> State:
    """Return the state with the next job begun, if there is one."""
    item_id = batch.next_id(state)
    return reduce(state, messages.JobStarted(item_id)) if item_id else state


def tile(fraction: float) -> events.Progress:
    """Return a tile that is done, a second for each hundredth."""
    return events.Progress(1, 4, fraction, (1 - fraction) * 100)


def anything(chance: random.Random, state: State, counter: list[int]) -> messages.Message:
    """Return some message that may come at any time, in time or not."""
    counter[0] += 1
    some_id = chance.choice([item.id for item in state.items] or ["nobody"])
    made: list[Callable[[], messages.Message]] = [
        lambda: messages.FilesAdded(((f"new {counter[0]}", Picked("a.png", chance.randrange(9999))),)),
        lambda: messages.Measured(((some_id, (chance.randrange(1, 99), 50)),)),
        lambda: messages.Queued(batch.to_run(state)),
        lambda: messages.Queued((some_id, "nobody")),
        lambda: messages.JobStarted(batch.next_id(state) or "nobody"),
        lambda: messages.JobStarted(some_id),
        lambda: messages.Selected(some_id),
        lambda: messages.Removed(some_id),
        messages.Cleared,
        messages.CancelAsked,
        lambda: messages.CancelAsked(some_id),
        lambda: CANCELLED,
        lambda: FAILED,
        lambda: FINISHED,
        lambda: events.Stage(chance.choice(["reading", "loading", "enlarging", "writing"])),
        lambda: tile(chance.random()),
        lambda: events.Placed("wasm", "CPU", ""),
    ]
    return chance.choice(made)()


@seeds
def test_whatever_comes(seed: int) -> None:
    """One picture runs at most, it is of the queue, and a queue without work is no queue."""
    chance, counter, state = random.Random(seed), [0], listed(5, 3, 9)  # noqa: S311 - a test's own chance
    for _ in range(STEPS):
        state = reduce(state, anything(chance, state, counter))
        ids = [item.id for item in state.items]
        running = [item for item in state.items if item.phase == "running"]
        assert len(ids) == len(set(ids))
        assert len(running) <= 1
        assert set(state.queue) <= set(ids)
        assert len(state.queue) == len(set(state.queue))
        assert all(item.id in state.queue and item.job for item in running)
        assert all((item.job is None) == (item.phase != "running") for item in state.items)
        assert all(item.result for item in state.items if item.phase == "done")
        assert state.selected in ids if state.items else state.selected is None
        todo = [i for i in state.items if i.id in state.queue and i.phase in ("waiting", "running")]
        assert bool(state.queue) == bool(todo)
        assert 0 <= state.batch_share <= 1


@seeds
def test_share_never_goes_back(seed: int) -> None:
    """While nothing is added the share of the whole only grows, also when a device starts over."""
    chance, counter = random.Random(seed), [0]  # noqa: S311 - a test's own chance
    state, before = started(listed(5, 3, 9, 2, 700)), 0.0
    while state.queue:
        message = anything(chance, state, counter)
        if isinstance(message, (messages.FilesAdded, messages.Queued, messages.Removed)):
            continue
        state = begun(reduce(state, message))
        assert not state.queue or state.batch_share >= before
        before = state.batch_share


@seeds
def test_nothing_stops_the_queue(seed: int) -> None:
    """However each job ends, every picture has its turn, once, in the order of the list."""
    chance = random.Random(seed)  # noqa: S311 - a test's own chance
    state, seen = started(listed(*range(1, 31))), []
    while (running := state.running) is not None:
        seen.append(running.id)
        state = begun(reduce(state, chance.choice([FINISHED, FAILED, CANCELLED])))
    assert seen == [str(at) for at in range(30)]
    assert not state.queue
    assert {item.phase for item in state.items} <= {"done", "failed", "cancelled"}


def test_cancelling_all() -> None:
    """What runs stops, what waited goes on to wait, and what was done stays done."""
    state = begun(reduce(started(listed(1, 1, 1, 1)), FINISHED))
    state = reduce(state, messages.CancelAsked())
    assert batch.next_id(reduce(state, CANCELLED)) is None
    state = reduce(state, CANCELLED)
    assert [item.phase for item in state.items] == ["done", "cancelled", "waiting", "waiting"]
    assert (state.queue, state.can_start) == ((), True)
    assert batch.to_run(state) == ("1", "2", "3")


def test_cancelling_one() -> None:
    """One that runs stops, one that waits is left out, and the rest goes on."""
    state = started(listed(1, 1, 1))
    state = reduce(reduce(state, messages.CancelAsked("1")), messages.CancelAsked("0"))
    assert state.running is not None
    state = begun(reduce(state, CANCELLED))
    assert [item.phase for item in state.items] == ["cancelled", "cancelled", "running"]


def test_adding_while_it_runs() -> None:
    """What comes meanwhile is done by the same batch."""
    state = reduce(started(listed(1)), messages.FilesAdded((("late", Picked("late.png", 1)),)))
    state = begun(reduce(state, FINISHED))
    assert state.running is not None
    assert state.running.id == "late"


def test_again() -> None:
    """When everything is done Enhance does all again; what is cancelled before its turn keeps its result."""
    state = started(listed(1, 1))
    state = reduce(begun(reduce(state, FINISHED)), FINISHED)
    assert batch.to_run(state) == ("0", "1")
    again = started(state)
    stopped = reduce(reduce(again, messages.CancelAsked()), CANCELLED)
    assert [item.phase for item in stopped.items] == ["cancelled", "done"]
    assert [item.result is not None for item in stopped.items] == [False, True]


def test_one_again() -> None:
    """A picture that failed can have another turn, alone or in the batch that runs."""
    state = begun(reduce(started(listed(1, 1)), FAILED))
    again = reduce(reduce(state, messages.Queued(("0",))), FINISHED)
    assert batch.next_id(again) == "0"
    alone = reduce(reduce(state, FINISHED), messages.Queued(("0",)))
    assert (alone.queue, batch.next_id(alone)) == (("0",), "0")


def test_share_by_pixels() -> None:
    """A picture counts by its pixels; one of which they are not known by its bytes, as those of the others."""
    state = listed(100, 100, 50)
    known = reduce(state, messages.Measured((("0", (10, 10)), ("1", (10, 30)))))
    assert batch.weights(known.items) == {"0": 100, "1": 300, "2": 100}
    assert batch.weights(state.items) == {"0": 100, "1": 100, "2": 50}
    half = reduce(started(known), tile(0.5))
    assert half.batch_share == pytest.approx(50 / 500)
    assert reduce(half, FINISHED).batch_share == pytest.approx(100 / 500)
    assert reduce(half, FAILED).batch_share == pytest.approx(100 / 500)


def test_thousands() -> None:
    """What is told and shown of twenty thousand pictures takes a time that grows with them, not with their square."""
    began_s = time.perf_counter()
    state = started(listed(*range(20_000)))
    state = reduce(state, messages.Measured(tuple((item.id, (9, 9)) for item in state.items)))
    ready = replace(MODEL, graphs={"wasm": ModelFile("a.onnx", 9, "0" * 64)})
    assert estimate.before(state, JobSettings(), ready, Speeds("", "wasm", {"wasm swift": 1e-6}))
    assert batch_words.summary(state) == "0 of 20000 done"
    assert ending(state, state.queue).left == 20_000
    assert len(batch.queued(state)) == 20_000
    assert time.perf_counter() - began_s < 10


def test_done_of_all() -> None:
    """While a batch runs its pictures are counted, else all there are."""
    state = listed(1, 1, 1)
    assert batch.settled(state) == (0, 3)
    state = begun(reduce(started(state), FINISHED))
    assert batch.settled(state) == (1, 3)
    one = replace(state, items=state.items[1:], queue=state.queue[1:])
    assert batch.settled(one) == (0, 2)
