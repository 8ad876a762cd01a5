"""Uploads: the bytes as they were sent, under paths nobody guesses; a refused one leaves nothing."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend import uploads
from backend.files import Files

from .doubles import Answer, Body, ask, left, request

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

MAX_BYTES = 3 * 2**20
LARGE = np.random.default_rng(1).bytes(2 * 2**20)
SMALL = b"\x89PNG\r\n--cut\r\n\r\n\0\xff"
EDGE = b"--the-edge"


def part(content: bytes, name: str = "files", filename: str | None = "Anna's photo.png") -> bytes:
    """Return one part of a form; a field when it has no file name."""
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'Content-Disposition: form-data; name="{name}"{file}\r\nContent-Type: image/png\r\n\r\n'
    return EDGE + b"\r\n" + head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    """Return a whole form."""
    return b"".join(parts) + EDGE + b"--\r\n"


def upload(
    files: Files,
    *pieces: bytes,
    kind: str | None = "multipart/form-data; boundary=the-edge",
    length: int | None = None,
    is_whole: bool = True,
    stream: Body | None = None,
) -> Answer:
    """Return the answer to one upload."""
    headers = {} if kind is None else {"content-type": kind}
    if length is not None:
        headers["content-length"] = str(length)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await uploads.receive(scope, receive, files, MAX_BYTES)
        await answer(scope, receive, send)

    body = stream or Body(*pieces, is_whole=is_whole)
    return asyncio.run(ask(app, request("/gradio_api/upload", headers=headers), body))


def cut(whole: bytes, step: int) -> list[bytes]:
    """Return the pieces of a body."""
    return [whole[start : start + step] for start in range(0, len(whole), step)]


@pytest.fixture(autouse=True, scope="module")
def _closed() -> Iterator[None]:
    """Have files that were left open found, at the latest after the last test: they are told as warnings, so as errors."""
    yield
    gc.collect()


def refused(answer: Answer, files: Files) -> None:
    """Check that an answer is a refusal of what was sent, and that nothing of it stayed."""
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "input")
    assert list(files.folder.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"x", SMALL, LARGE], ids=len)
@pytest.mark.parametrize("step", [7, 1000, 10**9])
def test_the_bytes_arrive_as_they_were_sent(files, content, step):
    """However the body is cut up; the answer is the path of the file, which nothing of the person's names."""
    if len(content) * 1000 > step * 10**8:
        step = 4096
    answer = upload(files, *cut(form(part(content)), step))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    (path,) = json.loads(answer.body)
    assert left(files.folder) == [Path(path)]
    assert "Anna" not in path
    assert "photo" not in path
    assert files.take(Path(path)) == content


def test_several_files_have_a_path_each(files):
    """In the order in which they were sent; fields beside them are no files."""
    contents = [SMALL, b"two", b"three"]
    fields = part(b"x", "upload_id", None), part(b"y", "files", None)
    answer = upload(files, form(fields[0], *map(part, contents), fields[1]))
    assert [files.take(Path(path)) for path in json.loads(answer.body)] == contents


def test_a_file_of_just_the_limit_is_taken(files):
    """One byte more is not, and says how much it may be."""
    assert upload(files, form(part(bytes(MAX_BYTES)))).status == 200
    answer = upload(files, form(part(bytes(MAX_BYTES + 1))))
    told = json.loads(answer.body)
    assert (answer.status, told["code"]) == (413, "upload-too-large")
    assert "larger than 3 MB" in told["detail"]
    assert len(left(files.folder)) == 1


def test_a_body_that_says_it_is_too_long_is_not_read(files):
    """It is refused at once, before any of it has come."""
    stream = Body(b"x" * 100)
    answer = upload(files, length=MAX_BYTES * 2, stream=stream)
    assert (answer.status, stream.asked) == (413, 0)
    assert left(files.folder) == []


def test_a_body_that_is_too_long_is_not_read_to_its_end(files):
    """Whatever it says of its length, or does not: little more than the limit is ever taken in."""
    for length in (None, 10):
        stream = Body(*cut(form(part(bytes(20 * MAX_BYTES))), 2**16))
        assert upload(files, length=length, stream=stream).status == 413
        assert stream.asked * 2**16 < 1.2 * MAX_BYTES
        assert left(files.folder) == []


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "application/json",
        "image/png",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=other",
    ],
)
def test_what_is_no_form_is_refused(files, kind):
    """Another kind of body, or one without its boundary."""
    refused(upload(files, form(part(SMALL)), kind=kind), files)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        form(),
        form(part(SMALL, "picture")),
        form(part(b"x", filename=None)),
        b"garbage" * 100,
        EDGE + b"\r\n\r\nx",
    ],
)
def test_a_form_without_a_file_is_refused(files, body):
    """Whatever else is in it."""
    refused(upload(files, body), files)


TWO = form(part(SMALL), part(b"second"))


@pytest.mark.parametrize("length", range(0, len(TWO) - len("--\r\n"), 7))
def test_a_form_that_ends_early_is_refused(files, length):
    """At whatever byte: a file of it that is whole is not taken for all that was sent."""
    refused(upload(files, TWO[:length]), files)


@pytest.mark.parametrize("length", [0, 10, 200, 2**20, 2 * 2**20])
def test_who_goes_away_leaves_nothing(files, length):
    """A caller who hangs up in the middle leaves no file, neither of ours nor of the form's reader."""
    refused(upload(files, *cut(form(part(LARGE))[:length], 2**16), is_whole=False), files)


def test_a_large_form_that_ends_early_leaves_nothing(files):
    """What was spooled on the disk until then is closed."""
    refused(upload(files, *cut(form(part(LARGE))[:-100], 2**16)), files)


def test_too_many_files_are_refused(files):
    """Eight at once are enough."""
    assert upload(files, form(*[part(b"x")] * 8)).status == 200
    assert upload(files, form(*[part(b"x")] * 9)).status == 400
    assert len(left(files.folder)) == 8


def test_files_that_find_no_room_leave_nothing(files):
    """When one of several does not fit, those before it do not stay: nobody knows their paths."""
    answer = upload(small := Files(files.folder, 10), form(part(b"1234567"), part(b"1234567")))
    assert (answer.status, json.loads(answer.body)["code"]) == (503, "server-busy")
    assert list(small.folder.iterdir()) == []
