"""What lies on the disk: unguessable, nobody's by name, gone when it has been read, and never too much."""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from backend.files import MAX_OWNED, Files
from fourxl.errors import InputError, ServerBusy, ServerFailed

from .doubles import left


def test_what_was_written_is_taken_once(files):
    """The bytes come back as they were, file and folder are gone, and a second time there is nothing."""
    path = files.write("upload", b"a picture")
    assert files.has(path)
    assert files.take(path) == b"a picture"
    assert list(files.folder.iterdir()) == []
    with pytest.raises(InputError, match="Send the picture again"):
        files.take(path)


def test_folders_cannot_be_guessed(files):
    """Every file has a folder of its own with 24 random bytes in its name, which only this process may open."""
    paths = [files.write("upload", b"same") for _ in range(50)]
    folders = {path.parent for path in paths}
    assert len(folders) == 50
    assert {folder.parent for folder in folders} == {files.folder}
    assert min(len(folder.name) for folder in folders) == 32
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert {path.name for path in paths} == {"upload"}


def outside(folder: Path) -> dict[str, Path]:
    """Return paths that lead out of ``folder``, to a file that is there, and paths that cannot be."""
    secret = folder.parent / "secret"
    secret.write_bytes(b"secret")
    (folder / "link").symlink_to(secret)
    (folder / "way").symlink_to(folder.parent)
    return {
        "absolute": secret,
        "dots": folder / ".." / "secret",
        "deep dots": folder / "a" / ".." / ".." / "secret",
        "link": folder / "link",
        "way": folder / "way" / "secret",
        "relative": Path("pyproject.toml"),
        "the folder": folder,
        "nothing": Path(),
        "nobody's": folder / "0123456789abcdef" / "upload",
        "zero": folder / "a\0b",
        "surrogate": folder / "\ud800",
        "long": folder / ("a" * 5000),
        "longer": folder / ("/a" * 5000),
        "a system's": Path("/proc/self/environ"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "absolute",
        "dots",
        "deep dots",
        "link",
        "way",
        "relative",
        "the folder",
        "nothing",
        "nobody's",
        "zero",
        "surrogate",
        "long",
        "longer",
        "a system's",
    ],
)
def test_nothing_outside_is_taken(files, kind):
    """Neither by an absolute path, nor by dots, nor through a link; and no name, however odd, breaks anything."""
    path = outside(files.folder)[kind]
    assert not files.has(path)
    with pytest.raises(InputError):
        files.take(path)
    files.delete(path)
    assert (files.folder.parent / "secret").read_bytes() == b"secret"
    assert files.folder.is_dir()


def test_what_does_not_fit_is_refused_before_it_is_written(files):
    """Files together never take more than the budget; a refused one leaves nothing behind, a taken one makes room."""
    files = Files(files.folder, 100)
    first = files.write("upload", bytes(60))
    with pytest.raises(ServerBusy, match="Try again"):
        files.write("upload", bytes(41))
    assert list(files.folder.iterdir()) == [first.parent]
    second = files.write("upload", bytes(40))
    assert files.used_bytes == 100
    files.take(first)
    files.take(second)
    assert files.used_bytes == 0
    files.write("upload", bytes(100))


def test_a_disk_that_takes_no_more_leaves_nothing_behind(files, monkeypatch):
    """A write that fails in its middle is told as the server's failure, without a path, and its part is removed."""

    def fail(path: Path, _data: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(ServerFailed, match="No space left on device") as told:
        files.write("upload", b"a picture")
    assert str(files.folder) not in told.value.message
    assert list(files.folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(files):
    """Without the folder itself there is no writing, and an error of ours."""
    files.folder.rmdir()
    with pytest.raises(ServerFailed):
        files.write("upload", b"a picture")


def test_old_files_are_swept_away(files):
    """What is older than an age goes with its folder, also what others put there; the rest stays."""
    old, new = files.write("upload", b"old"), files.write("upload", b"new")
    foreign = files.folder / "foreign"
    foreign.write_bytes(b"old too")
    for path in (old.parent, foreign):
        os.utime(path, (time.time() - 100,) * 2)
    files.sweep(1000)
    assert left(files.folder) == sorted([old, new, foreign])
    files.sweep(50)
    assert left(files.folder) == [new]
    assert list(files.folder.iterdir()) == [new.parent]


def test_a_result_that_is_fetched_twice_is_deleted_once(files):
    """Deleting what is gone already does nothing, and what else lies in its folder stays."""
    path = files.write("result.png", b"one")
    other = path.with_name("other")
    other.write_bytes(b"two")
    files.delete(path)
    files.delete(path)
    assert left(files.folder) == [other]


def test_files_that_go_while_they_are_counted_are_not_counted(files):
    """Counting goes on while other threads write, take and sweep, and comes to nothing in the end."""
    stopped = threading.Event()

    def churn() -> None:
        while not stopped.is_set():
            files.take(files.write("upload", b"x"))

    threads = [threading.Thread(target=churn) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        counts = [files.used_bytes for _ in range(3000)]
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
    assert set(counts) <= {0, 1, 2, 3}
    assert files.used_bytes == 0


def test_one_person_has_a_few_uploads_only(files):
    """Those that no job has asked for; one that is read makes room, and others are not concerned."""
    paths = [files.write("upload", b"x", "anna") for _ in range(MAX_OWNED)]
    with pytest.raises(ServerBusy, match="no job has asked for"):
        files.write("upload", b"x", "anna")
    files.write("upload", b"x", "berta")
    files.take(paths[0])
    files.write("upload", b"x", "anna")
