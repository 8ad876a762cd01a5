"""A folder as a server has it, and one server for the tests that leave it as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backend import service
from backend.files import Files
from backend.settings import MIB
from tests.backend.servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.backend.servers import Server


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Return an empty folder of uploads and results with room for 64 MiB."""
    (tmp_path / "files").mkdir()
    return Files(tmp_path / "files", 64 * MIB)


@pytest.fixture
def without_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing depend on a service's beat: whoever waits for it waits longer than a test may."""
    monkeypatch.setattr(service, "BEAT_S", 1000.0)


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """Start a server with the usual limits, but patient with a busy machine, and with a file size that a test can exceed."""
    with running(FOURXL_MAX_SECONDS="300", FOURXL_MAX_UPLOAD_MB="4") as started:
        yield started
