"""States of the page that a person can reach, for tests of what messages make of them."""

from __future__ import annotations

from functools import reduce as fold

import pytest

from fourxl import events
from fourxl.errors import BrokenImage, WeightsUnavailable
from fourxl.manifest import ModelSpec
from fourxl_web.page import messages, state
from fourxl_web.page.reducer import reduce
from fourxl_web.page.state import State

MODEL = ModelSpec("swift", "Swift", "Enlarges.", "swift", 4, 7, 16, 1024, "MIT", "ours", {}, None, None, None)
FIRST, OTHER = state.Picked("photo.png", 2048), state.Picked("other.png", 10)
BROKEN = BrokenImage("The picture is damaged.")
NO_ENGINE = WeightsUnavailable("The model table could not be fetched.")
PLACED = events.Placed("wasm", "CPU", "Computed on the processor (2 threads).")
DONE = events.Done(288, 224, 123_456, 1.5, 1.2, 4, (), "4x")

READY, PICKED = messages.EngineReady((MODEL,)), messages.FilesAdded((("one", FIRST),))
MORE = messages.FilesAdded((("two", OTHER), ("three", FIRST)))
CANCEL = messages.CancelAsked()
CANCELLED, FAILED = messages.JobCancelled(), messages.JobFailed(BROKEN)
FINISHED = messages.JobFinished(DONE, "jpeg", None, "swift")
TILE = events.Progress(1, 4, 0.25, 3.0)
STARTED = (messages.Queued(("one",)), messages.JobStarted("one"))
"""Enhance, pressed for the one picture that is there."""

IN_JOB: tuple[messages.Message, ...] = (
    events.Stage("enlarging"),
    PLACED,
    TILE,
    events.SmallerTiles(256, 128),
    DONE,
    CANCEL,
    CANCELLED,
    FAILED,
    FINISHED,
)
"""Messages that concern a running job."""


def after(*messages: messages.Message | tuple[messages.Message, ...], start: State | None = None) -> State:
    """Return the state after these messages."""
    flat = [one for some in messages for one in (some if isinstance(some, tuple) else (some,))]
    return fold(reduce, flat, start or State())


REACHABLE = {
    "first": after(),
    "picked early": after(PICKED),
    "ready": after(READY),
    "picked": after(READY, PICKED),
    "running": after(READY, PICKED, STARTED),
    "in its tiles": after(READY, PICKED, STARTED, PLACED, events.Stage("enlarging"), TILE),
    "cancelling": after(READY, PICKED, STARTED, CANCEL),
    "cancelled": after(READY, PICKED, STARTED, CANCEL, CANCELLED),
    "failed": after(READY, PICKED, STARTED, FAILED),
    "finished": after(READY, PICKED, STARTED, PLACED, FINISHED),
    "without engine": after(messages.EngineFailed(NO_ENGINE)),
    "picked without engine": after(PICKED, messages.EngineFailed(NO_ENGINE)),
}
IDLE = {name: found for name, found in REACHABLE.items() if found.running is None}
RUNNING = {name: found for name, found in REACHABLE.items() if found.running is not None}
each = pytest.mark.parametrize
