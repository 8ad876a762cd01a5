"""The known answer tells a network that is computed wrongly, by the real onnxruntime."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from fourxl import answer
from fourxl.errors import WrongNumbers
from fourxl.network import Network
from fourxl_native.onnx_runtime import OnnxRuntime

onnx = pytest.importorskip("onnx", reason="onnx is missing: scripts/install train")

MODELS = Path(__file__).parents[2] / "models"
EXPECTED = (MODELS / "answers" / "swift.png").read_bytes()

SWIFT = onnx.load(MODELS / "swift.onnx")
KERNELS = {
    tensor.name: onnx.numpy_helper.to_array(tensor)
    for tensor in SWIFT.graph.initializer
    if len(tensor.dims) == 4
}


def check(**changed: np.ndarray) -> None:
    """Ask for the known answer of swift with some of its kernels changed."""
    model = onnx.ModelProto()
    model.CopyFrom(SWIFT)
    for tensor in model.graph.initializer:
        if tensor.name in changed:
            tensor.CopyFrom(onnx.numpy_helper.from_array(changed[tensor.name], tensor.name))
    runtime = OnnxRuntime(Network(model.SerializeToString()))
    asyncio.run(answer.check(runtime, EXPECTED))


def test_weights_of_16_bits_pass() -> None:
    """Kernels rounded to 16 bits, as models are published, give the known answer still."""
    check(**{name: kernel.astype(np.float16).astype(np.float32) for name, kernel in KERNELS.items()})


@pytest.mark.parametrize("row", [0, 1, 2])
@pytest.mark.parametrize("name", KERNELS)
def test_wrong_kernel_row_is_caught(name: str, row: int) -> None:
    """One row of one output channel of any convolution, left out, is told."""
    kernel = KERNELS[name].copy()
    kernel[len(kernel) // 2, :, row] = 0
    with pytest.raises(WrongNumbers):
        check(**{name: kernel})


@pytest.mark.parametrize("name", KERNELS)
def test_transposed_kernel_is_caught(name: str) -> None:
    """Kernels read column by column are told, in any convolution."""
    with pytest.raises(WrongNumbers):
        check(**{name: np.ascontiguousarray(KERNELS[name].swapaxes(2, 3))})
