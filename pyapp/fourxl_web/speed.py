"""How quick this device is: what the engine's worker measures and the page reckons with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TILE_PX = 288
"""Side of a tile in a browser. Four cover a picture of 512 px with any of our halos; and six, to a side of a
Winograd tile, divides it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one model took on this device, timed in a tile after a first one."""

    model_id: str
    runtime: str
    """What Automatic computes with here: ``webgpu`` or ``wasm``."""

    device: str
    """``GPU`` or ``CPU``."""

    seconds_a_pixel: float
    """For a source pixel."""

    def to_wire(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def from_wire(wire: Mapping[str, Any]) -> Measured:
    """Return what ``to_wire`` described."""
    return Measured(**wire)
