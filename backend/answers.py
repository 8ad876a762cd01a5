"""Short answers over plain HTTP: JSON, and errors as a sentence and a code."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from fourxl.errors import ServerBusy, UploadTooLarge

if TYPE_CHECKING:
    from fourxl.errors import FourxlError

_STATUS = {
    ServerBusy.code: HTTPStatus.SERVICE_UNAVAILABLE,
    UploadTooLarge.code: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "server-failed": HTTPStatus.INSUFFICIENT_STORAGE,
}


def told(content: dict[str, Any] | list[str]) -> JSONResponse:
    """Return ``content`` as an answer that no cache keeps."""
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def refusal(error: FourxlError) -> JSONResponse:
    """Return the error's sentence as ``detail``, where FastAPI's callers look for it, and its code."""
    status = _STATUS.get(error.code, HTTPStatus.BAD_REQUEST)
    headers = {"Cache-Control": "no-store"}
    if error.code == ServerBusy.code:
        headers["Retry-After"] = "30"
    return JSONResponse({"detail": error.message, "code": error.code}, status, headers)
