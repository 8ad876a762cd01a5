"""Published checkpoints in a folder on this computer: downloaded once, resumed when cut off, checked."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.parse
import urllib.request
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scripts.exporting.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fourxl.manifest import Checkpoint

    Tell = Callable[[int, int], None]
    """Is told bytes here, and bytes in all."""

ATTEMPTS = 5
"""How often an answer that ends too soon is taken up again before the person is asked to."""
CHUNK_BYTES = 1 << 18
TIMEOUT_S = 30
RANGE_NOT_SATISFIABLE = 416


def fetch(checkpoint: Checkpoint, cache: Path, tell: Tell) -> Path:
    """Return the published file, from the cache or downloaded into it.

    Raises: ExportError when it cannot be had or other bytes arrive; what arrived of the right file stays,
    and the next call goes on from there.
    """
    path = cache / f"{checkpoint.sha256[:12]}-{PurePosixPath(checkpoint.url).name}"
    if path.is_file() and fault(path, checkpoint) is None:
        return path
    part = path.with_name(f"{path.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(ATTEMPTS):
        start = _size(part)
        _receive(checkpoint, part, tell)
        if _size(part) < checkpoint.size_bytes:
            continue
        wrong = fault(part, checkpoint)
        if wrong is None:
            return part.replace(path)
        part.unlink()
        if start == 0:
            raise _refused(checkpoint, f"answered with another file ({wrong})")
    raise _refused(
        checkpoint,
        f"sent {_size(part):,} of {checkpoint.size_bytes:,} bytes and stopped, {ATTEMPTS} times; "
        "start this again to go on from there",
    )


def fault(path: Path, checkpoint: Checkpoint) -> str | None:
    """Return why the file is not the published one, or None when it is."""
    size_bytes = path.stat().st_size
    if size_bytes != checkpoint.size_bytes:
        return f"{size_bytes:,} bytes instead of {checkpoint.size_bytes:,}"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return None if digest == checkpoint.sha256 else f"sha256 {digest} instead of {checkpoint.sha256}"


def _receive(checkpoint: Checkpoint, part: Path, tell: Tell) -> None:
    """Append to `part` what the server sends of the bytes that are missing, at most one too many."""
    address = urllib.parse.urlsplit(checkpoint.url)
    if address.scheme != "https" and address.hostname not in {"localhost", "127.0.0.1"}:
        raise _refused(checkpoint, "is no https address")
    start = _size(part)
    headers = {"Range": f"bytes={start}-"} if start else {}
    request = urllib.request.Request(checkpoint.url, headers=headers)  # noqa: S310 - the scheme is checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            _refuse_pages(checkpoint, answer.headers.get_content_type())
            resumed = answer.status == http.client.PARTIAL_CONTENT
            with part.open("ab" if resumed else "wb") as file:
                while file.tell() <= checkpoint.size_bytes and (chunk := answer.read1(CHUNK_BYTES)):
                    file.write(chunk)
                    tell(file.tell(), checkpoint.size_bytes)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == RANGE_NOT_SATISFIABLE:
            part.unlink()
            raise _refused(
                checkpoint, f"has a file of {start:,} bytes or fewer there, not this one"
            ) from error
        raise _refused(checkpoint, f"answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise _refused(checkpoint, f"cannot be reached ({error.reason})") from error
    except (OSError, http.client.HTTPException):
        return  # cut off: what has arrived counts, and the caller asks for the rest


def _refuse_pages(checkpoint: Checkpoint, content_type: str) -> None:
    if content_type.startswith("text/"):
        raise _refused(checkpoint, "answered with a web page instead of the file")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _refused(checkpoint: Checkpoint, what: str) -> ExportError:
    return ExportError(
        f"{checkpoint.url} {what}. If you have the published file "
        f"({checkpoint.size_bytes:,} bytes, sha256 {checkpoint.sha256[:12]}…), name it with --checkpoint FILE."
    )
