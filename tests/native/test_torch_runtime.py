"""Tiles through the real torch, on the processor, and what a graphics card might say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: scripts/install torch")

from fourxl.errors import DeviceLost, OutOfMemory, RuntimeFailure, RuntimeUnavailable  # noqa: E402 - after the check
from fourxl.network import Network  # noqa: E402
from fourxl_native.onnx_runtime import OnnxRuntime  # noqa: E402
from fourxl_native.torch_runtime import TorchRuntime  # noqa: E402
from scripts.exporting.externalize import pack  # noqa: E402
from scripts.exporting.graphs import draw  # noqa: E402

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODELS = Path(__file__).parents[2] / "models"
SWIFT = Network((MODELS / "swift.onnx").read_bytes())


def noise(width: int, height: int) -> NDArray[np.float32]:
    """Return a tile of noise, the same in every run."""
    return np.random.default_rng(8).random((1, 3, height, width), np.float32)


def swift(**options: Any) -> TorchRuntime:
    """Return a runtime with the released model."""
    return TorchRuntime("swift 32x5", SWIFT, **options)


@pytest.mark.parametrize("architecture", ["compact 64x16", "rrdb 6"])
@pytest.mark.parametrize(("half", "tolerance"), [(False, 1e-4), (True, 1e-2)])
def test_computes_what_the_graph_does(architecture: str, half: bool, tolerance: float) -> None:
    """A network of modules gives what its graph gives with the same weights, half precision somewhat less so."""
    weights = pack(draw(architecture).state_dict())
    graph = MODELS / "graphs" / f"{architecture.replace(' ', '-')}.onnxruntime.onnx"
    network = Network(graph.read_bytes(), weights)
    tile = noise(23, 18)
    wanted = asyncio.run(OnnxRuntime(network).run(tile))
    result = asyncio.run(TorchRuntime(architecture, network, half=half).run(tile))
    assert result.dtype == np.float32
    assert np.abs(result - wanted).max() < tolerance * np.abs(wanted).max()


@pytest.mark.parametrize(
    ("architecture", "network"),
    [
        ("even 1", SWIFT),
        ("swift 32x4", SWIFT),
        ("compact 64x16", Network(b"", b"garbage")),
        ("swift 32x5", Network(b"garbage")),
    ],
)
def test_unreadable_network(architecture: str, network: Network) -> None:
    """What is unknown, damaged or of another architecture makes no runtime, and the error says so in one line."""
    with pytest.raises(RuntimeUnavailable, match=r"^PyTorch cannot load this model \(.+\)\.$"):
        TorchRuntime(architecture, network)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."), OutOfMemory),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), OutOfMemory),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), OutOfMemory),
        (MemoryError(), OutOfMemory),
        (RuntimeError("CUDA error: an illegal memory access was encountered\nCUDA kernel …"), DeviceLost),
        (RuntimeError("expected 3 channels"), RuntimeFailure),
    ],
)
def test_words_of_failures(error: Exception, expected: type[RuntimeFailure]) -> None:
    """Failed allocations may be cured by smaller tiles, a lost graphics card by nothing."""

    def fail(_tile: object) -> None:
        raise error

    runtime = swift()
    runtime._module = fail  # type: ignore[assignment]
    with pytest.raises(RuntimeFailure) as raised:
        asyncio.run(runtime.run(noise(2, 2)))
    assert type(raised.value) is expected
    assert raised.value.__cause__ is error
    assert "\n" not in raised.value.message


def test_memory_of_the_processor_really_ends() -> None:
    """A tile that no memory could hold is OutOfMemory."""
    tile = np.broadcast_to(np.float32(0.5), (1, 3, 8, 8))

    class Greedy(torch.nn.Module):
        def forward(self, image: Any) -> Any:
            return image.new_empty((1 << 60,))

    runtime = swift()
    runtime._module = Greedy()
    with pytest.raises(OutOfMemory):
        asyncio.run(runtime.run(tile))


def test_tells_the_device_it_is_given() -> None:
    """On the processor it computes in float32, in as many threads as it is told."""
    before = torch.get_num_threads()
    try:
        runtime = swift(threads=1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert (runtime.device, runtime._dtype) == ("CPU", torch.float32)
