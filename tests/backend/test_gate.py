"""The gate: who asks for a job gets a place or a plain answer at once, and no place is lost or forged."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from backend import gate as gates
from backend.admission import Admission
from backend.gate import HEADER, Gate, person
from backend.settings import Limits
from fourxl.errors import ServerBusy

from .doubles import PATIENCE_S, Answer, Body, ask, left, request

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from backend.files import Files

CALL, V2, JOIN = "/gradio_api/call/upscale", "/gradio_api/call/v2/upscale", "/gradio_api/queue/join"
JOBS = {3: "upscale", 5: "upscale_base64"}

USUAL = ["swift", "png", 92, "same", False, False, None, None, 1.0, 0.5, None]


class Gradio:
    """Stands for Gradio: answers with one status and remembers what it was asked."""

    def __init__(self, status: int = 200) -> None:
        self.status, self.asked = status, []
        self.headers: list[dict[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, after reading all of it."""
        if not self.status:
            raise RuntimeError("broken")
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        assert int(self.headers[-1]["content-length"]) == len(body)
        self.asked.append(json.loads(body))
        start: Message = {"type": "http.response.start", "status": self.status, "headers": []}
        await send(start)
        await send({"type": "http.response.body", "body": b"{}"})


class Door:
    """A gate with a queue behind it and a stand-in for Gradio."""

    def __init__(self, files: Files, status: int = 200, **limits: int) -> None:
        self.files = files
        self.admission = Admission(Limits(**limits))
        self.gate = Gate(self.admission, files, 1000)
        self.gradio = Gradio(status)

    async def ask(
        self, path: str, content: Any, headers: Any = None, client: Any = ("203.0.113.7", 1)
    ) -> Answer:
        """Return the answer to one call."""
        body = content if isinstance(content, Body) else Body(json.dumps(content).encode())

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self.gate.pass_on(self.gradio, scope, receive, send, JOBS)

        return await ask(app, request(path, headers=headers, client=client), body)

    def call(self, **more: Any) -> Any:
        """Return the body of a call for an upload that is there."""
        file = {"path": str(self.files.write("upload", b"a picture")), "meta": {"_type": "gradio.FileData"}}
        return {"data": [file, *(USUAL[:2] if more.get("fn_index") == 5 else USUAL)], **more}

    def call_at(self, path: str) -> Any:
        """Return the body of a call of /upscale through any of its addresses."""
        call = self.call(fn_index=3)
        return {"image": call["data"][0]} if path == V2 else call


def test_a_call_gets_a_place_that_its_job_claims(files):
    """The place is taken when the call comes, handed over once by its header, and stays until it is given back."""

    async def scenario() -> None:
        door = Door(files)
        body = door.call()
        assert (await door.ask(CALL, body)).status == 200
        assert door.gradio.asked == [body]
        assert (door.admission.running, door.admission.waiting) == (1, 0)
        ticket = door.gate.claim(door.gradio.headers[0], "203.0.113.7")
        assert (door.admission.running, door.admission.waiting, ticket.ahead) == (1, 0, 0)
        again = door.gate.claim(door.gradio.headers[0], "203.0.113.7")
        assert (again is ticket, again.ahead) == (False, 1)
        ticket.release()
        again.release()
        assert door.admission.running == 0

    asyncio.run(scenario())


def test_nobody_brings_a_place_along(files):
    """A header of that name from outside never reaches Gradio, however it is written, be it of a place that is real."""

    async def scenario() -> None:
        door = Door(files)
        await door.ask(CALL, door.call())
        real = door.gradio.headers[0][HEADER]
        for path, extra in ((CALL, {}), (JOIN, {"fn_index": 3}), (JOIN, {"fn_index": 4})):
            for name in (HEADER, HEADER.upper(), HEADER.title()):
                await door.ask(path, door.call(**extra), {name: real})
                assert [key for key in door.gradio.headers[-1] if key.lower() == HEADER] == [HEADER]
                assert door.gradio.headers[-1][HEADER] != real

    asyncio.run(scenario())


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "guessed"}])
def test_a_job_that_came_another_way_gets_a_place_now(files, headers):
    """By MCP, say; and when there is none, it is told so."""

    async def scenario() -> None:
        door = Door(files, max_waiting_per_person=1)
        ticket = door.gate.claim(headers, "203.0.113.7")
        assert (ticket.is_held, ticket.person) == (True, "203.0.113.7")
        with pytest.raises(ServerBusy):
            door.gate.claim(headers, "203.0.113.7")

    asyncio.run(scenario())


