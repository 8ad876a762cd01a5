"""Checkpoints from their host: only the published bytes come through, and none is fetched twice."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from fourxl.manifest import Checkpoint
from scripts.exporting.downloads import ATTEMPTS, fetch
from scripts.exporting.errors import ExportError
from tests.release_server import Host, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 3000


@pytest.fixture
def host() -> Iterator[Host]:
    """A host with one published file."""
    with running() as host:
        host.files["a.pth"] = CONTENT
        yield host


def published(host: Host, content: bytes = CONTENT) -> Checkpoint:
    """What the table says of the file."""
    return Checkpoint(f"{host.address}/v1/a.pth", len(content), hashlib.sha256(content).hexdigest())


def quiet(_done: int, _all: int) -> None:
    """Show nothing."""


def test_a_file_is_fetched_once(host: Host, tmp_path: Path) -> None:
    """The second call gives the same file without asking the host; progress ends at the whole."""
    told: list[tuple[int, int]] = []
    first = fetch(published(host), tmp_path, lambda done, size: told.append((done, size)))
    assert first.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert fetch(published(host), tmp_path, quiet) == first
    assert host.asked == [("a.pth", None)]


def test_a_spoilt_copy_in_the_cache_is_fetched_again(host: Host, tmp_path: Path) -> None:
    """One flipped byte on the disk is noticed."""
    path = fetch(published(host), tmp_path, quiet)
    path.write_bytes(b"!" + CONTENT[1:])
    assert fetch(published(host), tmp_path, quiet).read_bytes() == CONTENT


def test_a_download_that_is_cut_off_goes_on_from_there(host: Host, tmp_path: Path) -> None:
    """Two cuts, three requests, each for what is missing."""
    host.cut_after_bytes = [100_000, 200_000]
    assert fetch(published(host), tmp_path, quiet).read_bytes() == CONTENT
    assert [span for _, span in host.asked] == [None, "bytes=100000-", "bytes=300000-"]


def test_a_later_call_goes_on_from_what_arrived(host: Host, tmp_path: Path) -> None:
    """A host that keeps failing is told of, with what arrived; nothing of that is fetched again."""
    host.cut_after_bytes = [1000] * ATTEMPTS
    with pytest.raises(ExportError, match=rf"sent {1000 * ATTEMPTS:,} of {len(CONTENT):,} bytes"):
        fetch(published(host), tmp_path, quiet)
    assert fetch(published(host), tmp_path, quiet).read_bytes() == CONTENT
    assert host.asked[-1] == ("a.pth", f"bytes={1000 * ATTEMPTS}-")


def test_a_host_without_ranges_starts_over(host: Host, tmp_path: Path) -> None:
    """Its whole answer replaces what had arrived."""
    host.resumes = False
    host.cut_after_bytes = [100_000]
    assert fetch(published(host), tmp_path, quiet).read_bytes() == CONTENT


def test_a_spoilt_beginning_is_not_kept(host: Host, tmp_path: Path) -> None:
    """When the rest of a download does not fit its beginning, all is fetched once more."""
    host.cut_after_bytes = [1000] * ATTEMPTS
    with pytest.raises(ExportError):
        fetch(published(host), tmp_path, quiet)
    (part,) = tmp_path.iterdir()
    part.write_bytes(bytes(5000))
    assert fetch(published(host), tmp_path, quiet).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"!" + CONTENT[1:], "sha256"),
        (CONTENT + b"!", "bytes instead of"),
        (CONTENT[:-1], "not this one"),
    ],
    ids=["other", "longer", "shorter"],
)
def test_other_bytes_are_refused(host: Host, tmp_path: Path, content: bytes, words: str) -> None:
    """The sentence says what is wrong and what to do, and nothing of the file stays."""
    host.files["a.pth"] = content
    with pytest.raises(ExportError, match=words) as raised:
        fetch(published(host), tmp_path, quiet)
    assert "--checkpoint FILE" in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_end_is_not_read_to_its_end(host: Host, tmp_path: Path) -> None:
    """Reading stops soon after the published size."""
    host.files["a.pth"] = bytes(50_000_000)
    told: list[int] = []
    with pytest.raises(ExportError, match="another file"):
        fetch(published(host), tmp_path, lambda done, _: told.append(done))
    assert max(told) < 2 * len(CONTENT)


def test_web_pages_and_missing_files_are_told_apart(host: Host, tmp_path: Path) -> None:
    """A page with status 200, a 404, a host that is not there, and an address without https."""
    host.pages = True
    with pytest.raises(ExportError, match="web page"):
        fetch(published(host), tmp_path, quiet)
    host.pages, host.files = False, {}
    with pytest.raises(ExportError, match="404"):
        fetch(published(host), tmp_path, quiet)
    for url, words in (
        ("http://127.0.0.1:9/a.pth", "cannot be reached"),
        ("http://a.example/a.pth", "https"),
    ):
        with pytest.raises(ExportError, match=words):
            fetch(Checkpoint(url, 1, "0" * 64), tmp_path, quiet)
    assert list(tmp_path.iterdir()) == []
