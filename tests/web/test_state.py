"""What each message makes of the page's state, from every state that a person can reach."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from fourxl import events
from fourxl_web.page import messages, state
from fourxl_web.page.reducer import reduce
from fourxl_web.page.state import State
from tests.web.states import (
    BROKEN,
    CANCEL,
    CANCELLED,
    DONE,
    FAILED,
    FINISHED,
    FIRST,
    IDLE,
    IN_JOB,
    MODEL,
    MORE,
    NO_ENGINE,
    OTHER,
    PICKED,
    PLACED,
    REACHABLE,
    READY,
    RUNNING,
    STARTED,
    TILE,
    after,
    each,
)


def test_first_state() -> None:
    """At first the engine is starting, and there is nothing to enlarge."""
    assert State() == State(engine="starting", models=(), items=(), selected=None, queue=())
    assert not State().can_start


@each("name", REACHABLE)
def test_can_start(name: str) -> None:
    """Enhance does something once the engine is ready and a picture is there, while nothing runs."""
    assert REACHABLE[name].can_start == (name in ("picked", "cancelled", "failed", "finished"))


@each("order", [(READY, PICKED), (PICKED, READY)])
def test_picture_and_engine_in_either_order(order: tuple[messages.Message, ...]) -> None:
    """A picture chosen before the engine is ready is as good as one chosen after, and is shown."""
    found = after(*order)
    assert found == State(engine="ready", models=(MODEL,), items=(state.Item("one", FIRST),), selected="one")
    assert found.picked == FIRST


@each("message", IN_JOB, ids=lambda message: type(message).__name__)
@each("name", IDLE)
def test_late_news_of_a_job(name: str, message: messages.Message) -> None:
    """What is still under way when its job has ended changes nothing."""
    assert reduce(IDLE[name], message) == IDLE[name]


@each("name", REACHABLE)
def test_starting(name: str) -> None:
    """A job starts where Enhance does something, and forgets how the last one ended; elsewhere it does not."""
    before = REACHABLE[name]
    found = after(STARTED, start=before)
    if before.can_start:
        running = state.Item("one", FIRST, "running", state.Job())
        assert found.items == (running,)
        assert (found.queue, found.error, found.selected) == (("one",), None, "one")
    else:
        assert found == before


@each("name", REACHABLE)
def test_adding(name: str) -> None:
    """More pictures take nothing from those that are there; the first new one is shown, unless a batch runs."""
    before = REACHABLE[name]
    found = after(MORE, start=before)
    assert found.items[: len(before.items)] == before.items
    assert [item.picked for item in found.items[-2:]] == [OTHER, FIRST]
    if before.running:
        assert found.queue == (*before.queue, "two", "three")
        assert found.selected == before.selected
    else:
        assert (found.queue, found.picked, found.result, found.cancelled) == ((), OTHER, None, False)
        assert found.error == (NO_ENGINE if found.engine == "failed" else None)


def test_no_pictures() -> None:
    """Files that are no pictures are counted, until something else is done."""
    found = after(READY, PICKED, messages.FilesAdded((), 3))
    assert (found.left_out, found.selected) == (3, "one")
    assert after(STARTED, start=found).left_out == 0
    assert after(MORE, start=found).left_out == 0


def test_removing() -> None:
    """The next one is shown in the place of one that goes; the one that runs stays."""
    three = after(READY, PICKED, MORE)
    assert after(messages.Removed("two"), start=three).selected == "three"
    last = after(messages.Removed("two"), messages.Removed("three"), start=three)
    assert (last.selected, len(last.items)) == ("one", 1)
    assert after(messages.Removed("one"), start=last).selected is None
    assert after(messages.Removed("nobody"), start=three) is three
    running = after(STARTED, start=three)
    assert after(messages.Removed("one"), start=running) is running


def test_clearing() -> None:
    """An emptied list is as at first; while a batch runs it is not emptied."""
    assert after(messages.Cleared(), start=REACHABLE["failed"]) == REACHABLE["ready"]
    running = REACHABLE["running"]
    assert after(messages.Cleared(), start=running) is running


def test_what_is_shown() -> None:
    """The picture that runs is shown until a person selects another; the next Enhance shows it again."""
    batch = (messages.Queued(("one", "two")), messages.JobStarted("one"))
    found = after(READY, PICKED, MORE, messages.Selected("three"), batch)
    assert found.selected == "one"
    assert after(FINISHED, messages.JobStarted("two"), start=found).selected == "two"
    chosen = after(messages.Selected("three"), FINISHED, messages.JobStarted("two"), start=found)
    assert chosen.selected == "three"
    assert after(messages.Selected("nobody"), start=found) is found


def test_a_result_of_an_earlier_visit() -> None:
    """It is as if it had been made just now."""
    result = state.Result(DONE, PLACED, "photo.png", "png")
    found = after(READY, PICKED, messages.Restored("one", result))
    assert found.selected_item == state.Item("one", FIRST, "done", None, PLACED, result)


def test_sides() -> None:
    """How large a picture is becomes known after it came; what has been removed by then stays removed."""
    found = after(READY, PICKED, messages.Measured((("one", (72, 56)), ("nobody", (1, 1)))))
    assert [item.picked for item in found.items] == [replace(FIRST, sides_px=(72, 56))]


@each("stage", ["loading", "enlarging", "writing"])
def test_stages(stage: events.StageName) -> None:
    """Another kind of work is told, and what is known of the tiles stays."""
    before = REACHABLE["in its tiles"]
    assert before.job is not None
    assert reduce(before, events.Stage(stage)).job == replace(before.job, stage=stage)


def test_place() -> None:
    """The badge shows where the tiles are computed as soon as that is known, and after the job too."""
    assert after(PLACED, start=REACHABLE["running"]).placed == PLACED
    assert after(PLACED, FINISHED, start=REACHABLE["running"]).placed == PLACED
    assert after(PLACED, FAILED, start=REACHABLE["running"]).placed == PLACED


def test_place_of_the_last_job() -> None:
    """The next job does not show the last one's place as its own: it may come to be computed elsewhere."""
    assert after(STARTED, start=REACHABLE["finished"]).placed is None


