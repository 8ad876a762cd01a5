"""What backend/README.md says is what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from backend.settings import Limits
from tests import pictures
from tests.backend.servers import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backend.servers import Server

README = (REPOSITORY / "backend/README.md").read_text()
EXAMPLES = [
    (language, code)
    for language, code in re.findall(r"```(python|bash)\n(.*?)```", README, re.DOTALL)
    if "localhost:7860/" in code or language == "python"
]


@pytest.mark.parametrize(("language", "code"), EXAMPLES)
def test_example(language: str, code: str, server: Server, tmp_path: Path) -> None:
    """Every example runs as it is written, but for the server's port, and gives a picture."""
    (tmp_path / "photo.jpg").write_bytes(pictures.encoded(pictures.scene(200, 150), "JPEG"))
    code = code.replace("http://localhost:7860", server.url.rstrip("/"))
    if language == "python":
        code += "\nimport shutil; shutil.copy(path, 'big.png')\n"
    command = (
        [sys.executable, "-c", code] if language == "python" else ["bash", "-euo", "pipefail", "-c", code]
    )
    told = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=120)
    with Image.open(tmp_path / "big.png") as result:
        assert result.size in ((800, 600), (640, 480)), told.stdout


def test_every_example_is_tried() -> None:
    """There are examples in both languages."""
    assert {language for language, _ in EXAMPLES} == {"python", "bash"}


def test_limits() -> None:
    """The table of limits names each with what it usually is."""
    told = dict(re.findall(r"\| `FOURXL_(\w+)` \| (\w+) \|", README))
    assert told.pop("RUNTIME") == "auto"
    assert told == {name.upper(): str(getattr(Limits(), name)) for name in Limits.__slots__}