@pytest.mark.parametrize("path", [CALL, V2, JOIN])
def test_a_full_queue_is_told_in_plain_http(files, path):
    """503 with a sentence, its code and when to come again; Gradio hears nothing, and the picture is deleted."""

    async def scenario() -> None:
        door = Door(files, max_waiting_per_person=2)
        for _ in range(2):
            await door.ask(path, door.call_at(path))
        before = left(files.folder)
        answer = await door.ask(path, door.call_at(path))
        told = json.loads(answer.body)
        assert (answer.status, set(told), told["code"]) == (503, {"detail", "code"}, "server-busy")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["cache-control"] == "no-store"
        assert len(door.gradio.asked) == 2
        assert left(files.folder) == before
        assert (await door.ask(path, door.call_at(path), client=("203.0.113.8", 1))).status == 200

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [404, 422, 500, 503])
def test_a_place_comes_back_when_gradio_refuses(files, status):
    """Gradio will not call the job: nobody waits behind it, and its picture does not stay."""

    async def scenario() -> None:
        door = Door(files, status)
        assert (await door.ask(CALL, door.call())).status == status
        assert door.admission.running == 0
        assert left(files.folder) == []

    asyncio.run(scenario())


def test_a_place_comes_back_when_gradio_breaks(files):
    """The fault is passed on, and the place and the picture are not kept."""

    async def scenario() -> None:
        door = Door(files, 0)
        with pytest.raises(RuntimeError, match="broken"):
            await door.ask(CALL, door.call())
        assert door.admission.running == 0
        assert left(files.folder) == []

    asyncio.run(scenario())


def test_a_place_whose_job_does_not_come_is_forgotten(files, monkeypatch):
    """It is given back after a while, and nothing of it stays in memory."""
    monkeypatch.setattr(gates, "UNCLAIMED_S", 0.01)

    async def scenario() -> None:
        door = Door(files)
        await door.ask(CALL, door.call())
        (ticket,) = door.admission._tickets
        lost = weakref.ref(ticket)
        waiting = asyncio.create_task(door.admission.moved(PATIENCE_S))
        await waiting
        assert not ticket.is_held
        del ticket
        await door.ask(CALL, door.call())
        gc.collect()
        assert lost() is None

    asyncio.run(scenario())


def test_a_job_that_comes_late_gets_another_place(files):
    """At the end of the queue: its first one is gone."""

    async def scenario() -> None:
        door = Door(files)
        await door.ask(CALL, door.call())
        (first,) = door.admission._tickets
        first.release()
        await door.ask(CALL, door.call())
        late = door.gate.claim(door.gradio.headers[0], "203.0.113.9")
        assert (late is first, late.ahead, late.person) == (False, 1, "203.0.113.9")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("fn_index", "places"),
    [(3, 1), (5, 1), ("3", 1), (" 5 ", 1), (3.0, 1), ("4", 0), (4, 0), (None, 0), ("x", 0), ([3], 0)],
)
def test_only_jobs_need_a_place(files, fn_index, places):
    """Through Gradio's page other functions come too; they pass without one, however their number is written."""

    async def scenario() -> None:
        door = Door(files)
        call = door.call(fn_index=fn_index)
        call["data"] = call["data"][:3]
        assert (await door.ask(JOIN, call)).status == 200
        assert door.admission.running == places

    asyncio.run(scenario())


def test_a_full_queue_leaves_other_functions_alone(files):
    """Who has all their places can still use the page."""

    async def scenario() -> None:
        door = Door(files, max_waiting_per_person=1)
        await door.ask(JOIN, door.call(fn_index=3))
        assert (await door.ask(JOIN, door.call(fn_index=3))).status == 503
        assert (await door.ask(JOIN, door.call(fn_index=4))).status == 200

    asyncio.run(scenario())


