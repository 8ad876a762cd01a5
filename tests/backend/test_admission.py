"""The queue: bounds that nothing breaks, first come first served, places that come back."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from backend.admission import Admission
from backend.settings import Limits
from fourxl.errors import ServerBusy

from .doubles import PATIENCE_S

PERSONS = ("anna", "bert", "cleo", "dora")


@pytest.mark.parametrize("seed", range(40))
def test_the_queue_keeps_its_bounds_and_its_order(seed):
    """Whatever is asked for and given back: refused exactly when full, served in order, ``ahead`` only falls."""

    async def scenario() -> None:
        random = Random(seed)  # noqa: S311 - the same in every run
        limits = Limits(
            jobs=random.randint(1, 3),
            max_waiting=random.randint(1, 6),
            max_waiting_per_person=random.randint(1, 4),
        )
        admission, line, made = Admission(limits), [], []
        for _ in range(300):
            before = {ticket: ticket.ahead for ticket in line}
            if not made or random.random() < 0.6:
                person = random.choice(PERSONS)
                theirs = sum(ticket.person == person for ticket in line)
                is_full = len(line) == limits.jobs + limits.max_waiting
                if is_full or theirs == limits.max_waiting_per_person:
                    with pytest.raises(ServerBusy):
                        admission.reserve(person)
                else:
                    line.append(admission.reserve(person))
                    made.append(line[-1])
            else:
                ticket = random.choice(made)
                if random.random() < 0.3:
                    ticket.claim()
                else:
                    ticket.release()
                    line = [other for other in line if other is not ticket]
            assert [ticket.ahead for ticket in line] == [
                max(0, place - limits.jobs + 1) for place in range(len(line))
            ]
            assert all(ticket.ahead <= before[ticket] for ticket in line if ticket in before)
            assert [ticket for ticket in made if ticket.is_held] == line
            assert admission.running == sum(not ticket.ahead for ticket in line)
            assert admission.waiting == sum(ticket.ahead > 0 for ticket in line)

    asyncio.run(scenario())


def test_a_full_queue_says_how_many_wait():
    """The number of those who wait is in the sentence and in the error's fields."""
    limits = Limits(jobs=1, max_waiting=2, max_waiting_per_person=9)

    async def scenario() -> None:
        admission = Admission(limits)
        for person in PERSONS[:3]:
            admission.reserve(person)
        with pytest.raises(ServerBusy, match=r"busy: 2 pictures are waiting") as told:
            admission.reserve(PERSONS[3])
        assert told.value.fields == {"waiting": 2}

    asyncio.run(scenario())


def test_one_person_does_not_shut_out_another():
    """Who has all places that one person may have is told so, and the next person gets one."""

    async def scenario() -> None:
        admission = Admission(Limits(max_waiting_per_person=2))
        first = [admission.reserve("anna") for _ in range(2)]
        with pytest.raises(ServerBusy, match=r"You have 2 pictures"):
            admission.reserve("anna")
        assert admission.reserve("bert").ahead == 2
        first[0].release()
        assert admission.reserve("anna").ahead == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("leaving", [0, 2, 5])
def test_who_waits_is_told_at_once(leaving):
    """All who wait learn of a place that was given back, wherever in the queue, long before their time is up."""

    async def scenario() -> None:
        admission = Admission(Limits(max_waiting_per_person=9))
        tickets = [admission.reserve("anna") for _ in range(6)]
        waiting = [asyncio.ensure_future(ticket.moved(1000)) for ticket in tickets]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        tickets[leaving].release()
        await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_S)

    asyncio.run(scenario())


def test_waiting_ends_when_nothing_moves():
    """After the time that was given, who waits goes on; a second release of one place tells nobody anything."""

    async def scenario() -> None:
        admission = Admission(Limits())
        gone, waiting = admission.reserve("anna"), admission.reserve("bert")
        gone.release()
        again = asyncio.ensure_future(waiting.moved(0.01))
        await asyncio.sleep(0)
        gone.release()
        await asyncio.sleep(0)
        assert not again.done()
        await asyncio.wait_for(again, PATIENCE_S)

    asyncio.run(scenario())


def test_an_unclaimed_place_comes_back():
    """A place whose job does not come is given back by itself, and who waits behind it is told."""

    async def scenario() -> None:
        admission = Admission(Limits())
        lost, waiting = admission.reserve("anna"), admission.reserve("bert")
        lost.expire_after(0.01)
        assert (lost.is_held, waiting.ahead) == (True, 1)
        await asyncio.wait_for(waiting.moved(1000), PATIENCE_S)
        assert (lost.is_held, waiting.ahead) == (False, 0)

    asyncio.run(scenario())


def test_a_claimed_place_stays():
    """Once its job has come, a place is kept however long that takes."""

    async def scenario() -> None:
        ticket, later = Admission(Limits()).reserve("anna"), asyncio.Event()
        ticket.expire_after(0)
        ticket.claim()
        asyncio.get_running_loop().call_later(0.001, later.set)
        await later.wait()
        assert ticket.is_held

    asyncio.run(scenario())


def test_nothing_is_left_of_a_place_that_was_given_back():
    """A release ends the expiry too: it does not come later and find nothing."""

    async def scenario() -> None:
        admission, later = Admission(Limits()), asyncio.Event()
        first, second = admission.reserve("anna"), admission.reserve("bert")
        first.expire_after(0)
        first.release()
        asyncio.get_running_loop().call_later(0.001, later.set)
        moved = asyncio.ensure_future(second.moved(1000))
        await later.wait()
        assert not moved.done()
        moved.cancel()

    asyncio.run(scenario())