def test_progress() -> None:
    """The last tile told is the one that counts."""
    later = events.Progress(2, 4, 0.5, 2.0)
    job = after(later, start=REACHABLE["in its tiles"]).job
    assert job is not None
    assert job.progress == later


def test_smaller_tiles() -> None:
    """Tiles that became smaller are remembered to the end of the job, and no longer."""
    smaller = events.SmallerTiles(256, 128)
    found = after(smaller, TILE, events.Stage("writing"), start=REACHABLE["running"])
    assert found.job is not None
    assert found.job.smaller_tiles == smaller
    assert after(FINISHED, STARTED, start=found).job == state.Job()


def test_another_device_starts_over() -> None:
    """When a device fails and the next one reads the picture again, tiles count from nothing again."""
    found = after(events.SmallerTiles(256, 128), events.Stage("reading"), start=REACHABLE["in its tiles"])
    assert found.job == state.Job()
    asked = after(CANCEL, events.Stage("reading"), start=REACHABLE["in its tiles"])
    assert asked.job == state.Job(cancelling=True), "a cancel that was asked for stays asked for"


@each("name", RUNNING)
def test_cancelling(name: str) -> None:
    """Cancel is shown until the job has stopped, whatever it still tells."""
    found = after(CANCEL, TILE, events.Stage("writing"), CANCEL, start=RUNNING[name])
    assert found.job is not None
    assert found.job.cancelling
    stopped = after(CANCELLED, start=found)
    assert (stopped.job, stopped.cancelled, stopped.result, stopped.error) == (None, True, None, None)
    assert stopped.queue == ()


@each("name", RUNNING)
def test_failing(name: str) -> None:
    """A job that fails leaves its error and nothing else."""
    found = after(FAILED, start=RUNNING[name])
    assert (found.job, found.cancelled, found.result, found.error) == (None, False, None, BROKEN)


@each("name", RUNNING)
def test_finishing(name: str) -> None:
    """A finished job leaves its result with the picture's name, the place, the format and the model."""
    found = after(PLACED, FINISHED, start=RUNNING[name])
    assert found.result == state.Result(DONE, PLACED, "photo.png", "jpeg", None, "swift")
    assert (found.job, found.cancelled, found.error) == (None, False, None)


@each("name", REACHABLE)
def test_engine_fails(name: str) -> None:
    """Without an engine no job runs or starts, and the reason stays whatever else happens."""
    found = after(messages.EngineFailed(NO_ENGINE), start=REACHABLE[name])
    later = after(MORE, STARTED, *IN_JOB, start=found)
    for one in (found, later):
        assert (one.engine, one.running, one.error, one.can_start) == ("failed", None, NO_ENGINE, False)


def test_needs_no_browser() -> None:
    """What decides loads without JavaScript, numpy or Pillow, so the page's interpreter stays small."""
    program = (
        "import sys; from fourxl_web.page import batch, jobs, reducer, words; "
        "from fourxl_web.page.remote import place, server; "
        "print([name for name in ('js', 'pyodide', 'pyscript', 'numpy', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
