"""A result file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes the name ``target`` when the block ends well.

    When it ends badly, nothing is left behind and an older ``target`` stays as it was.

    Raises:
        OSError: the folder cannot be written to.
    """
    mode = 0o666 & ~_umask()
    handle = tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115
    unfinished = Path(handle.name)
    try:
        with handle:
            yield handle
        unfinished.chmod(mode)
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
