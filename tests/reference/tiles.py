"""Pictures in tiles, by both programs, against upstream's enlargement of the whole picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cases import part
from .comparing import as_rgba, psnr

if TYPE_CHECKING:
    from pathlib import Path

    from .ours import Ours
    from .reference import Reference, State

PART = (100, 40, 200, 160)
"""Of a photo: left, top, width and height; six tiles for 4XL, four for upstream."""
TILE_PX = 128
"""Side of a tile, with what is thrown away of it."""
UPSTREAM_PAD_PX = 10
"""What upstream throws away at each side, unless told otherwise."""
HEADER = ("in tiles of 128 px", "against the whole picture")
OURS, UPSTREAM = "4XL, 34 px of each side thrown away", "upstream, 10 px of each side thrown away"


def measure(inputs: Path, ours: Ours, reference: Reference, state: State) -> dict[str, float]:
    """Return the PSNR in dB of a picture in tiles, by who made it."""
    data = part("00003.png", *PART)(inputs)
    pixels = reference.read(data)
    whole = as_rgba(reference.enhance(ours.spec.architecture, [state], pixels))
    tiled = reference.enhance(ours.spec.architecture, [state], pixels, tile=TILE_PX - 2 * UPSTREAM_PAD_PX)
    return {
        OURS: psnr(as_rgba(reference.read(ours.enlarge(data, TILE_PX))), whole),
        UPSTREAM: psnr(as_rgba(tiled), whole),
    }
