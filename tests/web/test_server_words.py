"""Every sentence about the server."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Literal

import pytest

from fourxl import events
from fourxl.errors import ImageTooLarge, OutOfMemory, ServerBusy, UnknownModel
from fourxl.manifest import OWN as OWN_ARCHITECTURE
from fourxl.manifest import ModelFile, ModelSpec
from fourxl_web import language
from fourxl_web.page import server_words, words
from fourxl_web.page.remote import steps
from fourxl_web.page.remote.place import NOWHERE_ELSE, Place, Server
from fourxl_web.page.state import Job, Picked, Result, State
from fourxl_web.page.work import Sent

from .showing import showing

if TYPE_CHECKING:
    from fourxl.errors import FourxlError
    from fourxl_web.page.remote.place import Mode

Engine = Literal["starting", "ready", "failed"]
HOST = "space.example"
SERVER = Server("https://space.example/", HOST)
GRAPH = ModelFile("a.onnx", 9, "0" * 64)
FAST = ModelSpec(
    "fast", "Fast", "Any.", "compact", 4, 8, 16, 512, "MIT", "ours", {"wasm": GRAPH}, None, None, None
)
NOT_HERE, OWN = replace(FAST, graphs={}), replace(FAST, architecture=OWN_ARCHITECTURE, label="Own: mine.onnx")
DELETED = (
    "The picture is deleted there as soon as it has been read, and the result once you have it; "
    "both at the latest within the hour."
)
ADVICE = " Or choose This device only."
PHOTO = Picked("photo.png", 9)
each = pytest.mark.parametrize


def test_modes() -> None:
    """Each mode says what it does, with the host's name."""
    assert server_words.modes(HOST) == {
        "device": "This device only",
        "auto": "Automatic (space.example if this device cannot)",
        "server": "Server (space.example)",
    }


@each(
    ("place", "never", "asked"),
    [
        (NOWHERE_ELSE, True, False),
        (Place(SERVER, "device"), True, False),
        (Place(SERVER, "device", may_send=True), True, False),
        (Place(SERVER, "auto"), False, True),
        (Place(SERVER, "auto", may_send=True), False, False),
        (Place(SERVER, "server"), False, False),
    ],
)
def test_privacy(place: Place, never: bool, asked: bool) -> None:
    """The sentence is true in each configuration: what is never sent, what only after a question, and where to."""
    sentence = server_words.privacy(place)
    assert ("never sent anywhere" in sentence) == never
    assert ("you are asked before anything is sent" in sentence) == asked
    assert (HOST in sentence) != never
    assert (DELETED in sentence) == (not never and not asked)
    assert ("on your own device" in server_words.tagline(place)) == (place.mode != "server")


@each(
    ("spec", "mode", "models", "label"),
    [
        (FAST, "device", None, "Fast"),
        (NOT_HERE, "device", None, "Fast (not on this site)"),
        (FAST, "auto", {"other"}, "Fast"),
        (NOT_HERE, "auto", None, "Fast (perhaps on space.example)"),
        (NOT_HERE, "auto", {"fast"}, "Fast (only on space.example)"),
        (NOT_HERE, "auto", {"other"}, "Fast (not on this site)"),
        (FAST, "server", None, "Fast"),
        (NOT_HERE, "server", {"fast"}, "Fast"),
        (FAST, "server", {"other"}, "Fast (not on space.example)"),
        (OWN, "server", {"other"}, "Own: mine.onnx (on this device only)"),
        (OWN, "auto", None, "Own: mine.onnx"),
    ],
)
def test_choice(spec: ModelSpec, mode: str, models: set[str] | None, label: str) -> None:
    """A model that is not everywhere says where it is."""
    server = None if mode == "device" else SERVER
    place = Place(server, mode, models=None if models is None else frozenset(models))  # type: ignore[arg-type]
    assert server_words.choice(spec, place) == label


