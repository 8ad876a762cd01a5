"""What each message makes of the page's state, from every state that a person can reach."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import reduce as fold
from itertools import permutations

import pytest

from fourxl import events
from fourxl.errors import BrokenImage, WeightsUnavailable
from fourxl.manifest import OWN as OWN_ARCHITECTURE
from fourxl.manifest import ModelSpec
from fourxl_web.page import messages, state
from fourxl_web.page.reducer import reduce
from fourxl_web.page.remote import steps
from fourxl_web.page.remote.place import NOWHERE_ELSE, Place, Server
from fourxl_web.page.state import State
from fourxl_web.page.work import Sent
from fourxl_web.shelf import Shelf

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


OWN = replace(MODEL, id="own-1", label="Own: mine.onnx", architecture=OWN_ARCHITECTURE)
TRYING = messages.ModelPicked("mine.onnx")


def test_own_network_joins_the_models() -> None:
    """A network that is tried out keeps Enhance waiting, and is offered last when it is good; once, also if it comes again."""
    trying = after(READY, PICKED, TRYING)
    assert trying.bringing == "mine.onnx"
    assert not trying.can_start
    brought = after(messages.ModelBrought(OWN), start=trying)
    assert brought.can_start
    assert brought.models == (MODEL, OWN)
    renamed = replace(OWN, label="Own: other.onnx")
    assert after(TRYING, messages.ModelBrought(renamed), start=brought).models == (MODEL, renamed)


def test_refused_network_leaves_all_else() -> None:
    """A network that is refused is told like any error, and the next picture can go on."""
    refused = after(READY, PICKED, TRYING, messages.ModelRefused(BROKEN))
    assert refused.error is BROKEN
    assert refused.can_start
    assert refused.models == (MODEL,)
    assert after(TRYING, start=refused).error is None


def test_network_is_not_tried_during_a_job() -> None:
    """While a job runs, or without an engine that could, no network is tried out."""
    running = after(READY, PICKED, STARTED)
    assert after(TRYING, start=running) == running
    failed = after(messages.EngineFailed(NO_ENGINE))
    assert after(TRYING, start=failed) == failed
    assert after(PICKED, AWAY, TRYING) == after(PICKED, AWAY), "nothing to keep a job from the server"


def test_only_own_models_go_when_deleted() -> None:
    """A deleted model of the site can be downloaded again; an own one is gone."""
    both = after(READY, TRYING, messages.ModelBrought(OWN))
    assert after(messages.ModelDeleted(MODEL.id), start=both).models == (MODEL, OWN)
    assert after(messages.ModelDeleted(OWN.id), start=both).models == (MODEL,)


HERE, THERE = Shelf(stored=frozenset("a")), Shelf(stored=frozenset("ab"))
PART, WHOLE = events.Download("swift", 600, 2400), events.Download("swift", 2400, 2400)
LOADING = events.Stage("loading")


@each("name", REACHABLE)
def test_shelf(name: str) -> None:
    """What is on this device is known at any time as last told, and concerns nothing else."""
    before = REACHABLE[name]
    found = after(messages.ShelfRead(HERE), messages.ShelfRead(THERE), start=before)
    assert found == replace(before, shelf=THERE)


def test_job_waits_for_its_model() -> None:
    """While files of its model come, the share that is done is theirs; then it is the picture's again."""
    waiting = after(LOADING, PART, start=REACHABLE["running"])
    assert waiting.is_waiting_for_model
    assert waiting.share_done == 0.25
    loading = after(WHOLE, start=waiting)
    assert not loading.is_waiting_for_model
    assert loading.share_done is None
    tiles = after(events.Stage("enlarging"), TILE, start=loading)
    assert not tiles.is_waiting_for_model
    assert tiles.share_done == TILE.fraction


def test_download_of_the_last_job() -> None:
    """A download that was cancelled with its job is not taken for one of the next job."""
    cancelled = after(LOADING, PART, CANCEL, CANCELLED, start=REACHABLE["running"])
    assert not after(STARTED, LOADING, start=cancelled).is_waiting_for_model


def test_download_on_the_shelf() -> None:
    """It goes on during a job, and leaves nothing behind when it ends well or by Cancel."""
    fetching = after(READY, PICKED, messages.FetchStarted("swift"), PART)
    assert (fetching.fetching, fetching.download) == ("swift", PART)
    assert after(STARTED, start=fetching).download == PART
    ended = after(messages.FetchEnded(), start=fetching)
    assert (ended.fetching, ended.download, ended.shelf_error) == (None, None, None)


