"""The site with a server of 4XL beside it that enlarges nothing, and breaks in whatever way a test asks for."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from fourxl import events
from scripts.building.policy import security_headers
from scripts.serving import SiteHandler
from tests import pictures

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 60

RESULT = pictures.encoded(pictures.scene(96, 64))
PATH = "/tmp/4xl/a b#%?/result.png"  # noqa: S108 - a server's, with all that an address cannot hold as it is
DONE = events.Done(96, 64, len(RESULT), 1.5, 1.2, 4, (), "4x")
REPORT = {
    "model": "swift",
    "runtime": "openvino",
    "device": "CPU",
    "reason": "So.",
    "done": events.to_wire(DONE),
}
HEALTH = {
    "status": "ok", "runtime": "openvino", "device": "CPU", "models": ["swift"],
    "limits": {"max_side_px": 1024, "max_upload_bytes": 100_000},
}  # fmt: skip


@dataclass
class Reply:
    """One answer."""

    status: int = 200
    kind: str = "application/json"
    body: bytes = b""
    breaks: bool = False
    """Whether more was announced than comes before the connection is closed."""

    go_on: threading.Event | None = None
    """What is waited for before the connection is closed, or before anything comes when there is no body."""


def told(content: Any, status: int = 200) -> Reply:
    """Return an answer of JSON."""
    return Reply(status, body=json.dumps(content).encode())


def stream(*parts: tuple[str, Any], **how: Any) -> Reply:
    """Return a stream of events, each a name and its data; an ``Event`` of a job is one that generates."""
    lines = [f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in parts]
    return Reply(kind="text/event-stream", body="".join(lines).encode(), **how)


def generating(event: events.Event) -> tuple[str, Any]:
    """Return what a running job tells."""
    return "generating", [None, events.to_wire(event)]


COMPLETE = ("complete", [{"path": PATH, "url": "http://elsewhere/x"}, REPORT])
WEB_PAGE = Reply(kind="text/html", body=b"<!doctype html><title>Building</title>")
CUT = Reply(breaks=True)
WELL = {
    "health": told(HEALTH),
    "upload": told(["/tmp/4xl/upload"]),  # noqa: S108
    "call": told({"event_id": "e1"}),
    "stream": stream(
        generating(events.Waiting(2)), generating(events.Placed("openvino", "CPU", "So.")), ("heartbeat", None),
        generating(events.Stage("enlarging")), generating(events.Progress(1, 4, 0.25, 9.0)), COMPLETE,
    ),
    "file": Reply(kind="image/png", body=RESULT),
}  # fmt: skip


@dataclass
class Behaviour:
    """How the server answers, and what it was asked."""

    next: dict[str, list[Reply]] = field(default_factory=dict)
    """Replies by what is asked for; ``WELL`` once there are no more."""

    asked: list[str] = field(default_factory=list)
    """``health``, ``upload``, ``call``, ``stream`` and ``file``, in the order in which they came."""

    targets: list[str] = field(default_factory=list)
    """Paths that were asked for."""

    bodies: list[bytes] = field(default_factory=list)
    """All that was sent."""

    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_until_asked(self, name: str) -> None:
        """Return when somebody has asked for ``name``."""
        with self.changed:
            assert self.changed.wait_for(lambda: name in self.asked, PATIENCE_S), self.asked


class StandInServer(ThreadingHTTPServer):
    """Serves ``site``, isolated, and the server at the same origin."""

    daemon_threads = True

    def __init__(self, site: Path) -> None:
        """Take a free port."""
        self.now = Behaviour()
        handler = partial(_Handler, root=site.resolve(), headers=security_headers(), quiet=True)
        super().__init__(("localhost", 0), handler)

    def behave(self, **replies: Reply | list[Reply]) -> Behaviour:
        """Answer so from now on, and forget what was asked."""
        self.now = Behaviour(
            {name: found if isinstance(found, list) else [found] for name, found in replies.items()}
        )
        return self.now


class _Handler(SiteHandler):
    server: StandInServer

    def do_GET(self) -> None:  # noqa: N802 - as the base class wants it
        if self.path == "/config.json":
            return self._send(told({"server": "."}))
        if not self.path.startswith("/gradio_api/"):
            return super().do_GET()
        name = self.path.removeprefix("/gradio_api/")
        return self._serve(name if name == "health" else "file" if name.startswith("file=") else "stream")

    def do_POST(self) -> None:  # noqa: N802 - as the base class wants it
        self.server.now.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._serve("upload" if self.path.endswith("/upload") else "call")

    def _serve(self, name: str) -> None:
        now = self.server.now
        with now.changed:
            now.asked.append(name)
            now.targets.append(self.path)
            now.changed.notify_all()
        replies = now.next.get(name)
        self._send(replies.pop(0) if replies else WELL[name])

    def _send(self, reply: Reply) -> None:
        if reply.go_on and not reply.body:
            reply.go_on.wait(PATIENCE_S)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        if reply.breaks:
            self.send_header("Content-Length", str(len(reply.body) + 9))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()
        if reply.go_on and reply.body:
            reply.go_on.wait(PATIENCE_S)
        self.close_connection = True
