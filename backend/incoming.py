"""What a call names and asks: settled before Gradio sees it, so that only what was sent here is ever read.

Gradio fails before it calls a job whose arguments are not as it likes them; whoever waits then would wait for nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import safehttpx

from fourxl.errors import InputError, UploadTooLarge
from fourxl.settings import JobSettings

if TYPE_CHECKING:
    from backend.files import Files

_PATIENCE_S = 10.0
"""For the whole of a file at an address."""

_OK = 200

_NAME_CHARACTERS = 255
"""Of a file's name, which is no longer on any system."""

_USUAL = JobSettings()

_OPTIONS = {
    "model_name": _USUAL.model_id,
    "output_format": _USUAL.format,
    "quality": _USUAL.quality,
    "depth": _USUAL.depth,
    "keep_exif": _USUAL.keep_exif,
    "keep_location": _USUAL.keep_location,
    "scale": _USUAL.scale,
    "width": _USUAL.width,
    "strength": _USUAL.strength,
    "denoise": _USUAL.denoise,
    "tile_px": _USUAL.tile_px,
}
"""The arguments of /upscale after the picture, in their order, as they are when a caller does not say."""

JOBS = {"upscale": 11, "upscale_base64": 2}
"""The functions that are jobs, and how many of these arguments each takes."""

_PLAIN = {"Accept-Encoding": "identity"}
"""Pictures are packed already; and a few bytes may unpack to more than this machine has."""

_UNICAST = ipaddress.ip_network("2000::/3")
"""Where public addresses of IPv6 are (RFC 4291); those that stand for one of IPv4 are elsewhere, or tunnels."""

_TUNNELS = ipaddress.ip_network("2002::/16")
"""6to4 (RFC 3056)."""


async def settle(
    arguments: list[Any] | dict[str, Any], files: Files, max_bytes: int, settled: list[Path]
) -> None:
    """Turn every file among ``arguments`` into one that lies in ``files``, in place, and add its path to ``settled``.

    An upload is there already; an http or https address, as assistants name pictures, is fetched now, from public
    hosts only.

    Raises:
        InputError: it names something else or more than one, or the address gives no file.
        UploadTooLarge: what the address gives has more than ``max_bytes``.
        ServerError: there is no room for it.
    """
    for file in arguments.values() if isinstance(arguments, dict) else arguments:
        if isinstance(file, dict) and "path" in file:
            if settled:
                raise InputError("A call has one picture, and this one names more. Send one at a time.")
            place = str(file.get("path"))
            if place.startswith(("http://", "https://")):
                file["path"] = str(files.write("upload", await _fetch(place, max_bytes)))
            elif not files.has(Path(place)):
                raise InputError(
                    "The picture is not on the server: it has to be uploaded first, and is deleted as soon as it "
                    "has been read. Send it again."
                )
            settled.append(Path(file["path"]))
            _describe(file)


def complete(function: str, arguments: list[Any] | dict[str, Any]) -> list[Any] | dict[str, Any]:
    """Return all arguments of a job, by place or by name as they came, with the usual ones where some are left out.

    Their files have been settled. What the others may be is checked where the job reads them.

    Raises:
        InputError: there is no picture, or something that is no argument.
    """
    usual = {"image": None, **dict(list(_OPTIONS.items())[: JOBS[function]])}
    names = ", ".join(usual)
    if isinstance(arguments, dict):
        if not arguments.keys() <= usual.keys():
            raise InputError(f"The request has an argument that is not known. There are: {names}.")
        given = arguments
    else:
        if len(arguments) > len(usual):
            raise InputError(f"The request has more than {len(usual)} arguments. There are: {names}.")
        given = dict(zip(usual, arguments, strict=False))
    asked = {**usual, **given}
    image = asked["image"]
    if not isinstance(image, dict) or "path" not in image:
        raise InputError("There is no picture in the request. Choose one.")
    if any(isinstance(value, (dict, list)) for name, value in asked.items() if name != "image"):
        raise InputError("Every argument after the picture is a word, a number, true, false or null.")
    return asked if isinstance(arguments, dict) else list(asked.values())


def _describe(file: dict[str, Any]) -> None:
    """Leave of a file's description what Gradio needs, and the name when it is one."""
    path, name = file["path"], file.get("orig_name")
    file.clear()
    file["path"] = path
    if isinstance(name, str):
        file["orig_name"] = name[:_NAME_CHARACTERS].encode(errors="replace").decode()
    file["meta"] = {"_type": "gradio.FileData"}


async def _fetch(url: str, max_bytes: int) -> bytes:
    """Return what a public address gives, without following it anywhere else and without unpacking it."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            address = await _public_address(httpx.URL(url).host)
            return await _read(url, safehttpx.AsyncSecureTransport(address), max_bytes)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as exc:
        raise InputError("The picture cannot be fetched from its address. Upload it instead.") from exc


async def _read(url: str, transport: httpx.AsyncBaseTransport, max_bytes: int) -> bytes:
    async with (
        httpx.AsyncClient(transport=transport, timeout=_PATIENCE_S, headers=_PLAIN) as client,
        client.stream("GET", url) as answer,
    ):
        if answer.status_code != _OK:
            raise InputError(
                f"The picture's address answers {answer.status_code}. Check it, or upload the picture."
            )
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise InputError("The picture's address gives it packed once more. Upload the picture instead.")
        parts, size_bytes = [], 0
        async for chunk in answer.aiter_raw():
            parts.append(chunk)
            size_bytes += len(chunk)
            if size_bytes > max_bytes:
                raise UploadTooLarge(
                    f"The file at the picture's address is larger than {max_bytes / 2**20:g} MB, which is all "
                    "this server takes.",
                    max_bytes=max_bytes,
                )
        return b"".join(parts)


async def _public_address(host: str) -> str:
    """Return an address of ``host`` that is no part of this machine's own networks, by its own knowledge of names.

    Raises:
        OSError, ValueError: there is none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    for *_, place in found:
        if _is_public(ipaddress.ip_address(place[0])):
            return str(place[0])
    raise ValueError("no public address")


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (address not in _UNICAST or address in _TUNNELS):
        return False
    return address.is_global and not address.is_multicast
