"""Tiles through PyTorch: on a graphics card in half precision, on the processor in float32."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import onnx
import safetensors.torch
import torch

from fourxl.errors import DeviceLost, OutOfMemory, RuntimeFailure, RuntimeUnavailable
from fourxl_native.networks import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fourxl.network import Network

_NO_MEMORY = ("can't allocate memory", "out of memory", "ALLOC_FAILED")
"""Torch raises RuntimeError for failed allocations outside its pool of the graphics card's memory."""

_LOST = "CUDA error"
"""After any of these nothing can be computed in this process."""


class TorchRuntime:
    """A ``TileRuntime`` over PyTorch.

    Convolutions of channels_last tensors are quicker on both devices. cuDNN is not asked to try out its
    algorithms for each size of tile: that takes longer than most pictures.
    """

    name = "torch"

    def __init__(
        self,
        architecture: str,
        network: Network,
        *,
        device: str = "CPU",
        half: bool | None = None,
        threads: int = 0,
        tile_px: int = 288,
        reason: str = "PyTorch computes on the processor.",
    ) -> None:
        """Load the network of that architecture; ``half`` precision is the rule on a GPU.

        Threads are set for the whole process, which is torch's way; 0 leaves them.

        Raises:
            RuntimeUnavailable: torch cannot compute this network, or not there.
        """
        if threads:
            torch.set_num_threads(threads)
        self.device, self.tile_px, self.reason = device, tile_px, reason
        self._place = torch.device("cuda" if device == "GPU" else "cpu")
        self._dtype = torch.float16 if (device == "GPU" if half is None else half) else torch.float32
        try:
            module = build(architecture)
            module.load_state_dict(_state(network))
            module = module.to(self._place, self._dtype)
            self._module: torch.nn.Module | None = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        except Exception as exc:  # of torch, onnx, protobuf or safetensors
            raise RuntimeUnavailable(f"PyTorch cannot load this model ({_in_a_line(exc)}).") from exc

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the enlarged tile, computed in a thread."""
        if self._module is None:
            raise RuntimeFailure("The runtime is closed.")
        return await asyncio.to_thread(_run, self._module, self._place, self._dtype, tile_f32)

    async def close(self) -> None:
        """Drop the network; tiles under way keep it to their end."""
        self._module = None
        _give_back(self._place)


def _state(network: Network) -> dict[str, torch.Tensor]:
    """Return the tensors of a network by their official names, which its graph has too when it holds them."""
    if network.weights is not None:
        return safetensors.torch.load(network.weights)
    tensors = onnx.load_from_string(network.graph).graph.initializer
    return {
        tensor.name: torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy())
        for tensor in tensors
        if tensor.name.endswith((".weight", ".bias"))
    }


def _run(
    module: torch.nn.Module, place: torch.device, dtype: torch.dtype, tile_f32: NDArray[np.float32]
) -> NDArray[np.float32]:
    with _translated(place), torch.inference_mode():
        tile = torch.from_numpy(np.ascontiguousarray(tile_f32))
        result = module(tile.to(place, dtype, memory_format=torch.channels_last))
        found: NDArray[np.float32] = result.to("cpu", torch.float32).contiguous().numpy()
    return found


@contextmanager
def _translated(place: torch.device) -> Iterator[None]:
    """Turn torch's exceptions into ours."""
    try:
        yield
    except (
        RuntimeError,
        MemoryError,
    ) as exc:  # torch.OutOfMemoryError and AcceleratorError are RuntimeErrors
        if isinstance(exc, (torch.OutOfMemoryError, MemoryError)) or any(w in str(exc) for w in _NO_MEMORY):
            _give_back(place)
            raise OutOfMemory("PyTorch found no memory for this tile.") from exc
        if _LOST in str(exc):
            raise DeviceLost(
                f"The graphics card stopped computing ({_in_a_line(exc)}). Start the program again."
            ) from exc
        raise RuntimeFailure(f"PyTorch failed: {_in_a_line(exc)}") from exc


def _give_back(place: torch.device) -> None:
    """Give memory of the graphics card that torch keeps for later to whoever wants it."""
    if place.type == "cuda":
        torch.cuda.empty_cache()


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())
