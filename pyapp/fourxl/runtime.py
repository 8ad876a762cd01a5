"""The seam: what a host must supply to compute one tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output of a network, as its file declares it."""

    name: str
    dtype: str
    """``float32``, ``float16``, ``uint8`` …"""

    shape: tuple[int | None, ...]
    """None where it is free; empty when nothing is declared."""


class TileRuntime(Protocol):
    """One network, loaded, on one device. It knows nothing of pictures, halos or progress."""

    name: str
    """``webgpu``, ``wasm``, ``onnxruntime`` …"""

    device: str
    """``GPU`` or ``CPU``, told truthfully."""

    reason: str
    """Why this device, in a sentence, or in what its host makes a sentence of."""

    tile_px: int
    """The side of a tile that suits this device's memory, in source pixels."""

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (1, 3, height*scale, width*scale) for (1, 3, height, width), RGB in [0, 1].

        The result belongs to the caller, who may write into it. Values may leave [0, 1]. Tiles may be
        asked for at the same time; a device that takes one at a time computes them in turn. Cancelling
        one harms neither the others nor the runtime.

        Raises:
            OutOfMemory: a smaller tile may fit.
            DeviceLost: this runtime cannot be used any more.
            RuntimeFailure: anything else that went wrong, such as a tile after ``close``.
        """

    async def close(self) -> None:
        """Give the device's memory back once tiles under way are computed; closing twice is allowed."""


@runtime_checkable
class ManyTiles(Protocol):
    """What a ``TileRuntime`` has besides when it gains from being asked for several tiles at the same time."""

    tiles_at_once: int
    """So many; it may change during a job."""


def tiles_at_once(runtime: TileRuntime) -> int:
    """Return how many tiles are best under way at the same time: one, unless the runtime says otherwise."""
    return runtime.tiles_at_once if isinstance(runtime, ManyTiles) else 1


class RawRuntime(Protocol):
    """A network as it is: what it declares, and arrays of any shape."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    """The first is what ``run`` returns."""

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the network makes of an array for its first input; raises as ``TileRuntime.run``."""
