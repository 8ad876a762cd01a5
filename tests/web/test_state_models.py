"""What becomes of the page's state by its models, its shelf and the places where pictures are enlarged."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from fourxl import events
from fourxl.manifest import OWN as OWN_ARCHITECTURE
from fourxl_web.page import messages, state
from fourxl_web.page.remote import steps
from fourxl_web.page.remote.place import NOWHERE_ELSE, Place, Server
from fourxl_web.page.state import State
from fourxl_web.page.work import Sent
from fourxl_web.shelf import Shelf
from tests.web.states import (
    BROKEN,
    CANCEL,
    CANCELLED,
    DONE,
    FINISHED,
    MODEL,
    NO_ENGINE,
    PICKED,
    REACHABLE,
    READY,
    STARTED,
    TILE,
    after,
    each,
)

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
