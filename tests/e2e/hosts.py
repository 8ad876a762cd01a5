"""Static hosts that tests can watch, hold up, change and stop."""

from __future__ import annotations

import os
import shutil
import threading
from functools import partial
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from scripts.serving import SiteHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PATIENCE_S = 60


class Host:
    """Serves a folder; a context manager."""

    def __init__(self, root: Path, headers: Mapping[str, str] | None = None) -> None:
        """Serve ``root`` with further ``headers``; without any, as a plain host."""
        self.root = root.resolve()
        self.asked: list[str] = []
        """Paths in the order in which they were asked for; ``POST PATH`` where something was sent."""

        self._held: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

        class Handler(SiteHandler):
            def do_GET(handler) -> None:  # noqa: N802, N805 - self is the host
                handler._root = self.root
                self._note(handler.path)
                super().do_GET()

            def do_POST(handler) -> None:  # noqa: N802, N805 - as a static host answers what is sent to it
                self._note(f"POST {handler.path}")
                handler.close_connection = True
                handler.send_error(HTTPStatus.METHOD_NOT_ALLOWED)

        handler = partial(Handler, root=self.root, headers=headers or {}, quiet=True)
        self._server = ThreadingHTTPServer(("localhost", 0), handler)
        self.url = f"http://localhost:{self._server.server_port}/"

    def _note(self, path: str) -> None:
        with self._lock:
            self.asked.append(path)
            held = self._held.get(path)
        if held:
            held.wait(PATIENCE_S)

    def hold(self, path: str) -> Callable[[], None]:
        """Let requests for ``path`` wait from now on, until what this returns is called."""
        event = threading.Event()
        with self._lock:
            self._held[path] = event

        def release() -> None:
            with self._lock:
                self._held.pop(path, None)
            event.set()

        return release

    def __enter__(self) -> Self:
        """Start serving."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, so that nobody answers any more."""
        self._server.shutdown()
        self._server.server_close()


def altered(site: Path, copy: Path, changes: Mapping[str, str | None]) -> Path:
    """Return a copy of a built site with other texts in some files; with None the file is missing."""
    shutil.copytree(site, copy, copy_function=os.link)
    for name, text in changes.items():
        (copy / name).unlink()
        if text is not None:
            (copy / name).write_text(text)
    return copy
