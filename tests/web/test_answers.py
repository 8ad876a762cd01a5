"""What each answer of a server means, whoever gives it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fourxl import errors, events
from fourxl.settings import JobSettings
from fourxl_web.page.remote import answers
from fourxl_web.page.remote.answers import Asleep, Finished, Health
from fourxl_web.page.work import Work

if TYPE_CHECKING:
    from fourxl.errors import FourxlError

HOST = "space.example"
HEALTH = {
    "status": "ok", "version": "0.1.0", "runtime": "openvino", "device": "CPU", "reason": "So.",
    "models": ["swift"], "loaded": [], "running": 0, "waiting": 0,
    "limits": {"max_side_px": 1024, "max_upload_bytes": 2000, "max_seconds": 60},
}  # fmt: skip
WORK = Work("an id", None, "photo.png", 3_000_000, None, JobSettings(), None)
DONE = events.Done(288, 224, 123_456, 1.5, 1.2, 4, ("A note.",), "4x")
REPORT = {
    "model": "swift",
    "runtime": "onnxruntime",
    "device": "CPU",
    "reason": "So.",
    "done": events.to_wire(DONE),
}
PAGE = "<!doctype html><title>Building…</title>"
NONSENSE = ["", "null", "7", "{}", "[]", '[""]', '"text"', "[[]]", PAGE, '{"event_id": 7}', "[null, null]"]
each = pytest.mark.parametrize


def test_health() -> None:
    """What the server says of itself is read, whatever else it says."""
    found = answers.health(200, "application/json", json.dumps(HEALTH | {"new": 1}), HOST)
    assert found == Health("openvino", frozenset({"swift"}), 1024, 2000)


def test_how_quick_a_server_is() -> None:
    """Newer servers tell what a pixel takes; all tell how many jobs they have."""
    told = HEALTH | {"seconds_a_pixel": {"swift": 1e-5}, "running": 1, "waiting": 2}
    found = answers.health(200, "application/json", json.dumps(told), HOST)
    assert (found.seconds_a_pixel, found.ahead) == ({"swift": 1e-5}, 3)


@each(
    ("status", "kind"),
    [(502, ""), (503, "text/html"), (503, "application/json"), (504, ""), (200, "text/html; charset=utf-8")],
)
def test_a_server_that_sleeps(status: int, kind: str) -> None:
    """What a proxy says for a server that starts, and a web page in its place, mean: ask again."""
    with pytest.raises(Asleep):
        answers.health(status, kind, PAGE, HOST)


@each(
    ("status", "text"),
    [(404, ""), (404, PAGE), (200, "{}"), (200, "null"), (200, json.dumps({**HEALTH, "limits": 3}))],
)
def test_no_server_of_4xl(status: int, text: str) -> None:
    """Who answers something else is not waited for."""
    with pytest.raises(errors.ServerFailed, match="not as 4XL's server does"):
        answers.health(status, "application/json", text, HOST)


@each(
    ("status", "text", "cls", "words"),
    [
        (413, {"detail": "At most 20 MB.", "code": "upload-too-large"}, errors.UploadTooLarge, "At most 20 MB."),
        (413, PAGE, errors.UploadTooLarge, "The file has 2.9 MB, too much for space.example."),
        (503, {"detail": "32 are waiting.", "code": "server-busy"}, errors.ServerBusy, "32 are waiting."),
        (503, {"detail": "Queue is full. Max size is 32."}, errors.ServerBusy, "its queue is full"),
        (429, {"detail": "Too many requests."}, errors.ServerBusy, "its queue is full"),
        (503, PAGE, errors.ServerUnreachable, "refuses (HTTP status 503)"),
        (502, "", errors.ServerUnreachable, "refuses (HTTP status 502)"),
        (504, "", errors.ServerUnreachable, "refuses (HTTP status 504)"),
        (404, {"detail": "Not Found"}, errors.ServerFailed, "not as 4XL's server does"),
        (422, {"detail": [{"loc": ["body"]}]}, errors.ServerFailed, "refuses (HTTP status 422)"),
        (500, "Internal Server Error", errors.ServerFailed, "refuses (HTTP status 500)"),
        (403, PAGE, errors.ServerFailed, "refuses (HTTP status 403)"),
        (507, {"detail": "No room.", "code": "server-failed"}, errors.ServerFailed, "No room."),
        (400, {"detail": "Odd.", "code": "of-a-later-version"}, errors.ServerFailed, "refuses (HTTP status 400)"),
    ],
)  # fmt: skip
def test_refusals(status: int, text: Any, cls: type[FourxlError], words: str) -> None:
    """Each refusal has its error and a sentence: the server's own where it has one of the tree."""
    error = answers.refusal(status, text if isinstance(text, str) else json.dumps(text), HOST, WORK)
    assert type(error) is cls
    assert words in error.message


