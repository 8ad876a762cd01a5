"""A server behind nginx that tells how it is asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler


class Server(BaseHTTPRequestHandler):
    """Tells what it is asked; stands where the server will."""

    protocol_version = "HTTP/1.1"
    go_on = threading.Event()
    """Lets the second event of a stream go."""
    left = threading.Event()
    """Somebody who read a stream has gone."""

    def do_GET(self) -> None:
        """Answer with the request, with a stream, or as a server that is busy."""
        if self.path.endswith("/stream"):
            self._stream()
        elif self.path.endswith("/busy"):
            self._send(503, {"detail": "Too many wait.", "code": "server-busy"})
        else:
            self._send(200, {"path": self.path, "headers": {**self.headers}})

    def do_POST(self) -> None:
        """Answer with the number of bytes that came."""
        length = int(self.headers["Content-Length"])
        self._send(200, {"received": len(self.rfile.read(length)), "path": self.path})

    def _send(self, status: int, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src *")
        self.send_header("Cache-Control", "max-age=7")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"event: generating\n\n")
        self.go_on.wait(10)
        try:
            while "leaving" in self.path:
                self.wfile.write(b"event: heartbeat\n\n")
        except ConnectionError:
            self.left.set()
            return
        self.wfile.write(b"event: complete\n\n")

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""
