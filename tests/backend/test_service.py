"""Whose turn it is, what is told meanwhile, and that a place always comes back."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing
from random import Random
from typing import Any

import pytest

from backend import service
from backend.admission import Admission
from backend.service import Service
from backend.settings import Limits
from fourxl import events
from fourxl.errors import (
    EmptyImage,
    ImageTooLarge,
    NotAnImage,
    OutOfMemory,
    ServerFailed,
    UnknownModel,
)
from fourxl.manifest import Manifest
from fourxl.settings import JobSettings
from tests.engine.jobs import model
from tests.pictures import encoded, scene

from .doubles import DONE, PATIENCE_S, PLACED
from .hall import JOB, PICTURE, READING, TILE, Caller, Hall, run

pytestmark = pytest.mark.usefixtures("without_beat")


def test_all_that_happens_is_told_in_order():
    """The steps of the work, its result last; then the place is free."""

    async def scenario() -> None:
        hall = Hall()
        caller = Caller(hall, "anna")
        held = await hall.begun()
        held.tell(READING, PLACED, TILE, DONE)
        await caller.task
        assert caller.told == [READING, PLACED, TILE, DONE]
        assert held.data == PICTURE
        await hall.is_empty()

    run(scenario())


def test_those_who_wait_count_down_in_order_of_arrival():
    """Each is told how many are before them, the number falls with every job that ends, then their own runs."""

    async def scenario() -> None:
        hall = Hall()
        callers = [Caller(hall, "anna") for _ in range(4)]
        for turn in range(4):
            for place, caller in enumerate(callers[turn + 1 :], 1):
                await caller.heard(events.Waiting(place))
            (await hall.begun()).tell(DONE)
            await callers[turn].task
        for place, caller in enumerate(callers):
            assert caller.told == [*(events.Waiting(ahead) for ahead in range(place, 0, -1)), DONE]
        await hall.is_empty()

    run(scenario())


def test_a_turn_that_comes_while_a_caller_is_being_told_is_not_missed():
    """Who hears slowly is not made to wait for the next beat when it was their turn meanwhile."""

    async def scenario() -> None:
        hall = Hall()
        first, second = hall.admission.reserve("anna"), hall.admission.reserve("bert")
        async with aclosing(hall.service.enlarge(PICTURE, JOB, second)) as steps:
            assert await anext(steps) == events.Waiting(1)
            first.release()
            held = asyncio.create_task(hall.begun())
            step = asyncio.ensure_future(anext(steps))
            (await held).tell(DONE)
            assert await step == DONE

    run(scenario())


@pytest.mark.parametrize("seed", range(12))
def test_places_come_back_and_jobs_never_overlap(seed):
    """Whoever fails, finishes or hangs up, and whenever: at most so many compute, in order of arrival."""
    pictures = [encoded(scene(8, 4 + number)) for number in range(9)]

    async def scenario() -> None:
        random = Random(seed)  # noqa: S311 - the same in every run
        jobs = random.randint(1, 2)
        hall = Hall(jobs=jobs, max_waiting=99)
        callers = [Caller(hall, "anna", picture) for picture in pictures]
        for caller in random.sample(callers[jobs:], 2):
            await asyncio.sleep(0)
            await caller.goes()
        while not all(caller.task.done() for caller in callers):
            held = await hall.begun()
            assert sum(not job.ended.is_set() for job in hall.hand.jobs) <= jobs
            caller = callers[pictures.index(held.data)]
            held.tell(TILE)
            await caller.heard(TILE)
            end = random.choice([DONE, OutOfMemory("no room"), ZeroDivisionError(), None])
            if end is None:
                await caller.goes()
            held.tell(end or TILE)
            await asyncio.wait([caller.task])
            assert caller.task.cancelled() == (end is None)
            assert (caller.told[-1] == DONE) == (end is DONE)
            if end not in (DONE, None):
                expected = OutOfMemory if isinstance(end, OutOfMemory) else ServerFailed
                assert isinstance(caller.task.exception(), expected)
        await hall.is_empty()
        order = [pictures.index(job.data) for job in hall.hand.jobs]
        assert order == sorted(order)
        assert len(order) == 9 - 2

    run(scenario())


def test_the_next_one_starts_when_the_last_one_has_really_ended():
    """Who hangs up in the middle of a tile keeps the processor busy until the tile is done, and the place with it."""

    async def scenario() -> None:
        hall = Hall()
        first, second = Caller(hall, "anna"), Caller(hall, "bert")
        held = await hall.begun()
        held.tell(TILE)
        await first.heard(TILE)
        await first.goes()
        await second.heard(events.Waiting(1))
        assert (first.ticket.is_held, held.ended.is_set(), second.ticket.ahead) == (True, False, 1)
        held.tell(TILE)
        (await hall.begun()).tell(DONE)
        assert held.ended.is_set()
        await second.task
        assert second.told[-1] == DONE

    run(scenario())


def test_who_hangs_up_while_waiting_lets_the_others_move_up():
    """At once, and nothing is computed for them."""

    async def scenario() -> None:
        hall = Hall()
        callers = [Caller(hall, "anna") for _ in range(3)]
        await callers[2].heard(events.Waiting(2))
        await callers[1].goes()
        await callers[2].heard(events.Waiting(1))
        for _ in range(2):
            (await hall.begun()).tell(DONE)
        await callers[2].task
        assert len(hall.hand.jobs) == 2

    run(scenario())


def test_the_last_step_is_told_again_while_nothing_happens(monkeypatch):
    """Waiting, before the first step and between steps: so that a caller who has gone is noticed."""
    monkeypatch.setattr(service, "BEAT_S", 0.001)

    async def scenario() -> None:
        hall = Hall()
        first, second = Caller(hall, "anna"), Caller(hall, "bert")
        held = await hall.begun()
        await first.heard(READING, 3)
        held.tell(TILE)
        await first.heard(TILE, 3)
        await second.heard(events.Waiting(1), 3)
        held.tell(DONE)
        await first.task
        assert first.told.count(DONE) == 1
        await second.goes()

    run(scenario())


@pytest.mark.parametrize(
    ("data", "job", "error"),
    [
        (b"", JOB, EmptyImage),
        (b"no picture at all", JOB, NotAnImage),
        (encoded(scene(101, 4)), JOB, ImageTooLarge),
        (encoded(scene(4, 101)), JOB, ImageTooLarge),
        (PICTURE, JobSettings(model_id="none"), UnknownModel),
    ],
)
def test_what_will_not_do_is_refused_before_anything(data, job, error):
    """At once, also behind a long queue, and the place in it is free again."""

    async def scenario() -> None:
        hall = Hall(max_side_px=100)
        hall.admission.reserve("bert")
        caller = Caller(hall, "anna", data, job)
        with pytest.raises(error) as told:
            await caller.task
        assert (caller.told, hall.hand.jobs, caller.ticket.is_held) == ([], [], False)
        if error is ImageTooLarge:
            assert told.value.fields["max_side_px"] == 100
            assert {"101", "100"} <= set(told.value.message.replace("x", " ").split())

    run(scenario())


def test_the_largest_side_is_taken():
    """A picture of just the limit is enlarged."""

    async def scenario() -> None:
        hall = Hall(max_side_px=100)
        caller = Caller(hall, "anna", encoded(scene(100, 100)))
        (await hall.begun()).tell(DONE)
        await caller.task

    run(scenario())


def test_a_cancel_is_not_lost_to_a_step():
    """Who is cancelled while a step is on its way is cancelled, however far it has come."""

    async def scenario() -> None:
        steps = service._Steps(lambda: iter(()), lambda: None)  # type: ignore[arg-type, return-value]
        while not isinstance(await _outcome(steps.next(PATIENCE_S)), ServerFailed):
            """All that the empty work told."""
        for turns in range(5):
            listening = asyncio.ensure_future(steps.next(PATIENCE_S))
            await asyncio.sleep(0)
            steps._told.put_nowait(READING)
            for _ in range(turns):
                await asyncio.sleep(0)
            if not listening.done():
                listening.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await listening

    run(scenario())


async def _outcome(step: Any) -> Any:
    try:
        return await step
    except ServerFailed as error:
        return error


def test_progress_is_told_now_and_then():
    """Of tiles that take no time only a few are told, the last one always, and everything else in any case."""
    tiles = 2000

    def work(*_: Any) -> Any:
        yield READING
        for tile in range(1, tiles + 1):
            yield events.Progress(tile, tiles, tile / tiles, 0.0)
        yield events.SmallerTiles(64, 32)
        yield DONE

    async def scenario() -> None:
        hall = Service(Manifest((model(),)), Admission(Limits()), Limits(), work)
        told = [step async for step in hall.enlarge(PICTURE, JOB, hall.admission.reserve("anna"))]
        assert told[0] == READING
        assert told[-2:] == [events.SmallerTiles(64, 32), DONE]
        progress = [step.tile for step in told if isinstance(step, events.Progress)]
        assert progress[0] == 1
        assert progress[-1] == tiles
        assert len(progress) < tiles / 2

    run(scenario())


def test_others_are_served_while_a_picture_is_looked_at(monkeypatch: pytest.MonkeyPatch):
    """However long the look at a header takes, the event loop goes on."""
    looking, may_go = threading.Event(), threading.Event()

    def slowly(*_: Any) -> None:
        looking.set()
        assert may_go.wait(PATIENCE_S)

    monkeypatch.setattr(service, "check_side", slowly)

    async def scenario() -> None:
        hall = Hall()
        caller = Caller(hall, "anna")
        assert await asyncio.to_thread(looking.wait, PATIENCE_S)
        assert not caller.task.done()
        may_go.set()
        (await hall.begun()).tell(DONE)
        await caller.task

    run(scenario())