def test_paths_and_names() -> None:
    """An upload answers with a path, a job with its name."""
    assert answers.path_of_upload('["/tmp/a b/x"]', HOST) == "/tmp/a b/x"  # noqa: S108 - a server's
    assert answers.event_id('{"event_id": "e1"}', HOST) == "e1"


@each("text", NONSENSE)
def test_nonsense(text: str) -> None:
    """An answer of another kind is an error in words, wherever it comes; in the middle of a job it is passed over."""
    for read in (answers.path_of_upload, answers.event_id, answers.finished):
        with pytest.raises(errors.ServerFailed, match=HOST):
            read(text, HOST)
    assert answers.event(text) is None
    assert isinstance(answers.failure(text, HOST), errors.ServerFailed)


@each("event", [events.Waiting(2), events.Stage("enlarging"), events.Placed("openvino", "CPU", "So."),
                events.Progress(1, 2, 0.5, None), events.SmallerTiles(256, 128)])  # fmt: skip
def test_events(event: events.Event) -> None:
    """What the engine tells comes through as it was; what a newer one tells is passed over."""
    assert answers.event(json.dumps([None, events.to_wire(event)])) == event
    assert answers.event(json.dumps([None, {**events.to_wire(event), "event": "Preview"}])) is None


def test_complete() -> None:
    """The end of a job names the result and tells how it was made."""
    text = json.dumps([{"path": "/x/result.png", "url": "http://wrong/", "size": 1}, REPORT])
    assert answers.finished(text, HOST) == Finished("/x/result.png", "onnxruntime", "CPU", DONE)
    with pytest.raises(errors.ServerFailed, match="stopped the job"):
        answers.finished("null", HOST)


@each("cls", [errors.TooSlow, errors.TimedOut, errors.ImageTooLarge, errors.UnknownModel,
              errors.OutOfMemory, errors.ServerBusy, errors.BrokenImage])  # fmt: skip
def test_failures_with_a_code(cls: type[FourxlError]) -> None:
    """An error of the tree comes out as itself, with the sentence the server gave it."""
    error = answers.failure(json.dumps({"error": "So it is.", "title": cls.code, "duration": 10}), HOST)
    assert (type(error), error.message) == (cls, "So it is.")


@each(
    ("data", "words"),
    [
        ({"error": "Session not found.", "title": "Error"}, "space.example failed: Session not found."),
        ({"error": "x" * 1000, "title": None}, "x" * 300 + "…"),
        ({"error": None}, "does not say why"),
        (None, "does not say why"),
        ("Session not found", "failed: Session not found."),
    ],
)
def test_failures_without_a_code(data: Any, words: str) -> None:
    """Gradio's own failures are told as the server's, in its words if it has any, and what to do."""
    error = answers.failure(json.dumps(data), HOST)
    assert type(error) is errors.ServerFailed
    assert words in error.message
    assert "Press enhance again" not in error.message
    assert "Press Enhance again" in error.message
