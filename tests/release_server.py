"""A host of published files for the tests, which can be told to fail the way hosts do."""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Host:
    """What the host holds, how it behaves, and what it was asked."""

    address: str = ""
    """Without a slash at its end."""
    files: dict[str, bytes] = field(default_factory=dict)
    """By their names; others are answered with 404."""
    cut_after_bytes: list[int] = field(default_factory=list)
    """So many bytes are sent of the first answer, of the second …; later ones are whole."""
    resumes: bool = True
    """False: ranges are ignored."""
    pages: bool = False
    """True: every address is answered with a web page, as some hosts do for what they do not have."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Names and ranges."""


@contextlib.contextmanager
def running() -> Iterator[Host]:
    """Give a host that answers until the block ends."""
    host = Host()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, host)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        host.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield host
        server.shutdown()


def _answer(request: BaseHTTPRequestHandler, host: Host) -> None:
    name = request.path.rsplit("/", 1)[-1]
    wanted = request.headers.get("Range")
    host.asked.append((name, wanted))
    if host.pages:
        _send(request, HTTPStatus.OK, b"<!doctype html><p>Not here.", kind="text/html")
    elif name not in host.files:
        request.send_error(HTTPStatus.NOT_FOUND)
    else:
        _send_file(request, host, host.files[name], wanted)


def _send_file(request: BaseHTTPRequestHandler, host: Host, content: bytes, wanted: str | None) -> None:
    span = re.fullmatch(r"bytes=(\d+)-", wanted or "") if host.resumes else None
    start = int(span[1]) if span else 0
    if span and start >= len(content):
        request.send_error(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        return
    sent = host.cut_after_bytes.pop(0) if host.cut_after_bytes else len(content)
    status = HTTPStatus.PARTIAL_CONTENT if span else HTTPStatus.OK
    _send(request, status, content[start:], sent_bytes=sent)


def _send(
    request: BaseHTTPRequestHandler,
    status: HTTPStatus,
    body: bytes,
    *,
    kind: str = "application/octet-stream",
    sent_bytes: int | None = None,
) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    with contextlib.suppress(ConnectionError):  # whoever asked may have read enough
        request.wfile.write(body[:sent_bytes])
