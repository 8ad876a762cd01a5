"""A model with a denoise strength, small enough to be made when a test asks for it.

It repeats every pixel four times, brightened by its one weight: its two trainings differ in that, so the
brightness of a result tells how they were mixed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, helper
from safetensors.numpy import save

from fourxl import manifest
from fourxl.network import WEIGHTS_NAME
from tests.stand_ins import publish

if TYPE_CHECKING:
    from pathlib import Path

BRIGHTNESS = {"trained": 0.75, "weak": 0.25}
"""What the trainings make of white; exact in float16."""

_SCALE = 4


def write_models(folder: Path, *, twin: bool = True) -> None:
    """Make a folder of models with one of them, ``even``; without ``twin`` its second training is yet to come."""
    folder.mkdir(parents=True, exist_ok=True)
    trainings = {
        name: _weights(folder, name, brightness) if twin or name == "trained" else None
        for name, brightness in BRIGHTNESS.items()
    }
    start = int.from_bytes((folder / "trained.safetensors").read_bytes()[:8], "little") + 8
    graph = publish(folder, "even.onnx", _graph(start))
    checkpoint = {"url": "https://example.org/even.pth", "size_bytes": 1, "sha256": "0" * 64}
    entry = {
        "id": "even",
        "label": "Even",
        "purpose": "For tests.",
        "architecture": "even 1",
        "scale": _SCALE,
        "halo_px": 0,
        "min_tile_px": 16,
        "max_tile_px": 1024,
        "licence": "MIT",
        "source": "tests",
        "graphs": dict.fromkeys(("wasm", "webgpu", "onnxruntime"), graph),
        "trained": {"checkpoint": checkpoint, "weights": trainings["trained"]},
        "weak_denoise": {"checkpoint": checkpoint, "weights": trainings["weak"]},
        "answer": None,
    }
    (folder / "manifest.json").write_text(json.dumps({"format": manifest.FORMAT, "models": [entry]}))


def _weights(folder: Path, name: str, brightness: float) -> dict[str, Any]:
    return publish(folder, f"{name}.safetensors", save({"factor": np.array([brightness], np.float16)}))


def _graph(weights_start: int) -> bytes:
    factor = TensorProto(name="factor", data_type=TensorProto.FLOAT16, dims=[1])
    factor.data_location = TensorProto.EXTERNAL
    place = {"location": WEIGHTS_NAME, "offset": str(weights_start), "length": "2"}
    for key, value in place.items():
        factor.external_data.add(key=key, value=value)
    scales = helper.make_tensor("scales", TensorProto.FLOAT, [4], [1, 1, _SCALE, _SCALE])
    options = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["factor"], ["share"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["input", "share"], ["darker"]),
            helper.make_node("Resize", ["darker", "", "scales"], ["output"], **options),
        ],
        "even",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, "height", "width"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 3, None, None])],
        [factor, scales],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content
