"""What stands before Gradio: which addresses there are, and what is answered without it.

An ASGI middleware, so that Gradio starts and stops it all, on Spaces too. Only what 4XL needs of Gradio is let
through; its ways to other hosts, its recorder and its editor are not.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import FileResponse, PlainTextResponse, Response

from backend import answers, listening, uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from typing import Any

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from backend.files import Files
    from backend.gate import Gate
    from backend.listening import Listeners
    from backend.settings import Limits

API = "/gradio_api"
ALIAS = "/api"
"""The seed's address of the API."""

PAGE = "/gradio"
"""Where Gradio's own page is when the site has the front door."""

_GRADIO = re.compile(
    r"/|/config/?|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json|/pwa_icon.*|/(assets|static|svelte)/.+"
    r"|/gradio_api/(info|openapi\.json|startup-events|theme\.css|user|login_check|token|app_id|reset|cancel)/?"
    r"|/gradio_api/(heartbeat|call|queue|mcp).*"
)
"""What of Gradio there is, besides what is answered here."""

_JOBS = re.compile(r"/gradio_api/(call/(v2/)?upscale(_base64)?/?|queue/join/?)")
_RESULT = f"{API}/file="

_RESULT_HEADERS = {
    "Content-Encoding": "identity",  # pictures are packed already: Gradio shall not pack them again
    "Content-Disposition": "attachment",  # whoever asks knows the name; the file has none
    "Cache-Control": "no-store",
}

_UPLOADED = 'data: {"msg": "done"}\n\n'
"""What Gradio's page is told that asks how far its upload is; the answer to the upload tells it anyway."""

_OK = 200

GRADIO_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' blob: data:; font-src 'self' data:; object-src 'none'; base-uri 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Of every answer that is not the site's. Gradio's page runs scripts that are written into it; they may talk to
this server only."""


class Front:
    """Answers what it can, and passes on what is Gradio's."""

    grace_s = 10.0
    """From the end of a result's way out to its end here: gradio_client fetches a generator's last file twice."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        gate: Gate,
        listeners: Listeners,
        files: Files,
        limits: Limits,
        jobs: Container[int],
        health: Callable[[], Mapping[str, Any]],
        site: ASGIApp | None,
    ) -> None:
        """Stand before ``app``; ``site`` answers what nobody else does, and has the address ``/``."""
        self._app, self._site = app, site
        self._gate, self._listeners, self._files, self._limits = gate, listeners, files, limits
        self._jobs, self._health = jobs, health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is no request passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(f"{ALIAS}/"):
            path = API + path.removeprefix(ALIAS)
        elif self._site is not None and path.rstrip("/") == PAGE:
            path = "/"
        elif self._site is not None and not _is_gradio(path):
            await self._site(scope, receive, send)
            return
        scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._gradio(scope, receive, _adding(GRADIO_HEADERS, send))

    async def _gradio(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path == f"{API}/health" and method in ("GET", "HEAD"):
            await answers.told(dict(self._health()))(scope, receive, send)
        elif path == f"{API}/upload" and method == "POST":
            answer = await uploads.receive(scope, receive, self._files, self._limits.max_upload_bytes)
            await answer(scope, receive, send)
        elif _JOBS.fullmatch(path) and method == "POST":
            await self._gate.pass_on(self._app, scope, receive, send, self._jobs)
        elif path.startswith(_RESULT) and method == "GET":
            await self._hand_over(scope, receive, send)
        elif path == f"{API}/upload_progress":
            await Response(_UPLOADED, media_type="text/event-stream")(scope, receive, send)
        elif (session := listening.session_of(scope)) is not None:
            with self._listeners.listening(session):
                await self._app(scope, receive, send)
        elif _GRADIO.fullmatch(path):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, send)

    async def _hand_over(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a result, and have it deleted when the whole of it has gone out."""
        path = Path(scope["path"].removeprefix(_RESULT))
        if not self._files.has(path):
            await PlainTextResponse("There is no such file (any more).", 404)(scope, receive, send)
            return
        status, is_whole = 0, False

        async def watch(message: Message) -> None:
            nonlocal status, is_whole
            status = message.get("status", status)
            await send(message)
            is_whole = message["type"] == "http.response.body" and not message.get("more_body")

        await _Result(path, headers=_RESULT_HEADERS)(scope, receive, watch)
        if status == _OK and is_whole:
            asyncio.get_running_loop().call_later(self.grace_s, self._files.delete, path)


class _Result(FileResponse):
    """A file in large pieces: each costs a change of threads."""

    chunk_size = 2**20


def _is_gradio(path: str) -> bool:
    return path.startswith(f"{API}/") or (path != "/" and _GRADIO.fullmatch(path) is not None)


def _adding(headers: Mapping[str, str], send: Send) -> Send:
    """Return a ``send`` that adds ``headers`` to the answer."""

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return add
