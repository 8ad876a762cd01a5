"""Requests and answers: an error's answer is an answer too, and only no answer at all is a failure."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any

from .checking import Failed

TIMEOUT_S = 90.0


@dataclass(frozen=True)
class Answer:
    """What a host answered."""

    url: str
    status: int
    headers: Message
    body: bytes

    @property
    def kind(self) -> str:
        """Content type without its parameters."""
        return self.headers.get_content_type() if "Content-Type" in self.headers else "no type"

    def json(self) -> Any:
        """Content, which should be JSON.

        Raises:
            Failed: it is not.

        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failed(f"{self.url} answers with {self.kind} where JSON should be") from None


def get(url: str, **headers: str) -> Answer:
    """Answer to a GET; underscores in a header's name stand for hyphens.

    Raises:
        Failed: there was no answer.

    """
    return _ask(url, None, headers)


def get_ok(url: str) -> Answer:
    """Answer to a GET that should succeed.

    Raises:
        Failed: it did not.

    """
    return _ok(get(url))


def post_json(url: str, content: object) -> Answer:
    """Answer to a POST of JSON.

    Raises:
        Failed: there was no answer.

    """
    return _ask(url, json.dumps(content).encode(), {"Content_Type": "application/json"})


def upload(url: str, name: str, content: bytes) -> Answer:
    """Answer to a form with one file, which should succeed.

    Raises:
        Failed: it did not.

    """
    mark = uuid.uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    return _ok(_ask(url, body, {"Content_Type": f"multipart/form-data; boundary={mark}"}))


def events(url: str) -> Iterator[tuple[str, Any]]:
    """Events of a stream, each by its name and what it tells.

    Raises:
        Failed: it is no stream of events, or it broke off.

    """
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as stream:  # noqa: S310 - the scheme was checked at the start
            if stream.headers.get_content_type() != "text/event-stream":
                raise Failed(f"{url} answers with {stream.headers.get_content_type()} where events should be")
            name = ""
            for line in stream:
                word, _, told = line.decode().strip().partition(": ")
                if word == "event":
                    name = told
                elif word == "data":
                    yield name, json.loads(told)
    except (OSError, HTTPException, ValueError) as error:
        raise Failed(f"{url}: {error}") from error


def _ok(answer: Answer) -> Answer:
    if answer.status != 200:
        raise Failed(f"{answer.url} answers {answer.status}")
    return answer


def _ask(url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, headers=names)  # noqa: S310 - the scheme was checked at the start
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return Answer(url, answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(url, error.code, error.headers, error.read())
    except (OSError, HTTPException) as error:
        raise Failed(f"{url} does not answer: {getattr(error, 'reason', error)}") from error
