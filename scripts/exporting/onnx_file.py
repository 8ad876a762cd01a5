"""Networks as ONNX, and the proof that the file computes what the network does."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, cast

import numpy as np
import onnx
import onnxruntime
import torch

from scripts.exporting.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import nn

OPSET = 18
"""At least 17: with older operators onnxruntime's WebGPU provider falls back to the CPU."""
TOLERANCE = 1e-4
"""Largest difference between torch and onnxruntime that rounding explains."""
CHECKED_SIZES = ((48, 40), (65, 33))
"""(width, height) of the pictures that are compared; neither is the size the export traced."""


def export(network: nn.Module, path: Path) -> float:
    """Return the largest difference between torch and the file written at `path`, which stays under 1e-4.

    Raises: ExportError where the file computes something else; onnx.checker.ValidationError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(trace(network), path)
    return check(network, path)


def trace(network: nn.Module) -> onnx.ModelProto:
    """Return the network as ONNX with its weights, which keep their names where the exporter keeps them.

    It takes "input", float32 (batch, 3, height, width) RGB in 0..1, and gives "output" (batch, 3, 4·height,
    4·width), not clipped; batch, height and width are free.
    """
    batch, height, width = (torch.export.Dim(name, min=1) for name in ("batch", "height", "width"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network.eval(),
            (torch.rand(2, 3, 24, 32),),
            input_names=["input"],
            output_names=["output"],
            opset_version=OPSET,
            dynamic_shapes=({0: batch, 2: height, 3: width},),
            dynamo=True,
            verbose=False,
        )
    return without_notes(cast("torch.onnx.ONNXProgram", program).model_proto)


def without_notes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model without what the exporter noted about its source; nothing of it is computed."""
    del model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    return model


def check(network: nn.Module, path: Path, pictures: Sequence[NDArray[np.float32]] = ()) -> float:
    """Return the largest difference between the network and its file, which stays under 1e-4.

    Raises: ExportError where it does not; onnx.checker.ValidationError where the file is no valid ONNX.
    """
    onnx.checker.check_model(path, full_check=True)
    difference = max_difference(network, path, pictures)
    if not difference < TOLERANCE:
        raise ExportError(f"{path} differs from the network by {difference:.1e}; allowed is {TOLERANCE:.0e}.")
    return difference


def max_difference(network: nn.Module, path: Path, pictures: Sequence[NDArray[np.float32]] = ()) -> float:
    """Return the largest difference between the network and its file, over noise of two sizes and `pictures`.

    Pictures are float32 (1, 3, height, width) in 0..1.
    """
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    noise = [random.random((1, 3, height, width), dtype=np.float32) for width, height in CHECKED_SIZES]
    worst = 0.0
    for picture in (*noise, *pictures):
        (result,) = session.run(["output"], {"input": picture})
        worst = max(worst, float(np.abs(result - enlarged(network, picture)).max()))
    return worst


def enlarged(network: nn.Module, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the network makes of a picture (1, 3, height, width), computed by torch in float32."""
    with torch.no_grad():
        result: NDArray[np.float32] = network(torch.from_numpy(picture)).numpy()
    return result
