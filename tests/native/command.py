"""The command ``fourxl``, called by tests, and what it leaves in a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from fourxl_native import cli

COMMAND = Path(sys.executable).with_name("fourxl")
MODELS = Path(__file__).parents[2] / "models"


def names(folder: Path) -> list[str]:
    """Return everything that lies in ``folder``, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    return subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


def main(*arguments: object) -> int:
    """Run the command line in this process and return its exit code, also where argparse exits."""
    try:
        return cli.main([str(argument) for argument in arguments])
    except SystemExit as leaving:
        return int(leaving.code or 0)


def samples(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Return the decoded samples of a file, signed so that they can be subtracted."""
    with Image.open(path) as opened:
        return np.asarray(opened).astype(np.int32)
