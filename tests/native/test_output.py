"""A result file appears whole or not at all."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import IO

import pytest

from fourxl_native.output import replacing


def names(folder: Path) -> list[str]:
    """Return everything that lies in ``folder``, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def spoil(sink: IO[bytes], error: type[BaseException]) -> None:
    """Write a part of a file, then fail."""
    sink.write(b"half")
    sink.flush()
    raise error


def test_new_file(tmp_path: Path) -> None:
    """The file has its name only once the block has ended, and then it is all that is there."""
    target = tmp_path / "big.png"
    with replacing(target) as sink:
        sink.write(b"one")
        sink.flush()
        assert not target.exists()
        sink.write(b"two")
    assert target.read_bytes() == b"onetwo"
    assert names(tmp_path) == ["big.png"]


def test_old_file(tmp_path: Path) -> None:
    """An older file keeps its contents until the block has ended."""
    target = tmp_path / "big.png"
    target.write_bytes(b"old")
    with replacing(target) as sink:
        sink.write(b"new")
        sink.flush()
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["big.png"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, asyncio.CancelledError])
@pytest.mark.parametrize("old", [None, b"old"])
def test_bad_ending(old: bytes | None, error: type[BaseException], tmp_path: Path) -> None:
    """However the block ends badly, nothing new is left, the older file is as it was, and the error goes on."""
    target = tmp_path / "big.png"
    if old:
        target.write_bytes(old)
    before = names(tmp_path)
    with pytest.raises(error), replacing(target) as sink:
        spoil(sink, error)
    assert names(tmp_path) == before
    if old:
        assert target.read_bytes() == old


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions(umask: int, mode: int, tmp_path: Path) -> None:
    """The file may be read by those who may read any new file of this person."""
    old = os.umask(umask)
    try:
        with replacing(tmp_path / "big.png"):
            pass
        assert (tmp_path / "big.png").stat().st_mode & 0o777 == mode
        assert os.umask(umask) == umask
    finally:
        os.umask(old)


def test_longest_name(tmp_path: Path) -> None:
    """Every name works that the file system takes, the longest too."""
    target = tmp_path / ("x" * 251 + ".png")
    with replacing(target) as sink:
        sink.write(b"new")
    assert target.read_bytes() == b"new"


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there fails before the block, with the name that was asked for."""
    target = tmp_path / "missing" / "big.png"
    with pytest.raises(FileNotFoundError) as raised, replacing(target):
        pytest.fail("the block must not run")
    assert raised.value.filename == str(target)


def test_folder_of_that_name(tmp_path: Path) -> None:
    """A folder in the file's place fails before the block, and stays."""
    target = tmp_path / "big.png"
    target.mkdir()
    with pytest.raises(IsADirectoryError) as raised, replacing(target):
        pytest.fail("the block must not run")
    assert raised.value.filename == str(target)
    assert names(tmp_path) == ["big.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_forbidden_folder(tmp_path: Path) -> None:
    """A folder that may not be written to fails before the block, with the name that was asked for."""
    tmp_path.chmod(0o500)
    target = tmp_path / "big.png"
    with pytest.raises(PermissionError) as raised, replacing(target):
        pytest.fail("the block must not run")
    assert raised.value.filename == str(target)


def test_full_disk(tmp_path: Path) -> None:
    """An error of the disk that names no file comes out with the name that was asked for."""
    target = tmp_path / "big.png"
    with pytest.raises(OSError, match="No space left") as raised, replacing(target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert raised.value.filename == str(target)
    assert names(tmp_path) == []
