"""Fixtures for every ring of tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_images() -> Path:
    """Return the folder of reference pictures beside the repository, or skip where there is none."""
    folder = Path(__file__).parents[2] / "shared" / "images"
    if not folder.is_dir():
        pytest.skip("the reference pictures (../shared/images) are not on this machine")
    return folder
