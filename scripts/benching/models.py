"""A folder of models for the benches: the bundled one, and the larger one it is compared with."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

from scripts import export_onnx, networks
from scripts.building.site import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

GENERAL = "realesr-general-x4v3"
SWIFT = "swift"

RECEPTIVE_RADIUS_PX = networks.COMPACT_SHAPES[GENERAL].convolutions + 2
"""Pixels to each side that a pixel of the result depends on: one for each 3x3 convolution."""


def gather(folder: Path, weights: Path) -> None:
    """Put the bundled model and realesr-general-x4v3, exported from `weights`, into a new folder."""
    folder.mkdir(parents=True)
    table = json.loads((REPOSITORY / "models/manifest.json").read_text("utf-8"))
    bundled = [model for model in table["models"] if model["id"] == SWIFT]
    for model in bundled:
        for file in model["graphs"].values():
            shutil.copyfile(REPOSITORY / "models" / file["path"], folder / file["path"])
    general = folder / f"{GENERAL}.onnx"
    shutil.copyfile(_exported(weights / f"{GENERAL}.safetensors"), general)
    table["models"] = [*bundled, _entry(general)]
    (folder / "manifest.json").write_text(json.dumps(table), "utf-8")


def _exported(weights: Path) -> Path:
    """Return the network as ONNX, from the cache when neither it nor its exporter has changed."""
    parts = (weights.read_bytes(), *(_source(module) for module in (export_onnx, networks)))
    key = hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    path = REPOSITORY / ".cache/bench" / key / f"{GENERAL}.onnx"
    if not path.exists():
        draft = path.with_suffix(".part")
        export_onnx.export_compact(weights, GENERAL, draft)
        draft.replace(path)
    return path


def _source(module: Any) -> bytes:
    name = str(module.__name__).replace(".", "/")
    return (REPOSITORY / f"{name}.py").read_bytes()


def _entry(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    file = {
        "path": path.name,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return {
        "id": GENERAL,
        "label": "General",
        "purpose": "The model that swift is compared with.",
        "architecture": "SRVGGNetCompact 64x32",
        "scale": networks.SCALE,
        "halo_px": RECEPTIVE_RADIUS_PX,
        "min_tile_px": 16,
        "max_tile_px": 1024,
        "licence": "BSD-3-Clause",
        "source": "Real-ESRGAN v0.2.5.0",
        "graphs": dict.fromkeys(("wasm", "webgpu"), file),
        "trained": None,
        "weak_denoise": None,
        "answer": None,
    }