def test_failed_download_on_the_shelf() -> None:
    """Its error stays with its model until the next download, and is no error of a job."""
    failed = after(READY, PICKED, messages.FetchStarted("swift"), PART, messages.FetchEnded(NO_ENGINE))
    assert (failed.fetching, failed.shelf_error) == (None, ("swift", NO_ENGINE))
    assert failed.error is None
    assert failed.can_start
    assert after(messages.FetchStarted("other"), start=failed).shelf_error is None
    assert after(messages.ShelfRead(HERE), start=failed).shelf_error is None


SERVER = Server("https://space.example/", "space.example")
DEVICE, AUTO, AWAY = (messages.PlaceChanged(Place(SERVER, mode)) for mode in ("device", "auto", "server"))
BROKE = messages.EngineFailed(NO_ENGINE)
STEPS = [
    steps.Asking("space.example"),
    steps.Waking("space.example", 3),
    steps.Sending("space.example", "photo.png"),
    events.Waiting(2),
    steps.Fetching("space.example"),
]


@each("name", REACHABLE)
def test_choosing_a_place(name: str) -> None:
    """It can be chosen at any time, and changes nothing else while the engine is there."""
    before = REACHABLE[name]
    if before.engine != "failed":
        assert after(AUTO, start=before) == replace(before, place=AUTO.place)


@each("order", [(BROKE, PICKED), (PICKED, BROKE)])
def test_places_without_an_engine(order: tuple[messages.Message, ...]) -> None:
    """Where the server may do it a job starts; where it may not the engine's error stands, back and forth."""
    for first, then in permutations((DEVICE, AUTO, AWAY), 2):
        for found in (after(first, *order, then), after(*order, first, then)):
            assert found.can_start == (then is not DEVICE)
            assert found.error == (NO_ENGINE if then is DEVICE else None)
            assert after(STARTED, start=found).job == (state.Job() if then is not DEVICE else None)


def test_automatic_waits_for_the_engine() -> None:
    """The server's mode needs no engine; Automatic gives it its time."""
    assert after(PICKED, AWAY).can_start
    assert not after(PICKED, AUTO).can_start
    assert after(PICKED, AUTO, BROKE).can_start


def test_a_network_that_no_engine_will_try() -> None:
    """It is refused with the engine's own reason, which is not lost when the page learns what the server has."""
    refused = after(PICKED, AWAY, BROKE, messages.ModelRefused(NO_ENGINE))
    assert refused.error is NO_ENGINE
    assert refused.can_start
    informed = messages.PlaceChanged(replace(AWAY.place, models=frozenset({"swift"})))
    assert after(informed, start=refused).error is NO_ENGINE
    assert after(informed, STARTED, start=refused).error is None


def test_a_job_at_the_server_outlives_the_engine() -> None:
    """An engine that fails to start does not end a job that does without it."""
    running = after(PICKED, AWAY, STARTED, steps.Sending("space.example", "photo.png"))
    assert after(BROKE, start=running).job == running.job


@each("step", STEPS)
def test_steps(step: steps.Step) -> None:
    """A step forgets the device's tiles, and is over when the server tells of its work."""
    found = after(step, start=REACHABLE["in its tiles"])
    assert found.job == state.Job(step=step)
    assert found.share_done is None
    assert after(events.Stage("loading"), start=found).job == state.Job("loading")
    assert after(CANCEL, step, start=found).job == state.Job(cancelling=True, step=step)
    assert after(step, start=REACHABLE["picked"]) == REACHABLE["picked"], "what comes late"


def test_a_picture_that_was_sent() -> None:
    """The result knows that, and where to; the next one from this device does not."""
    sent = Sent("space.example", "14:03", "openvino", "CPU")
    found = after(messages.JobFinished(DONE, "png", sent, "swift"), start=REACHABLE["running"])
    assert found.result == state.Result(DONE, None, "photo.png", "png", sent, "swift")
    later = after(STARTED, FINISHED, start=found).result
    assert later is not None
    assert later.sent is None


def test_models_that_the_page_reads_itself() -> None:
    """They are offered as long as no engine offers its own."""
    other = replace(MODEL, id="other")
    assert after(messages.ModelsRead((other,))).models == (other,)
    assert after(READY, messages.ModelsRead((other,))).models == (MODEL,)
    assert after(messages.ModelsRead((other,)), READY).models == (MODEL,)
    assert State().place == NOWHERE_ELSE
