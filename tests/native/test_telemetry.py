"""Nobody is told that 4XL is used, not even by the packages it is built from."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests import pictures

if TYPE_CHECKING:
    from pathlib import Path

RUN = """
import sys
from fourxl_native import cli
sys.exit(cli.main([sys.argv[1], "-o", sys.argv[2], "--runtime", sys.argv[3], "-q"]))
"""


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_no_telemetry(runtime: str, tmp_path: Path) -> None:
    """The command line leaves nothing behind but its result: no id of the computer, no log, no report to be sent."""
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    (tmp_path / "in.png").write_bytes(pictures.encoded(pictures.scene(20, 20)))
    variables = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    variables |= {"HOME": str(home), "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(home / "cache")}
    command = [sys.executable, "-c", RUN, str(tmp_path / "in.png"), str(tmp_path / "out.png"), runtime]
    subprocess.run(command, env=variables, check=True, timeout=120)
    assert [*home.rglob("*"), *temporary.rglob("*")] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "in.png", "out.png", "temporary"]
