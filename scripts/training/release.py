"""Puts a trained network into models/: the ONNX file, its known answer and its line in the manifest."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, Any

from fourxl import answer
from fourxl.manifest import FORMAT
from fourxl.network import Network
from fourxl_native.runtime import OnnxRuntime
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
    result = asyncio.run(OnnxRuntime(Network(content)).run(answer.tile()))
    known = models / "answers" / "swift.png"
    known.parent.mkdir(exist_ok=True)
    known.write_bytes(answer.encode(result))
    write_entry(models / "manifest.json", _entry(network, _file(path, models), _file(known, models)))
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


def _file(path: Path, models: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        "path": path.relative_to(models).as_posix(),
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _entry(network: Swift, graph: dict[str, Any], known_answer: dict[str, Any]) -> dict[str, Any]:
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
        "graphs": dict.fromkeys(("wasm", "webgpu", "onnxruntime"), graph),
        "trained": None,
        "weak_denoise": None,
        "answer": known_answer,
    }
