"""Puts a trained network into models/: the ONNX file and its line in the manifest."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from fourxl.manifest import FORMAT
from scripts.export_onnx import export

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.networks import Swift

SIZE_LIMIT_BYTES = 1_000_000


def release(network: Swift, models: Path) -> float:
    """Return the largest difference between the network and the file it was written to.

    Raises: RuntimeError where the file differs from the network or is too large.
    """
    path = models / "swift.onnx"
    difference = export(network, path)
    content = path.read_bytes()
    if len(content) >= SIZE_LIMIT_BYTES:
        raise RuntimeError(f"{path} has {len(content):,} bytes; the limit is {SIZE_LIMIT_BYTES:,}")
    file = {
        "path": path.name,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    write_entry(models / "manifest.json", _entry(network, file))
    return difference


def write_entry(manifest: Path, entry: dict[str, Any]) -> None:
    """Replace the manifest's model of the same id, or put it first; the other models stay as they are."""
    models: list[dict[str, Any]] = []
    if manifest.exists():
        models = json.loads(manifest.read_text("utf-8"))["models"]
    ids = [model["id"] for model in models]
    if entry["id"] in ids:
        models[ids.index(entry["id"])] = entry
    else:
        models.insert(0, entry)
    table = {"format": FORMAT, "models": models}
    manifest.write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _entry(network: Swift, file: dict[str, Any]) -> dict[str, Any]:
    """Return swift's place in the manifest."""
    return {
        "id": "swift",
        "label": "Swift",
        "purpose": "Enlarges any picture at once, on any device, without a download.",
        "architecture": f"swift {network.first.out_channels}x{len(network.body)}",
        "scale": 4,
        "halo_px": network.radius,
        "min_tile_px": 16,
        "max_tile_px": 1024,
        "licence": "MIT",
        "source": "trained by scripts/train",
        "graphs": dict.fromkeys(("wasm", "webgpu", "onnxruntime"), file),
        "trained": None,
        "weak_denoise": None,
        "answer": None,
    }
