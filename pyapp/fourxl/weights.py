"""The bytes of a model: wherever they come from, only the published ones get through."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Protocol

from fourxl.errors import WeightsMismatch, WeightsUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from fourxl.manifest import ModelFile


_BEGINNING = 64
_PAGE = (b"<!doctype html", b"<html")
"""What hosts answer for a file that they do not have, and networks that want a person to sign in."""


class WeightsSource(Protocol):
    """Where model files are read from."""

    async def read(self, file: ModelFile, *, fresh: bool) -> bytes:
        """Return the bytes of ``file``, past every cache when ``fresh``.

        Raises:
            WeightsUnavailable: there is no such file, or no way to it.
        """


class FolderSource:
    """Model files in a folder beside their manifest."""

    def __init__(self, folder: Path) -> None:
        """Read below ``folder``."""
        self._folder = folder

    async def read(self, file: ModelFile, *, fresh: bool) -> bytes:
        """Return the file's bytes; a folder has no cache, so ``fresh`` changes nothing."""
        del fresh
        path = self._folder / file.path
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as exc:
            raise WeightsUnavailable(
                f"The model file {path} cannot be read ({exc.strerror}).",
                about="unreadable-model-file",
                path=str(path),
                reason=exc.strerror,
                file=file.path,
            ) from exc


async def load(file: ModelFile, source: WeightsSource) -> bytes:
    """Return the published bytes of ``file``; a wrong copy is fetched once more, past the caches.

    Raises:
        WeightsUnavailable: as the source says.
        WeightsMismatch: the fresh copy is wrong too.
    """
    wrong = None
    for fresh in (False, True):
        data = await source.read(file, fresh=fresh)
        wrong = fault(data, file)
        if wrong is None:
            return data
    raise WeightsMismatch(
        f"The model file {file.path} is not the published one ({wrong}), also after fetching it again, "
        "and was not used. Whoever provides the models should put the right file there.",
        about="not-the-published-file",
        reason=wrong,
        file=file.path,
    )


def fault(data: bytes, file: ModelFile) -> str | None:
    """Return what is wrong with ``data``, or None when it is the published file, byte for byte."""
    if data[:_BEGINNING].lstrip().lower().startswith(_PAGE):
        return "a web page"
    if len(data) > file.size_bytes:
        return f"more than {file.size_bytes} bytes"
    if len(data) < file.size_bytes:
        return f"{len(data)} bytes instead of {file.size_bytes}"
    digest = hashlib.sha256(data).hexdigest()
    return None if digest == file.sha256 else f"sha256 {digest[:12]}… instead of {file.sha256[:12]}…"
