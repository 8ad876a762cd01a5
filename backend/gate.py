"""The gate before Gradio's queue: who asks for a job gets a place in ours, or a plain 503 at once."""

from __future__ import annotations

import ipaddress
import json
import secrets
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from backend import answers, incoming
from backend.admission import UNCLAIMED_S
from fourxl.errors import FourxlError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from backend.admission import Admission, Ticket
    from backend.files import Files

HEADER = "x-4xl-ticket"
"""By which a request that came through the gate is known again; whoever sends it from outside is not believed."""

_MAX_BODY_BYTES = 256 * 1024
"""Of a request for a job, which names its picture and does not hold it."""

_NETWORK_BITS = 64
"""One person's addresses of IPv6 share so many bits (RFC 6177)."""

_OK = 200

_KEPT = ("session_hash", "fn_index", "trigger_id", "event_data")
"""What Gradio is told of a request for a job besides the arguments."""

_NUMBER = TypeAdapter(int)
"""What Gradio takes for a number, words among it."""


class Gate:
    """Hands out places, and hands them over to the jobs that they are for."""

    def __init__(self, admission: Admission, files: Files, max_upload_bytes: int) -> None:
        """Give out places of ``admission``; what is asked for is about pictures in ``files``."""
        self._admission, self._files, self._max_upload_bytes = admission, files, max_upload_bytes
        self._reserved: dict[str, Ticket] = {}

    def claim(self, headers: Mapping[str, str], address: str | None) -> Ticket:
        """Return the place of a request that has come through; one that came another way gets one now.

        Raises:
            ServerBusy: there is none.
        """
        ticket = self._reserved.pop(headers.get(HEADER, ""), None)
        if ticket is None or not ticket.is_held:
            ticket = self._admission.reserve(person(address))
        ticket.claim()
        return ticket

    async def pass_on(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, jobs: Mapping[int, str]
    ) -> None:
        """Let a request for a job through to ``app`` with a place, or answer that there is none.

        ``jobs`` are the names of Gradio's functions that are jobs, by the numbers that a call through its page names.
        """
        pictures: list[Path] = []
        try:
            content = _parse(await _read(receive))
            is_by_name = "/call/v2/" in scope["path"]
            arguments = content if is_by_name else content.get("data", [])
            await incoming.settle(arguments, self._files, self._max_upload_bytes, pictures)
            function = _function(scope["path"], content, jobs)
            if function is None:
                body = json.dumps(content).encode()
                await app(_with_body(scope, body), _replay(body, receive), send)
                return
            arguments = incoming.complete(function, arguments)
            kept = {name: content[name] for name in _KEPT if name in content}
            body = json.dumps(arguments if is_by_name else {**kept, "data": arguments}).encode()
            ticket = self._admission.reserve(person(_address(scope)))
        except FourxlError as error:
            self._delete(pictures)
            await answers.refusal(error)(scope, receive, send)
            return
        name, is_taken = self._hold(ticket), False

        async def watch(message: Message) -> None:
            nonlocal is_taken
            if message["type"] == "http.response.start":
                is_taken = message["status"] == _OK
            await send(message)

        try:
            await app(_with_body(scope, body, name), _replay(body, receive), watch)
        finally:
            if not is_taken and name in self._reserved:  # Gradio will not call the job
                self._reserved.pop(name).release()
                self._delete(pictures)

    def _hold(self, ticket: Ticket) -> str:
        """Return the name under which a place is kept for its job; those that nobody came for are forgotten."""
        name = secrets.token_urlsafe()
        held = {name: found for name, found in self._reserved.items() if found.is_held}
        self._reserved = {**held, name: ticket}
        ticket.expire_after(UNCLAIMED_S)
        return name

    def _delete(self, pictures: list[Path]) -> None:
        """Delete what nobody will read."""
        for picture in pictures:
            self._files.delete(picture)


def person(address: str | None) -> str:
    """Return by what the queue knows who asks: an address, of IPv6 the network it is in."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:  # how a socket for both tells of IPv4
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))


def _address(scope: Scope) -> str | None:
    client = scope.get("client")
    return client[0] if client else None


def _function(path: str, content: dict[str, Any], jobs: Mapping[int, str]) -> str | None:
    """Return the name of the job that is asked for, if it is one; ``/queue/join`` tells its number in the body."""
    if "/queue/join" not in path:
        return path.rstrip("/").rpartition("/")[2]
    try:
        return jobs.get(_NUMBER.validate_python(content.get("fn_index")))
    except ValidationError:
        return None


def _parse(body: bytes) -> dict[str, Any]:
    """Return what the body of a request holds."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise InputError("The request is no JSON.") from exc
    if not isinstance(content, dict) or not isinstance(content.get("data", []), list):
        raise InputError('The request holds no arguments; it is an object with a list "data".')
    return content


def _with_body(scope: Scope, body: bytes, ticket: str = "") -> Scope:
    """Return ``scope`` for another body, marked with a ticket and with no mark of anybody else's."""
    ours = {b"content-length": str(len(body)).encode(), HEADER.encode(): ticket.encode()}
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in ours]
    return {**scope, "headers": [*headers, *ours.items()]}


async def _read(receive: Receive) -> bytes:
    """Return the body of a request, which names pictures and does not hold them, so is short."""
    parts, size_bytes = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size_bytes += len(parts[-1])
        if message["type"] != "http.request" or size_bytes > _MAX_BODY_BYTES:
            raise InputError("The request is longer than a request for a job can be, or was cut off.")
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives ``body``, and then what the real one gives."""
    left = [body]

    async def again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again
