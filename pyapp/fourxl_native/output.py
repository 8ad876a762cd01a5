"""A result file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = ".fourxl-"
"""Of the unfinished file; without the target's name, which may be as long as a name can be."""


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes the name ``target`` when the block ends well.

    When it ends badly, nothing is left behind and an older ``target`` stays as it was.

    Raises:
        OSError: ``target``, which it names, cannot be written; before the block when that can be known.
    """
    with _naming(target):
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        handle = tempfile.NamedTemporaryFile(dir=target.parent, prefix=_PREFIX, delete=False)  # noqa: SIM115
    unfinished = Path(handle.name)
    try:
        with _naming(target, unfinished):
            with handle:
                yield handle
            unfinished.chmod(0o666 & ~_umask())
            unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def _naming(target: Path, unfinished: Path | None = None) -> Iterator[None]:
    """Let errors that name no file, or one nobody asked for, name ``target``."""
    try:
        yield
    except OSError as error:
        if unfinished is None or error.filename in (None, str(unfinished)):
            error.filename, error.filename2 = str(target), None
        raise


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
