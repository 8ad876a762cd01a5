"""Writes networks as ONNX files, and proves that the file computes what the network does."""

from __future__ import annotations

import argparse
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import onnx
import onnxruntime
import torch

from scripts.networks import COMPACT_SHAPES, load_compact

if TYPE_CHECKING:
    from torch import nn

OPSET = 18
"""At least 17: with older operators onnxruntime's WebGPU provider falls back to the CPU."""
TOLERANCE = 1e-4
"""Largest difference between torch and onnxruntime that rounding explains."""
CHECKED_SIZES = ((48, 40), (65, 33))
"""(width, height) of the pictures that are compared; neither is the size the export traced."""


def export(network: nn.Module, path: Path) -> float:
    """Return the largest difference between torch and the file written at `path`, which stays under 1e-4.

    The file takes "input", float32 (batch, 3, height, width) RGB in 0..1, and gives "output" (batch, 3,
    4·height, 4·width), not clipped; batch, height and width are free.
    Raises: RuntimeError where the file computes something else; onnx.checker.ValidationError.
    """
    network = network.eval()
    batch, height, width = (torch.export.Dim(name, min=1) for name in ("batch", "height", "width"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            (torch.rand(2, 3, 24, 32),),
            input_names=["input"],
            output_names=["output"],
            opset_version=OPSET,
            dynamic_shapes=({0: batch, 2: height, 3: width},),
            dynamo=True,
            verbose=False,
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(without_notes(cast("torch.onnx.ONNXProgram", program).model_proto), path)
    onnx.checker.check_model(path, full_check=True)
    difference = max_difference(network, path)
    if difference >= TOLERANCE:
        raise RuntimeError(f"{path} differs from the network by {difference:.1e}; allowed is {TOLERANCE:.0e}")
    return difference


def without_notes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model without what the exporter noted about its source; nothing of it is computed."""
    del model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    return model


def max_difference(network: nn.Module, path: Path) -> float:
    """Return the largest difference between the network and its file, over pictures of two sizes."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    worst = 0.0
    for width, height in CHECKED_SIZES:
        picture = random.random((1, 3, height, width), dtype=np.float32)
        with torch.no_grad():
            wanted = network(torch.from_numpy(picture)).numpy()
        (result,) = session.run(["output"], {"input": picture})
        worst = max(worst, float(np.abs(result - wanted).max()))
    return worst


def export_compact(weights_path: Path, name: str, out_path: Path) -> float:
    """Return what `export` does, for one of Real-ESRGAN's compact networks and its safetensors file."""
    return export(load_compact(weights_path, name), out_path)


def main() -> None:
    """Export the network named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.export_onnx", description=__doc__)
    parser.add_argument("--safetensors", type=Path, required=True, help="the weights, with the official keys")
    parser.add_argument("--architecture", choices=sorted(COMPACT_SHAPES), required=True)
    parser.add_argument("--output", type=Path, required=True, help="the ONNX file to write")
    options = parser.parse_args()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision is not installed
    difference = export_compact(options.safetensors, options.architecture, options.output)
    size_bytes = options.output.stat().st_size
    print(f"{options.output}: {size_bytes:,} bytes, largest difference from torch {difference:.1e}")


if __name__ == "__main__":
    main()
