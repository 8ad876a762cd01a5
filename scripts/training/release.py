"""Puts a trained network into models/: the ONNX file, its known answer and its line in the manifest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fourxl import answer
from fourxl.network import Network
from fourxl_native.onnx_runtime import OnnxRuntime
from scripts import model_table
from scripts.exporting.onnx_file import export

if TYPE_CHECKING:
    from pathlib import Path

    from fourxl_native.networks import Swift

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
    graph, known_answer = (
        model_table.describe(models, file.relative_to(models).as_posix()) for file in (path, known)
    )
    model_table.put(models, _entry(network, graph, known_answer))
    return difference


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
