"""Pictures that a call names: settled before Gradio sees them, so that only what was sent here is ever read."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import safehttpx

from fourxl.errors import InputError, UploadTooLarge

if TYPE_CHECKING:
    from backend.files import Files

_PATIENCE_S = 10.0
"""For the whole of a file at an address."""

_OK = 200

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
            file.pop("url", None)
            settled.append(Path(file["path"]))


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