@pytest.mark.parametrize("path", [CALL, V2, JOIN])
def test_gradio_gets_what_it_calls_a_job_with(files, path):
    """The whole list of arguments, a picture with the mark that Gradio looks for, and nothing that is not needed."""

    async def scenario() -> None:
        door = Door(files)
        place = str(files.write("upload", b"a picture"))
        file = {"path": place, "size": "x", "is_stream": [], "orig_name": "a.png"}
        known = {"session_hash": "s", "fn_index": 3, "trigger_id": 1, "event_data": None}
        more = {**known, "batched": True, "simple_format": "x", "event_id": 7}
        body = {"image": file, "quality": 50} if path == V2 else {"data": [file, "swift", "png", 50], **more}
        assert (await door.ask(path, body)).status == 200
        image = {"path": place, "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}
        whole = [image, "swift", "png", 50, *USUAL[3:]]
        (asked,) = door.gradio.asked
        assert (list(asked.values()) if path == V2 else asked) == (
            whole if path == V2 else {"data": whole, **known}
        )

    asyncio.run(scenario())


BAD_ARGUMENTS: list[tuple[str, Any]] = [
    *(
        (path, {"data": data, "fn_index": 3})
        for path in (CALL, JOIN)
        for data in ([], [None], ["a.png"], [[]], [{}])
    ),
    *((path, {"data": ["UPLOAD", *USUAL, None], "fn_index": 3}) for path in (CALL, JOIN)),
    (JOIN, {"data": ["UPLOAD", *USUAL[:3]], "fn_index": "5"}),
    (f"{CALL}_base64/", {"data": ["UPLOAD", *USUAL[:3]]}),
    *((CALL, {"data": ["UPLOAD", other]}) for other in ([], {}, [{"path": "/x", "meta": {}}], {"url": "/x"})),
    (CALL, {}),
    (V2, {}),
    (V2, {"image": "a.png"}),
    (V2, {"image": "UPLOAD", "color": "red"}),
    (V2, {"data": ["UPLOAD"]}),
]


@pytest.mark.parametrize("number", range(len(BAD_ARGUMENTS)))
def test_arguments_that_gradio_would_fail_over_are_refused(files, number):
    """400 with a sentence; nobody waits behind a job that never comes, and its picture does not stay."""

    async def scenario() -> None:
        door = Door(files)
        path, body = BAD_ARGUMENTS[number]
        upload = {"path": str(files.write("upload", b"a picture"))}
        text = json.dumps(body)
        was_named = '"data": ["UPLOAD"]' not in text and "UPLOAD" in text
        answer = await door.ask(path, json.loads(text.replace('"UPLOAD"', json.dumps(upload))))
        told = json.loads(answer.body)
        assert (answer.status, told["code"], told["detail"][-1]) == (400, "input", ".")
        assert (door.gradio.asked, door.admission.running) == ([], 0)
        assert len(left(files.folder)) == (0 if was_named else 1)

    asyncio.run(scenario())


def test_nobody_waits_long_for_a_job_that_does_not_come():
    """Whatever Gradio fails over after all, others go on after seconds."""
    assert gates.UNCLAIMED_S <= 5


WHOLE = json.dumps({"data": ["swift"]}).encode()
BAD = {
    "empty": Body(),
    "no JSON": Body(b"data"),
    "no text": Body(b"\xff\xfe\x00"),
    "no object": Body(b"[1, 2]"),
    "no list": Body(b'{"data": "swift"}'),
    "too long": Body(b'{"data": ["' + b"a" * 300_000 + b'"]}'),
    "too long in pieces": Body(*[b" " * 10_000] * 40),
    "too deep": Body(b"[" * 100_000),
    "too long a number": Body(b'{"data": [' + b"9" * 10_000 + b"]}"),
    "half": Body(WHOLE[:9]),
    "cut off": Body(WHOLE[:9], is_whole=False),
    "cut off before it began": Body(is_whole=False),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_body_that_is_no_call_is_refused(files, kind):
    """400 with a sentence and a code; Gradio hears nothing and no place is taken."""

    async def scenario() -> None:
        door = Door(files)
        answer = await door.ask(CALL, BAD[kind])
        assert (answer.status, json.loads(answer.body)["code"]) == (400, "input")
        assert (door.gradio.asked, door.admission.running) == ([], 0)

    asyncio.run(scenario())


def test_a_body_in_pieces_is_one(files):
    """However it is cut up on its way."""

    async def scenario() -> None:
        door = Door(files)
        whole = door.call()
        text = json.dumps(whole).encode()
        await door.ask(CALL, Body(*(text[start : start + 7] for start in range(0, len(text), 7))))
        assert door.gradio.asked == [whole]

    asyncio.run(scenario())


def test_a_picture_that_is_not_here_takes_no_place(files):
    """It is refused before anything is taken, and what did come with it is deleted."""

    async def scenario() -> None:
        door = Door(files)
        body = door.call()
        body["data"].append({"path": "/etc/passwd"})
        assert (await door.ask(CALL, body)).status == 400
        assert (door.gradio.asked, door.admission.running, left(files.folder)) == ([], 0, [])

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8", False),
        (None, "", True),
        (None, "203.0.113.7", False),
        ("testclient", "testclient", True),
        ("testclient", "other", False),
    ],
)
def test_persons_are_told_apart_by_network(one, other, are_one):
    """By an address of IPv4, also when it is written as one of IPv6, and by the 64 bits of a network of IPv6."""
    assert (person(one) == person(other)) == are_one


def test_persons_do_not_share_places(files):
    """Two addresses of one network are one person in the queue; without an address all are."""

    async def scenario() -> None:
        for first, second in ((("2001:db8::1", 1), ("2001:db8::2", 9)), (None, None)):
            door = Door(files, max_waiting_per_person=1)
            assert (await door.ask(CALL, door.call(), client=first)).status == 200
            assert (await door.ask(CALL, door.call(), client=second)).status == 503

    asyncio.run(scenario())
