"""Takes uploads in place of Gradio, whose folders are named after what a file holds and can be guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from backend import answers
from backend.gate import person
from fourxl.errors import FourxlError, InputError, UploadTooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from starlette.responses import Response
    from starlette.types import Receive, Scope

    from backend.files import Files

_ENVELOPE_BYTES = 64 * 1024
"""What a form may have around its file."""


async def receive(scope: Scope, stream: Receive, files: Files, max_bytes: int) -> Response:
    """Return the answer to an upload: the path of each file, as Gradio answers, or why it was refused."""
    request = Request(scope, stream)
    try:
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > max_bytes + _ENVELOPE_BYTES:
            raise _too_large(max_bytes)
        form = await _Form(request, max_bytes).parse()
        try:
            contents = [await part.read() for part in form.getlist("files") if not isinstance(part, str)]
        finally:
            await form.close()
        if not contents:
            raise InputError("No file came with the request; send it as the form's field 'files'.")
        if any(len(content) > max_bytes for content in contents):
            raise _too_large(max_bytes)
        owner = person(request.client.host if request.client else None)
        return answers.told(_keep(contents, files, owner))
    except FourxlError as error:
        return answers.refusal(error)
    except (MultiPartException, KeyError, ClientDisconnect):
        return answers.refusal(InputError("The upload was no whole form of the kind multipart/form-data."))


class _Form(MultiPartParser):
    """A form that is read up to a bound, and must be whole."""

    def __init__(self, request: Request, max_bytes: int) -> None:
        """Read the body of ``request``."""
        super().__init__(request.headers, self._body(request, max_bytes), max_files=8, max_fields=8)
        self._has_ended = False

    def on_end(self) -> None:
        """Note that the last boundary has come."""
        self._has_ended = True

    async def _body(self, request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
        """Yield the body, and no more of it than one file and its envelope.

        What is raised here has the parser close the files that it has begun.
        """
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
            if received > max_bytes + _ENVELOPE_BYTES:
                raise _too_large(max_bytes)
            yield chunk
        if not self._has_ended:
            raise MultiPartException("the form ends early")


def _keep(contents: list[bytes], files: Files, owner: str) -> list[str]:
    """Return the paths of new files with these contents; when there is no room for all, none is kept."""
    paths: list[Path] = []
    try:
        for content in contents:
            paths.append(files.write("upload", content, owner))  # noqa: PERF401 - those before a failure have to be known
    except FourxlError:
        for path in paths:
            files.delete(path)
        raise
    return [str(path) for path in paths]


def _too_large(max_bytes: int) -> UploadTooLarge:
    return UploadTooLarge(
        f"The file is larger than {max_bytes / 2**20:g} MB, which is all this server takes. "
        "Make it smaller, or enlarge it on your own device.",
        max_bytes=max_bytes,
    )
