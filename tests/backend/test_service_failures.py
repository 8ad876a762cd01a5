"""Jobs that break, in every way: their callers are told, and their places come back."""

from __future__ import annotations

import asyncio
import contextvars
from contextlib import aclosing
from typing import Any

import pytest

from backend.work import Finished
from fourxl.errors import OutOfMemory, ServerFailed

from .doubles import DONE, PLACED
from .hall import JOB, PICTURE, TILE, Caller, Hall, run

pytestmark = pytest.mark.usefixtures("without_beat")


def _early(*_: Any) -> Any:
    raise ValueError("private")


def _ends(*_: Any) -> Any:
    yield TILE


def _unclean(*_: Any) -> Any:
    try:
        yield DONE
        yield DONE
    finally:
        raise ValueError("private")


def _stubborn(*_: Any) -> Any:
    try:
        yield TILE
        yield TILE
        yield TILE
    finally:
        raise ValueError("private")


def _raising(error: BaseException) -> Any:
    def work(*_: Any) -> Any:
        yield TILE
        raise error

    return work


BROKEN = {
    "when called": _early,
    "without a result": _ends,
    "a fault": _raising(ValueError("private")),
    "cancelled": _raising(asyncio.CancelledError("private")),
    "an exit": _raising(SystemExit("private")),
    "no memory": _raising(MemoryError("private")),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_work_that_breaks_is_told_without_its_words(kind):
    """Its caller is told that the server failed, and not what the message says, which may hold what is private."""

    async def scenario() -> None:
        hall = Hall(BROKEN[kind])
        caller = Caller(hall, "anna")
        with pytest.raises(ServerFailed) as told:
            await caller.task
        assert "private" not in told.value.message
        await hall.is_empty()

    run(scenario())


@pytest.mark.parametrize("work", [_unclean, _stubborn])
def test_a_work_that_does_not_end_well_gives_its_place_back(work):
    """Whatever goes wrong while it cleans up, the next one gets the place."""

    async def scenario() -> None:
        hall = Hall(work)
        async with aclosing(hall.service.enlarge(PICTURE, JOB, hall.admission.reserve("anna"))) as steps:
            await anext(steps)
        await hall.is_empty()

    run(scenario())


def test_without_a_thread_there_is_an_answer(monkeypatch):
    """A system that gives no thread leaves no place taken."""

    async def scenario() -> None:
        hall = Hall()

        def refuse(_thread: Any) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr("threading.Thread.start", refuse)
        caller = Caller(hall, "anna")
        await asyncio.wait([caller.task])
        monkeypatch.undo()
        assert isinstance(caller.task.exception(), ServerFailed)
        await hall.is_empty()

    run(scenario())


def test_errors_of_ours_are_passed_on():
    """As they are, with their sentence."""

    async def scenario() -> None:
        hall, error = Hall(), OutOfMemory("no room", tile_px=32)
        caller = Caller(hall, "anna")
        (await hall.begun()).tell(TILE, error)
        with pytest.raises(OutOfMemory) as told:
            await caller.task
        assert told.value is error
        await hall.is_empty()

    run(scenario())


def test_the_work_knows_who_asks():
    """It runs in a thread of its own, with the context of its caller: who lends a GPU bills it to that request."""
    asked = contextvars.ContextVar("asked")

    def work(*_: Any) -> Any:
        yield Finished(asked.get().encode(), DONE.done, PLACED)

    async def scenario() -> None:
        asked.set("by anna")
        hall = Hall(work)
        caller = Caller(hall, "anna")
        await caller.task
        assert caller.told[-1].file == b"by anna"

    run(scenario())
