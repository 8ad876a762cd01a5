"""A picture to enlarge, and models that may be spoiled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import pictures

from .command import MODELS


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a small picture, alone in its folder."""
    path = tmp_path / "photo.png"
    path.write_bytes(pictures.encoded(pictures.scene()))
    return path


@pytest.fixture
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the folder of models."""
    return Path(shutil.copytree(MODELS, tmp_path_factory.mktemp("copy") / "models"))
