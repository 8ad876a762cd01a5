"""What the server's answers mean: values where they make sense, errors with a sentence where they do not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from fourxl import errors, events
from fourxl.errors import FourxlError, ServerBusy, ServerFailed, ServerUnreachable, UploadTooLarge
from fourxl_web.page import error_words, server_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fourxl_web.page.work import Work

T = TypeVar("T")

ASLEEP = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""What stands in front of a server answers this while the server starts."""

_NONSENSE = (ValueError, KeyError, TypeError, AttributeError, IndexError)


class Asleep(Exception):
    """The server does not answer for itself, but may soon."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the server says of itself."""

    runtime: str
    models: frozenset[str]
    max_side_px: int
    max_upload_bytes: int
    seconds_a_pixel: Mapping[str, float] = field(default_factory=dict, hash=False)
    """What a source pixel takes, by the ids of models that are loaded; older servers do not tell."""

    ahead: int = 0
    """Jobs that it has to do now."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What ``complete`` told of a job."""

    path: str
    """Of the result, on the server."""

    runtime: str
    device: str
    done: events.Done


def health(status: int, kind: str, text: str, host: str) -> Health:
    """Return the answer of ``/health``.

    Raises:
        Asleep: it is not the server that answers.
        FourxlError: there is no server of 4XL.
    """
    if status in ASLEEP or (status == HTTPStatus.OK and "html" in kind):
        raise Asleep
    if status == HTTPStatus.NOT_FOUND:
        raise error_words.make(ServerFailed, "no-server", host=host, status=status)
    if status != HTTPStatus.OK:
        raise refusal(status, text, host)
    try:
        told = json.loads(text)
        limits = told["limits"]
        return Health(
            str(told["runtime"]),
            frozenset(map(str, told["models"])),
            int(limits["max_side_px"]),
            int(limits["max_upload_bytes"]),
            {str(name): float(value) for name, value in told.get("seconds_a_pixel", {}).items()},
            int(told.get("running", 0)) + int(told.get("waiting", 0)),
        )
    except _NONSENSE as exc:
        raise error_words.make(ServerFailed, "no-server", host=host) from exc


def refusal(status: int, text: str, host: str, work: Work | None = None) -> FourxlError:
    """Return the error behind any other status than 200; ``work`` is what was being sent."""
    sentence, code = _told(text)
    if sentence and (known := _known(code, sentence)):
        return known
    match status:
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE if work is not None:
            about = "refused-by-server"
            return error_words.make(
                UploadTooLarge, about, host=host, size_bytes=work.size_bytes, status=status
            )
        case HTTPStatus.SERVICE_UNAVAILABLE | HTTPStatus.TOO_MANY_REQUESTS if sentence:
            return error_words.make(ServerBusy, "queue-full", host=host, status=status)
        case HTTPStatus.NOT_FOUND:
            return error_words.make(ServerFailed, "no-server", host=host, status=status)
        case _ if status in ASLEEP:
            return error_words.make(ServerUnreachable, "refused", host=host, status=status)
        case _:
            return error_words.make(ServerFailed, "refused", host=host, status=status)


def path_of_upload(text: str, host: str) -> str:
    """Return where the server put the picture, from the answer of ``/upload``."""

    def read(told: Any) -> str:
        if not isinstance(told, list):
            raise TypeError(told)
        return _text(told[0])

    return _read(text, host, read)


def event_id(text: str, host: str) -> str:
    """Return by what the job is known, from the answer of ``/call``."""
    return _read(text, host, lambda told: _text(told["event_id"]))


def event(data: str) -> events.Event | None:
    """Return what a job tells while it runs; None for what a newer server may tell."""
    try:
        return events.from_wire(json.loads(data)[1])
    except _NONSENSE:
        return None


def finished(data: str, host: str) -> Finished:
    """Return what ``complete`` tells.

    Raises:
        ServerFailed: the job was stopped, or it makes no sense.
    """
    if data == "null":
        raise error_words.make(ServerFailed, "lost-job", host=host)

    def read(told: Any) -> Finished:
        file, report = told
        done = events.from_wire(report["done"])
        if not isinstance(done, events.Done):
            raise TypeError(done)
        return Finished(_text(file["path"]), str(report["runtime"]), str(report["device"]), done)

    return _read(data, host, read)


def failure(data: str, host: str) -> FourxlError:
    """Return what an ``error`` event tells; Gradio's own have no code of ours, and at times no sentence."""
    try:
        told = json.loads(data)
    except ValueError:
        told = None
    if isinstance(told, dict):
        sentence, code = told.get("error"), told.get("title")
    else:
        sentence, code = told, None
    if not isinstance(sentence, str) or not sentence:
        return error_words.make(ServerFailed, "silent", host=host)
    quoted = server_words.quoted(sentence)
    return _known(code, sentence) or error_words.make(ServerFailed, "told", host=host, sentence=quoted)


def _told(text: str) -> tuple[str, str]:
    """Return the sentence and the code of a refusal, as far as it has them."""
    try:
        told = json.loads(text)
        sentence, code = told.get("detail"), told.get("code")
    except _NONSENSE:
        return "", ""
    return (sentence if isinstance(sentence, str) else ""), str(code)


def _known(code: Any, sentence: str) -> FourxlError | None:
    """Return the error of the tree with that code."""
    found = errors.from_wire({"code": str(code), "message": sentence})
    return None if type(found) is FourxlError else found


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(value)
    return value


def _read(text: str, host: str, read: Callable[[Any], T]) -> T:
    try:
        return read(json.loads(text))
    except _NONSENSE as exc:
        raise error_words.make(ServerFailed, "no-server", host=host) from exc
