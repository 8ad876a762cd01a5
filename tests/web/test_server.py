"""A picture's way to a server and back, with everything that can break on it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from fourxl import errors, events
from fourxl.errors import FourxlError, RuntimeUnavailable
from fourxl.settings import JobSettings
from fourxl_web import language
from fourxl_web.page.remote import steps
from fourxl_web.page.remote.place import Server
from fourxl_web.page.remote.server import ServerClient
from fourxl_web.page.remote.transport import Patience
from fourxl_web.page.work import Outcome, Sent, Work
from tests.web.stand_in_server import (
    API,
    BASE,
    COMPLETE,
    DONE,
    GENERATING,
    GONE,
    HEALTH,
    HEARTBEAT,
    PAGE,
    PATH,
    TOLD,
    Answer,
    Blob,
    StandIn,
    answer_of,
    sse,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl_web.page import messages

HOST = "space.example"
WORK = Work("an id", "a File", "photo.png", 2000, (72, 56), JobSettings(), None)
QUICK = Patience(wake_s=0.4, pause_s=0.01, answer_s=0.05, silence_s=0.1)
each = pytest.mark.parametrize


def run(
    server: StandIn,
    work: Work = WORK,
    *,
    failed: FourxlError | None = None,
    patience: Patience = QUICK,
    heard: Callable[[messages.Message], None] = lambda _message: None,
) -> Outcome:
    """Return what comes of a job at ``server``; ``heard`` is told as the page is."""
    client = ServerClient(Server(BASE, HOST), server, heard, patience)
    return asyncio.run(client.upscale(work, failed))


def test_the_whole_way() -> None:
    """Asked whether it is there, given the picture, followed, and asked for the result by an address of ours."""
    server, told = StandIn(), list[Any]()
    outcome = run(server, heard=told.append)
    stream, file = f"{API}call/upscale/e1", f"{API}file={quote(PATH)}"
    assert [asked for asked in server.asked if asked[0] != "closed"] == [
        ("GET", f"{API}health"),
        ("POST", f"{API}upload"),
        ("POST", f"{API}call/upscale"),
        ("GET", stream),
        ("GET", file),
    ]
    assert outcome.blob == Blob(b"pixels")
    assert outcome.done == DONE
    assert outcome.sent is not None
    assert replace(outcome.sent, at="") == Sent(HOST, "", "openvino", "CPU")
    placed = [message for message in told if isinstance(message, events.Placed)]
    assert {place.device for place in placed} == {"Cloud"}
    computed = "Computed by space.example (CPU, openvino), since you chose the server."
    assert language.told(placed[-1].reason) == computed
    rest = [message for message in told if not isinstance(message, (events.Placed, steps.Waking))]
    assert rest == [
        steps.Sending(HOST, "photo.png"), *(event for event in TOLD if not isinstance(event, events.Placed)),
        steps.Fetching(HOST),
    ]  # fmt: skip


def test_all_settings_travel() -> None:
    """The server is asked for what the form says, and not told how the picture is called."""
    wanted = JobSettings("fast", "webp", 80, "8", True, True, None, 1920, 0.5, 0.25, 128, "gpu")
    server = StandIn(health=[answer_of({**HEALTH, "models": ["fast"]})])
    run(server, replace(WORK, wanted=wanted))
    (picture, *values) = json.loads(server.bodies[0])["data"]
    assert picture == {"path": "/tmp/upload", "meta": {"_type": "gradio.FileData"}}  # noqa: S108
    assert values == ["fast", "webp", 80, "8", True, True, None, 1920, 0.5, 0.25, 128]
    assert "photo" not in server.bodies[0]


def test_it_is_told_before_anything_leaves() -> None:
    """Badge and status say where the picture goes, and why, before the first byte of it does."""
    server, at_that_time = StandIn(), list[tuple[Any, list[str]]]()
    run(
        server,
        failed=RuntimeUnavailable("No GPU."),
        heard=lambda message: at_that_time.append((message, list(server.posts))),
    )
    first = next(message for message, posts in at_that_time if isinstance(message, events.Placed))
    assert (first.runtime, first.device) == ("openvino", "Cloud")
    assert language.told(first.reason) == "Sent to space.example, since this device could not: No GPU."
    assert all(not posts for message, posts in at_that_time if message == first)
    assert (steps.Sending(HOST, "photo.png"), []) in at_that_time


@each(
    "asleep",
    [PAGE, GONE, Answer(503, "text/html"), Answer(502), Answer(504), Answer(hangs=True)],
    ids=["page", "gone", "503", "502", "504", "silent"],
)
def test_waking(asleep: Answer) -> None:
    """A server that sleeps is asked until it answers, visibly, and given nothing before."""
    server, told = StandIn(health=[asleep, asleep, answer_of(HEALTH)]), list[Any]()
    assert run(server, heard=told.append).done == DONE
    first_post = server.asked.index(("POST", f"{API}upload"))
    assert server.asked[:first_post].count(("GET", f"{API}health")) == 3
    assert told[0] == steps.Waking(HOST, 0)


def test_never_waking() -> None:
    """Who does not answer at all is given up in the end, in words, and was sent nothing."""
    for asleep in (PAGE, GONE, Answer(hangs=True)):
        server = StandIn(health=[asleep])
        with pytest.raises(errors.ServerUnreachable, match="does not answer") as info:
            run(server)
        assert "Nothing was sent" in info.value.message
        assert not server.posts


def test_without_a_network() -> None:
    """A browser that knows of no network does not wait for it."""
    server = StandIn(health=[GONE], is_without_network=True)
    with pytest.raises(errors.ServerUnreachable, match="no network"):
        run(server, patience=Patience())
    assert not server.posts


@each(
    ("work", "cls", "words"),
    [
        (replace(WORK, wanted=JobSettings("fast")), errors.UnknownModel, "does not have the model fast"),
        (replace(WORK, size_bytes=3001), errors.UploadTooLarge, "The file has 3 KB, more than the 3 KB that space.example"),
        (replace(WORK, sides_px=(10, 1025)), errors.ImageTooLarge, "10 x 1025 pixels; space.example takes at most 1024"),
    ],
)  # fmt: skip
def test_what_the_server_would_refuse_is_not_sent(work: Work, cls: type[FourxlError], words: str) -> None:
    """A model it lacks, too many bytes, too many pixels: told with the numbers, and nothing leaves."""
    server = StandIn()
    with pytest.raises(cls, match=words):
        run(server, work)
    assert not server.posts


def test_what_just_fits_is_sent() -> None:
    """The limits themselves are allowed, and a picture that the browser cannot show is left to the server."""
    assert run(StandIn(), replace(WORK, size_bytes=3000, sides_px=(1024, 1024))).done == DONE
    assert run(StandIn(), replace(WORK, sides_px=None)).done == DONE


BROKEN = [Answer(body=[b"["], breaks="body"), GONE, Answer(hangs=True)]
FAILURES: dict[str, list[tuple[Answer, type[FourxlError], str]]] = {
    "upload": [
        *((broken, errors.ServerUnreachable, "broke while the picture was being sent") for broken in BROKEN),
        (answer_of({"detail": "At most 20 MB.", "code": "upload-too-large"}, 413), errors.UploadTooLarge, "At most 20 MB"),
        (Answer(413, "text/html", [b"<html>"]), errors.UploadTooLarge, "too much for space.example"),
        (Answer(503, "text/html", [b"<html>"]), errors.ServerUnreachable, "503"),
        (PAGE, errors.ServerFailed, "not as 4XL's server does"),
    ],
    "call": [
        *((broken, errors.ServerUnreachable, "broke while the job was asked for") for broken in BROKEN),
        (answer_of({"detail": "32 are waiting.", "code": "server-busy"}, 503), errors.ServerBusy, "32 are waiting"),
        (answer_of({"detail": "Queue is full. Max size is 32."}, 503), errors.ServerBusy, "queue is full"),
        (answer_of({"detail": "Not Found"}, 404), errors.ServerFailed, "not as 4XL's server does"),
        (PAGE, errors.ServerFailed, "not as 4XL's server does"),
    ],
    "stream": [
        *((broken, errors.ServerUnreachable, "broke while the picture was being enlarged") for broken in BROKEN),
        (Answer(body=GENERATING, breaks="body"), errors.ServerUnreachable, "broke while the picture"),
        (Answer(body=[*GENERATING, COMPLETE[:-1]]), errors.ServerUnreachable, "broke while the picture"),
        (Answer(body=GENERATING, hangs=True), errors.ServerUnreachable, "broke while the picture"),
        (Answer(404), errors.ServerFailed, "stopped the job, or was started anew"),
        (Answer(body=[sse("complete", None)]), errors.ServerFailed, "stopped the job"),
        (Answer(body=[sse("error", {"error": "Too slow.", "title": "too-slow"})]), errors.TooSlow, "Too slow."),
        (Answer(body=[sse("error", {"error": "60 s.", "title": "timed-out"})]), errors.TimedOut, "60 s."),
        (Answer(body=[sse("error", None)]), errors.ServerFailed, "does not say why"),
        (Answer(body=[sse("error", "Session not found")]), errors.ServerFailed, "Session not found"),
        (Answer(503, body=[b"{}"]), errors.ServerUnreachable, "503"),
    ],
    "file": [
        *((broken, errors.ServerUnreachable, "broke while the result was on its way") for broken in BROKEN),
        (Answer(404), errors.ServerFailed, "not on space.example any more"),
        (Answer(403), errors.ServerFailed, "not on space.example any more"),
        (Answer(500), errors.ServerFailed, "500"),
        (PAGE, errors.ServerFailed, "not as 4XL's server does"),
    ],
}  # fmt: skip
CASES = [(name, *case) for name, cases in FAILURES.items() for case in cases]


@each(("name", "answer", "cls", "words"), CASES, ids=[f"{name}-{at}" for at, (name, *_) in enumerate(CASES)])
def test_failures(name: str, answer: Answer, cls: type[FourxlError], words: str) -> None:
    """Whatever breaks, wherever, ends as its error with its sentence; the next job works."""
    server, healthy = StandIn(), StandIn()
    setattr(server, name, [answer, *getattr(healthy, name)])
    quick = replace(QUICK, slowest_bytes_a_second=1e6)
    with pytest.raises(cls, match=words) as info:
        run(server, patience=quick)
    assert type(info.value) is cls
    assert run(server, patience=quick).done == DONE


def test_heartbeats_keep_a_job_alive() -> None:
    """A job that has nothing to tell lasts as long as its server shows that it lives."""

    class Slow(Answer):
        async def pieces(self):  # type: ignore[no-untyped-def]
            for piece in (*[HEARTBEAT] * 12, COMPLETE):
                await asyncio.sleep(QUICK.silence_s * 0.2)
                yield piece

    assert run(StandIn(stream=[Slow()])).done == DONE


@each("name", ["health", "upload", "call", "stream", "file"])
def test_cancelling(name: str) -> None:
    """A cancel takes effect at once in every phase, and leaves no job behind at the server."""

    async def go() -> StandIn:
        server = StandIn(**{name: [Answer(hangs=True)]})
        client = ServerClient(Server(BASE, HOST), server, lambda _message: None)
        job = asyncio.ensure_future(client.upscale(WORK))
        await server.waiting_for(name).wait()
        await asyncio.sleep(0)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        return server

    server = asyncio.run(go())
    opened = [address for method, address in server.asked if method == "GET"]
    assert all(("closed", address) in server.asked for address in opened)


def test_cancelling_while_the_job_is_asked_for() -> None:
    """When the server has taken the job by then, it learns that nobody waits for it."""

    async def go() -> StandIn:
        server = StandIn()
        taken = asyncio.Event()

        class Slow(Answer):
            async def text(self) -> str:
                await taken.wait()
                return '{"event_id": "e1"}'

        server.call = [Slow()]
        client = ServerClient(Server(BASE, HOST), server, lambda _message: None)
        job = asyncio.ensure_future(client.upscale(WORK))
        await server.waiting_for("call").wait()
        await asyncio.sleep(0)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        taken.set()
        await server.waiting_for("stream").wait()
        await asyncio.sleep(0)
        return server

    assert asyncio.run(go()).asked[-2:] == [
        ("GET", f"{API}call/upscale/e1"),
        ("closed", f"{API}call/upscale/e1"),
    ]
