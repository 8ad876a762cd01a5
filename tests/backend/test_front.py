"""What happens to a result on its way out, and to who does not take what is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from backend import front
from backend.front import Front
from backend.listening import Listeners

from .doubles import Body, ask, request

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from backend.files import Files

RESULT = bytes(3 * 2**20)


def before(files: Files, app: Any = None) -> Front:
    """Return a front before ``app`` that deletes at once."""
    nothing = cast("Any", None)
    made = Front(
        app, gate=nothing, listeners=Listeners(), sessions=_Known(), files=files, limits=nothing, jobs=(),
        health=dict, site=None,
    )  # fmt: skip
    made.grace_s = 0.0
    return made


class _Known:
    """Knows every session."""

    def knows(self, _session: str) -> bool:
        return True


def is_left(files: Files, method: str, receive: Any = None) -> bool:
    """Return whether a result is still there after it was asked for so."""

    async def scenario() -> bool:
        path = files.write("result.png", RESULT)
        answer = await ask(before(files), request(f"/gradio_api/file={path}", method), receive)
        assert answer.status == 200
        await asyncio.sleep(0.01)  # the deletion is due at once
        return files.has(path)

    return asyncio.run(scenario())


def test_a_result_that_was_taken_is_deleted(files: Files) -> None:
    """Once, whole, by whoever was still there at its end."""
    assert not is_left(files, "GET")


def test_a_result_that_was_asked_about_stays(files: Files) -> None:
    """HEAD tells of it and takes nothing."""
    assert is_left(files, "HEAD")


def test_a_result_that_was_cut_off_stays(files: Files) -> None:
    """Who hung up in the middle can come again."""
    assert is_left(files, "GET", Body(is_whole=False))


def test_who_takes_nothing_is_not_waited_for(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of events whose reader stands still is ended, and what it was to be told is let go."""
    monkeypatch.setattr(front, "_STALLED_S", 0.01)
    ended = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        try:
            await send({"type": "http.response.body", "body": b"long", "more_body": True})
        finally:
            ended.append(True)

    async def stands_still(_message: Any) -> None:
        await asyncio.Event().wait()

    async def scenario() -> None:
        async with asyncio.timeout(10):
            scope = request("/gradio_api/call/upscale/abc", "GET")
            await before(files, app)(scope, Body(), stands_still)

    asyncio.run(scenario())
    assert ended == [True]


def test_copies_go_when_no_assistant_is_being_served(files: Files) -> None:
    """What MCP leaves beside the uploads goes with the last call under way; uploads and results stay."""
    copy: Path = files.folder / ("0" * 64) / "file.png"
    upload = files.write("upload", b"picture")
    seen: list[bool] = []

    def leave_copy() -> None:
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(b"picture")

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        leave_copy()
        if scope.get("outer"):
            await made({**scope, "outer": False}, Body(), _send)
            seen.append(files.has(copy))

    async def scenario() -> None:
        await made({**request("/gradio_api/mcp/"), "outer": True}, Body(), cast("Any", None))

    made = before(files, app)
    asyncio.run(scenario())
    assert seen == [True]
    assert not copy.parent.exists()
    assert files.has(upload)
