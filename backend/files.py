"""What must lie on the disk for a moment: uploads until they are read, results until they are fetched.

Each file has a folder of its own with a random name, so nobody finds another's. No name of a person's file is
written to the disk. What nobody came for is swept away within the hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import shutil
import time
from typing import TYPE_CHECKING

from fourxl.errors import InputError, ServerBusy, ServerFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_AGE_S = 3000.0
"""After so long a file goes, whatever it is."""

MAX_OWNED = 16
"""Uploads that one person may have here, waiting for a job."""

_COPY = re.compile("[0-9a-f]{64}")
"""How Gradio calls the folders of its own files."""

SWEEP_EVERY_S = 300.0
"""Together with ``MAX_AGE_S`` less than an hour."""


class Files:
    """The folder of uploads and results; Gradio's own temporary files lie there too."""

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        """Use ``folder``, which exists and is nobody else's, for so much together."""
        self.folder, self._budget_bytes = folder.resolve(), budget_bytes
        self._sizes: dict[Path, int] = {}
        """Of the files that were written here and not deleted."""

        self._owners: dict[Path, str] = {}
        """Whose uploads they are."""

    def write(self, name: str, data: bytes, owner: str | None = None) -> Path:
        """Return the path of a new file that holds ``data``; an ``owner`` may have a few of them.

        Raises:
            ServerBusy: the files that wait leave no room for it, or those of the owner are many.
            ServerFailed: the disk takes no more; nothing is left there.
        """
        if self.used_bytes + len(data) > self._budget_bytes:
            raise ServerBusy(
                "The server's disk is full of pictures that wait to be fetched. Try again in a few minutes."
            )
        if owner is not None and list(self._owners.values()).count(owner) >= MAX_OWNED:
            raise ServerBusy(
                f"You have {MAX_OWNED} pictures at the server that no job has asked for. Try again in a few minutes."
            )
        path = self._new(name)
        self._sizes[path] = len(data)
        if owner is not None:
            self._owners[path] = owner
        try:
            with _telling_of_the_disk():
                path.write_bytes(data)
        except ServerFailed:
            self.delete(path)
            raise
        return path

    def _new(self, name: str) -> Path:
        """Return a path called ``name`` in a fresh folder, which only this process may read."""
        with _telling_of_the_disk():
            folder = self.folder / secrets.token_urlsafe(24)
            folder.mkdir(mode=0o700)
        return folder / name

    @property
    def used_bytes(self) -> int:
        """What all files that were written here take together."""
        return sum(self._sizes.values())

    def has(self, path: Path) -> bool:
        """Return whether ``path`` is a file of this folder."""
        try:
            found = path.resolve()
            return found.is_relative_to(self.folder) and found.is_file()
        except (OSError, ValueError):  # no file can have that name
            return False

    def take(self, path: Path) -> bytes:
        """Return what ``path`` holds, and delete it.

        Raises:
            InputError: it is no file of this folder, or has been deleted.
        """
        if self.has(path):
            try:
                with contextlib.suppress(FileNotFoundError):  # swept away just now
                    return path.read_bytes()
            finally:
                self.delete(path)
        raise InputError(
            "The upload is not on the server any more: it is deleted as soon as it has been read. "
            "Send the picture again."
        )

    def delete(self, path: Path) -> None:
        """Delete a file and its folder; what is not there, or not ours, is left alone."""
        with contextlib.suppress(OSError, ValueError):  # no file, or others are in its folder
            found = path.resolve()
            if found.is_relative_to(self.folder) and found != self.folder:
                self._forget(found)
                found.unlink(missing_ok=True)
                if found.parent != self.folder:
                    found.parent.rmdir()

    def _forget(self, path: Path) -> None:
        self._sizes.pop(path, None)
        self._owners.pop(path, None)

    def drop_copies(self) -> None:
        """Delete what Gradio has put here by itself, in folders named after what they hold."""
        for entry in list(self.folder.iterdir()):
            if _COPY.fullmatch(entry.name):
                shutil.rmtree(entry, ignore_errors=True)

    def sweep(self, max_age_s: float = MAX_AGE_S) -> None:
        """Delete all that is older than ``max_age_s`` seconds."""
        oldest = time.time() - max_age_s
        for entry in list(self.folder.iterdir()):
            with contextlib.suppress(OSError):
                if entry.stat().st_mtime <= oldest:
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        for path in list(self._sizes):
            if not path.exists():
                self._forget(path)

    async def keep_sweeping(self) -> None:
        """Sweep every now and then until cancelled."""
        while True:
            await asyncio.to_thread(self.sweep)
            await asyncio.sleep(SWEEP_EVERY_S)


@contextlib.contextmanager
def _telling_of_the_disk() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ServerFailed(
            f"The server cannot keep a file now ({exc.strerror}). Nothing of your picture was kept; try again later."
        ) from exc
