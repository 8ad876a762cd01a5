"""The page itself, served beside the API: one process is the whole product on one port."""

from __future__ import annotations

import json
import mimetypes
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles

from backend import answers

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = "headers.json"
"""Which headers every answer should have: the build writes it."""

TYPES = {".webmanifest": "application/manifest+json", ".woff2": "font/woff2", ".mjs": "text/javascript"}
"""Content types that not every machine's own table has."""

CONFIG = "/config.json"
BESIDE = {"server": "."}
"""What the page is told: its server is where it came from."""


def site(folder: Path) -> ASGIApp:
    """Return an application that answers with the files of a built site.

    Raises:
        OSError, ValueError: it is no folder that scripts/build_site made.
    """
    headers: dict[str, str] = json.loads((folder / HEADERS).read_text())
    for suffix, kind in TYPES.items():
        mimetypes.add_type(kind, suffix)
    files = StaticFiles(directory=folder, html=True)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_vendored = scope["path"].startswith("/vendor/")

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                told.update(headers)
                is_kept = is_vendored and message["status"] < HTTPStatus.BAD_REQUEST
                told["Cache-Control"] = "public, max-age=31536000, immutable" if is_kept else "no-cache"
            await send(message)

        if scope["path"] == CONFIG:
            await answers.told(BESIDE)(scope, receive, add)
            return
        try:
            await files(scope, receive, add)
        except HTTPException as error:
            await PlainTextResponse(error.detail, error.status_code)(scope, receive, add)

    return answer
