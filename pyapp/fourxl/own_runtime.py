"""Our tiles through a network that wants its pictures in another form."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fourxl.own_form import Form
    from fourxl.runtime import RawRuntime, TileRuntime

    Floats = NDArray[np.float32]


class OwnRuntime:
    """A ``TileRuntime`` over a network of any ``Form``."""

    def __init__(self, network: TileRuntime, form: Form) -> None:
        """Run tiles through ``network``, which takes and gives pictures as ``form`` says."""
        self._network, self._form = network, form
        self.name, self.device, self.reason = network.name, network.device, network.reason
        self.tile_px = network.tile_px
        self._turn = asyncio.Lock()

    async def run(self, tile_f32: Floats) -> Floats:
        """Return the enlarged tile; one that is too small is mirrored outwards, and the surplus cut off.

        The tile may be no larger than a height or width that is fixed.
        """
        form = self._form
        height, width = tile_f32.shape[2:]
        missing_rows = (form.height or _round_up(height, form.multiple_px)) - height
        missing_columns = (form.width or _round_up(width, form.multiple_px)) - width
        whole = tile_f32
        if missing_rows or missing_columns:
            whole = np.pad(tile_f32, ((0, 0), (0, 0), (0, missing_rows), (0, missing_columns)), "reflect")
        async with self._turn:  # a tile may take several runs; none is closed halfway
            result = await ask(self._network, form, whole)
        cut = result[:, :, : height * form.scale, : width * form.scale]
        return np.ascontiguousarray(cut)

    async def close(self) -> None:
        """Close the network's runtime."""
        async with self._turn:
            await self._network.close()


async def ask(network: TileRuntime | RawRuntime, form: Form, tile_f32: Floats) -> Floats:
    """Return what ``network`` makes of a tile of a size that it takes, both as our tiles are.

    Shapes are the network's own affair: a result that is no picture comes back as it is.
    """
    span = np.float32(form.white - form.black)
    values = tile_f32 if (form.black, form.white) == (0, 1) else tile_f32 * span + np.float32(form.black)
    planes = [values] if form.channels == tile_f32.shape[1] else np.split(values, tile_f32.shape[1], axis=1)
    results = []
    for plane in planes:
        given = np.ascontiguousarray(plane.transpose(0, 2, 3, 1)) if form.channels_last else plane
        taken = await network.run(given)
        is_picture = taken.ndim == 4 and form.channels_last  # noqa: PLR2004 - batch, height, width, channels
        results.append(taken.transpose(0, 3, 1, 2) if is_picture else taken)
    result = results[0] if len(results) == 1 else np.concatenate(results, axis=min(1, results[0].ndim - 1))
    return result if (form.black, form.white) == (0, 1) else (result - np.float32(form.black)) / span


def _round_up(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple
