"""The networks 4XL trains, exports or runs with torch, as plain modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl_native.networks.compact import SCALE, SRVGGNetCompact
from fourxl_native.networks.rrdb import RRDBNet
from fourxl_native.networks.swift import Swift, bicubic_phases

if TYPE_CHECKING:
    from torch import nn

__all__ = ["SCALE", "RRDBNet", "SRVGGNetCompact", "Swift", "bicubic_phases", "build"]


def build(architecture: str) -> nn.Module:
    """Return the network of that name, with torch's own random start, for evaluation.

    ``compact 64x32`` is Real-ESRGAN's compact network of 64 features and 32 convolutions; ``rrdb 23`` its
    large one of 23 blocks; ``swift 32x5`` is ours.
    Raises: ValueError for a name of another form.
    """
    kind, _, size = architecture.partition(" ")
    numbers = [int(number) for number in size.split("x") if number.isdecimal()]
    match kind, numbers:
        case "compact", [features, convolutions]:
            return SRVGGNetCompact(features, convolutions).eval()
        case "rrdb", [blocks]:
            return RRDBNet(blocks).eval()
        case "swift", [features, convolutions]:
            return Swift(features, convolutions).eval()
    raise ValueError(
        f"There is no architecture {architecture!r}; known are 'compact 64x32', 'rrdb 23' and 'swift 32x5'."
    )
