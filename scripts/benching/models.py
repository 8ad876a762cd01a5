"""Models for the benches: the repository's, and the larger ones they are compared with."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from scripts.building.site import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

GENERAL, ANIME = "realesr-general-x4v3", "realesr-animevideov3"
SWIFT = "swift"

MAKERS = (
    "scripts/export_onnx.py",
    "scripts/exporting",
    "pyapp/fourxl_native/networks",
    "scripts/optimize_onnx.py",
    "scripts/optimizing",
    "models/manifest.json",
)
"""What the files depend on, besides the weights."""


def gather(folder: Path, weights: Path) -> None:
    """Make a new folder: `models`, with Real-ESRGAN's small models made from `weights`, and `plain`.

    `plain` has each network as one ordinary ONNX file, as a page without 4XL would load it.
    """
    shutil.copytree(_made([weights / f"{model}.safetensors" for model in (GENERAL, ANIME)]), folder)


def _made(weights: list[Path]) -> Path:
    """Return the folder, from the cache when neither the weights nor what it is made by has changed."""
    parts = [path.read_bytes() for path in (*weights, *_sources())]
    made = REPOSITORY / ".cache/bench" / hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    if not made.exists():
        draft = made.with_suffix(".part")
        shutil.rmtree(draft, ignore_errors=True)
        for path in weights:
            for option, target in (("--models", draft / "models"), ("--output", draft / "plain")):
                command = [sys.executable, "-m", "scripts.export_onnx", path.stem, "--unverified"]
                subprocess.run([*command, "--checkpoint", path, option, target], cwd=REPOSITORY, check=True)
        draft.replace(made)
    return made


def _sources() -> list[Path]:
    """Return the files that decide what the folder will hold."""
    places = [REPOSITORY / name for name in MAKERS]
    return [
        path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))
    ]