@each(
    ("step", "sentence"),
    [
        (
            steps.Asking(HOST),
            "This device cannot do it. Waiting for your answer: send the picture to space.example?",
        ),
        (steps.Waking(HOST, 0), "Asking space.example whether it is ready…"),
        (steps.Waking(HOST, 12), "Waking space.example… It may take a minute or two."),
        (steps.Sending(HOST, "photo.png"), "Sending photo.png to space.example…"),
        (steps.Sending(HOST, ""), "Sending the picture to space.example…"),
        (events.Waiting(1), "Waiting for your turn: 1 job before yours."),
        (events.Waiting(2), "Waiting for your turn: 2 jobs before yours."),
        (steps.Fetching(HOST), "Fetching the result from space.example…"),
    ],
)
def test_steps(step: steps.Step, sentence: str) -> None:
    """Each step of the way is told in the status line, before anything else about the job."""
    assert words.status(showing(PHOTO, job=Job(step=step))) == sentence


def test_waking_is_told_once() -> None:
    """While a server is woken the line stays as it is, since it is read aloud; the seconds stand beside it."""
    states = [showing(PHOTO, job=Job(step=steps.Waking(HOST, seconds))) for seconds in range(181)]
    assert [words.elapsed(state) for state in states] == ["", "", ""] + [f"{s} s" for s in range(3, 181)]
    assert len({words.status(state) for state in states}) == 2, "asking, then waking"
    assert words.elapsed(showing(PHOTO, job=Job(step=steps.Sending(HOST, "")))) == ""
    assert words.elapsed(State()) == ""


@each(("mode", "engine"), list(product(["device", "auto", "server"], ["starting", "ready", "failed"])))
@each(
    ("error", "is_the_servers"),
    [
        (ServerBusy("So."), True),
        (ImageTooLarge("So."), True),
        (UnknownModel("So."), True),
        (OutOfMemory("So."), False),
    ],
)
def test_way_out(error: FourxlError, is_the_servers: bool, mode: Mode, engine: Engine) -> None:
    """This device is offered as a way out where it has not failed already: a server alone was asked."""
    told = words.status(State(engine=engine, place=Place(SERVER, mode), refusal=error))
    is_offered = is_the_servers and mode == "server" and engine != "failed"
    assert told == "So." + (ADVICE if is_offered else "")


@each(("failed", "computer"), list(product([None, OutOfMemory("No memory.")], ["", "CPU, openvino"])))
def test_reason(failed: OutOfMemory | None, computer: str) -> None:
    """The badge's reason names the host, why it is asked, and what computes there once that is known."""
    reason = language.told(server_words.reason(HOST, failed, computer))
    assert HOST in reason
    assert computer in reason
    assert ("you chose the server" in reason) == (failed is None)
    assert ("No memory." in reason) == (failed is not None)


def test_report() -> None:
    """The report of a picture that was sent says where to, when, and what computed it."""
    done = events.Done(288, 224, 123_456, 1.52, 1.2, 4, (), "4x")
    placed = events.Placed("openvino", "Cloud", "So.")
    result = Result(done, placed, "photo.png", "png", Sent(HOST, "14:03", "openvino", "CPU"))
    assert words.report(result) == (
        "288 x 224 pixels, 121 KB, 4 tiles in 1.5 s. "
        "Sent to space.example at 14:03; computed there on the CPU (openvino)."
    )


def test_question() -> None:
    """It names the host, tells what the device could not, and what becomes of the picture."""
    question, reason = server_words.question(HOST, OutOfMemory("No memory."), is_for_all=False)
    assert question == "Send this picture to space.example?"
    assert reason.startswith("The device could not enlarge it: No memory.")
    assert "space.example may be able to." in reason
    assert reason.endswith(DELETED)
    question, reason_of_all = server_words.question(HOST, OutOfMemory("No memory."), is_for_all=True)
    assert question == "Send the pictures that this device cannot enlarge to space.example?"
    assert reason_of_all == reason
