"""The laws of runtimes over the fakes and over those of a computer; tests/e2e runs them in the browser."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fourxl import answer
from fourxl.network import Network
from fourxl.testing import NearestRuntime, OutOfMemoryAt
from fourxl_native.onnx_runtime import OnnxRuntime

from .laws import LAWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.runtime import TileRuntime

MODELS = Path(__file__).parents[2] / "models"
SWIFT = MODELS / "swift.onnx"


def openvino() -> TileRuntime:
    """Return swift in OpenVINO, or skip where that is not installed."""
    module = pytest.importorskip("fourxl_native.openvino_runtime", exc_type=ImportError)
    runtime: TileRuntime = module.OpenVinoRuntime(Network(SWIFT.read_bytes()))
    return runtime


def torch(*, half: bool = False) -> TileRuntime:
    """Return swift in PyTorch on the processor, or skip where that is not installed."""
    module = pytest.importorskip("fourxl_native.torch_runtime", exc_type=ImportError)
    runtime: TileRuntime = module.TorchRuntime("swift 32x5", Network(SWIFT.read_bytes()), half=half)
    return runtime


RUNTIMES: dict[str, Callable[[], TileRuntime]] = {
    "nearest": NearestRuntime,
    "wrapped": lambda: OutOfMemoryAt(NearestRuntime()),
    "onnxruntime": lambda: OnnxRuntime(Network(SWIFT.read_bytes())),
    "openvino": openvino,
    "torch": torch,
    "torch, half precision": partial(torch, half=True),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", RUNTIMES)
def test_law(name: str, law: str) -> None:
    """The runtime keeps the law, whose docstring states it."""

    async def scenario() -> None:
        runtime = RUNTIMES[name]()
        try:
            await LAWS[law](runtime, 4)
        finally:
            await runtime.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["onnxruntime", "openvino", "torch", "torch, half precision"])
def test_gives_the_known_answer(name: str) -> None:
    """What swift was published with is what the runtime makes of the known tile."""
    asyncio.run(answer.check(RUNTIMES[name](), (MODELS / "answers" / "swift.png").read_bytes()))
