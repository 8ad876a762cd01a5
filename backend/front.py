"""What stands before Gradio: which addresses there are, and what is answered without it.

An ASGI middleware, so that Gradio starts and stops it all, on Spaces too. Only what 4XL needs of Gradio is let
through; its ways to other hosts, its recorder and its editor are not.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import FileResponse, PlainTextResponse, Response

from backend import answers, listening, uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from backend.files import Files
    from backend.gate import Gate
    from backend.listening import Listeners
    from backend.sessions import Sessions
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

_STALLED_S = 60.0
"""A caller that takes nothing for so long is not waited for: what it is to be told lies in memory."""

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
        sessions: Sessions,
        files: Files,
        limits: Limits,
        jobs: Mapping[int, str],
        health: Callable[[], Mapping[str, Any]],
        site: ASGIApp | None,
    ) -> None:
        """Stand before ``app``; ``site`` answers what nobody else does, and has the address ``/``."""
        self._app, self._site = app, site
        self._gate, self._listeners, self._sessions = gate, listeners, sessions
        self._files, self._limits = files, limits
        self._assistants = 0
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
        elif path.startswith(_RESULT) and method in ("GET", "HEAD"):
            await self._hand_over(scope, receive, send)
        elif path == f"{API}/upload_progress":
            await Response(_UPLOADED, media_type="text/event-stream")(scope, receive, send)
        elif (session := listening.session_of(scope)) is not None:
            await self._tell(session, scope, receive, send)
        elif path.startswith(f"{API}/mcp") and method == "POST":
            await self._serve_assistant(scope, receive, send)
        elif _GRADIO.fullmatch(path):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, send)

    async def _tell(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a caller read a session's events, as long as it really reads them."""
        if not self._sessions.knows(session):
            await PlainTextResponse("There is no such job (any more).", 404)(scope, receive, send)
            return

        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(_STALLED_S):
                await send(message)

        with self._listeners.listening(session), suppress(TimeoutError):
            await self._app(scope, receive, send_soon)

    async def _serve_assistant(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let MCP answer, and delete the copies of pictures that it leaves beside those that are uploaded."""
        self._assistants += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._assistants -= 1
            if not self._assistants:
                self._files.drop_copies()

    async def _hand_over(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a result, and have it deleted when the whole of it has gone out to somebody who was still there."""
        path = Path(scope["path"].removeprefix(_RESULT))
        if not self._files.has(path):
            await PlainTextResponse("There is no such file (any more).", 404)(scope, receive, send)
            return
        status, is_whole = 0, False
        leaving = asyncio.ensure_future(_until_gone(receive))

        async def watch(message: Message) -> None:
            nonlocal status, is_whole
            status = message.get("status", status)
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                is_whole = not leaving.done()  # looked at now: after its end a request counts as left too

        try:
            await _Result(path, headers=_RESULT_HEADERS)(scope, receive, watch)
        finally:
            leaving.cancel()
        if is_whole and status == _OK and scope["method"] == "GET":
            asyncio.get_running_loop().call_later(self.grace_s, self._files.delete, path)


async def _until_gone(receive: Receive) -> None:
    """Return when the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        """The rest of a request that has no body."""


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
