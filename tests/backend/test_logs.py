"""The log of a server: classes and places of errors, nothing that a caller has sent."""

from __future__ import annotations

from typing import Any

from backend import logs
from tests.backend.servers import Server, running, until

WORD = "SECRETNAME"
"""Part of everything that these calls hold."""

NUMBER = 73517351


def bogus(upload: str) -> list[tuple[str, Any]]:
    """Return calls that something fails over, each with its address."""
    file, there = {"path": upload, "orig_name": WORD}, {"path": f"/somewhere/{WORD}"}
    typed = {**there, "meta": {"_type": "gradio.FileData"}}
    lists: list[Any] = [
        [file], [there], [WORD], [file, WORD], [file, [typed]], [file, *[WORD] * 20], [file, NUMBER], {WORD: 1}
    ]  # fmt: skip
    calls = [
        (path, {"data": data, "session_hash": WORD, "fn_index": number, "event_data": WORD})
        for data in lists
        for path, numbers in (
            ("call/upscale", [0]),
            ("call/models", [0]),
            ("queue/join", [*range(6), WORD, None]),
        )
        for number in numbers
    ]
    named = [{WORD: 1}, {"image": file, WORD: 1}, {"image": WORD}, {"image": file, "quality": WORD}]
    doors = ("call/v2/upscale", "call/v2/models", f"call/{WORD}", "call/models")
    return [*calls, *((door, body) for door in doors for body in named)]


def heard(server: Server) -> str:
    """Return the log after all those calls, every job among them listened to."""
    for number in range(len(bogus(""))):
        client = server.client(f"203.0.113.{number}")  # one person may not leave so many uploads
        path, body = bogus(client.upload(b"no picture").json()[0])[number]
        answer = client.http.post(path, json=body)
        job = answer.json().get("event_id") if answer.status_code == 200 else None
        if job and path.startswith("call/"):
            with client.listening(job) as events:
                list(events)
    until(lambda: client.health()["running"] + client.health()["waiting"] == 0)
    return server.log.read_text()


def test_nothing_of_a_call_is_logged() -> None:
    """Whatever a call holds, and wherever Gradio fails over it: the log has classes and places alone."""
    with running(FOURXL_MAX_WAITING_PER_PERSON="32") as server:
        log = heard(server)
    assert " in gradio." in log, "nothing failed"
    for told in (WORD, str(NUMBER), "Traceback", "no picture", "somewhere"):
        assert told not in log


def test_an_error_is_told_by_its_class_and_place() -> None:
    """The innermost place of ours or Gradio's, and no word of its message."""
    try:
        logs.describe(None)  # type: ignore[arg-type]
    except AttributeError as error:
        name, _, place = logs.describe(error).partition(" in ")
    assert name == "AttributeError"
    module, _, line = place.partition(":")
    assert module == "backend.logs"
    assert line.isdecimal()
