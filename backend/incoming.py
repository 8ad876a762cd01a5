"""Pictures that a call names: settled before Gradio sees them, so that only what was sent here is ever read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import safehttpx

from fourxl.errors import InputError, UploadTooLarge

if TYPE_CHECKING:
    from backend.files import Files

_PATIENCE_S = 10.0
_OK = 200


async def settle(
    arguments: list[Any] | dict[str, Any], files: Files, max_bytes: int, settled: list[Path]
) -> None:
    """Turn every file among ``arguments`` into one that lies in ``files``, in place, and add its path to ``settled``.

    An upload is there already; an http or https address, as assistants name pictures, is fetched now, from public
    hosts only.

    Raises:
        InputError: it names something else, or the address gives no file.
        UploadTooLarge: what the address gives has more than ``max_bytes``.
        ServerError: there is no room for it.
    """
    for file in arguments.values() if isinstance(arguments, dict) else arguments:
        if isinstance(file, dict) and "path" in file:
            place = str(file.get("path"))
            if place.startswith(("http://", "https://")):
                file["path"] = str(files.write("upload", await _fetch(place, max_bytes)))
            elif not files.has(Path(place)):
                raise InputError(
                    "The picture is not on the server: it has to be uploaded first, and is deleted as soon as it "
                    "has been read. Send it again."
                )
            file.pop("url", None)
            settled.append(Path(file["path"]))


async def _fetch(url: str, max_bytes: int) -> bytes:
    """Return what a public address gives, without following it anywhere else."""
    try:
        address = await safehttpx.async_validate_url(httpx.URL(url).host)
        transport = safehttpx.AsyncSecureTransport(address)
        async with (
            httpx.AsyncClient(transport=transport, timeout=_PATIENCE_S) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != _OK:
                raise InputError(
                    f"The picture's address answers {answer.status_code}. Check it, or upload the picture."
                )
            parts, size_bytes = [], 0
            async for chunk in answer.aiter_bytes():
                parts.append(chunk)
                size_bytes += len(chunk)
                if size_bytes > max_bytes:
                    raise UploadTooLarge(
                        f"The file at the picture's address is larger than {max_bytes / 2**20:g} MB, which is all "
                        "this server takes.",
                        max_bytes=max_bytes,
                    )
            return b"".join(parts)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as exc:
        raise InputError("The picture cannot be fetched from its address. Upload it instead.") from exc
