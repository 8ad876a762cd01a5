"""Tiles of one picture, enlarged: through the network, the halo cut off, several under way."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np

from fourxl import alpha, softening
from fourxl.clocks import Clock
from fourxl.errors import WrongNumbers
from fourxl.runtime import tiles_at_once

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from numpy.typing import NDArray

    from fourxl.image import Picture, Samples
    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.tiling import AxisTile, TilePlan

    Floats = NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Grey from RGB (ITU-R BT.601); the weights add up to 1."""


class Tiles:
    """Computes the tiles of one picture on one runtime."""

    def __init__(
        self, picture: Picture, spec: ModelSpec, runtime: TileRuntime, strength: float = 1.0
    ) -> None:
        """Prepare; below a ``strength`` of 1, tiles are mixed with the plain enlargement."""
        self._planes, self._alpha = picture.planes, picture.alpha
        if picture.alpha is not None:
            self._planes = alpha.bleed(picture.planes, picture.alpha)
        self._spec, self._runtime, self._strength = spec, runtime, strength
        self._clock = Clock()
        self.computed_px = 0
        """Source pixels that the runtime has been given so far, halos and all."""

    @property
    def runtime_seconds(self) -> float:
        """How long the runtime has had at least one tile to compute."""
        return self._clock.seconds

    async def computed(self, plan: TilePlan, rows: tuple[AxisTile, ...]) -> AsyncGenerator[Floats, None]:
        """Yield the tiles of these rows of a plan in order, with as many under way as the runtime computes at a time.

        What goes wrong with one is raised in its turn. Those under way then, or when the generator is closed,
        are cancelled.
        """
        places = product(rows, plan.columns)
        under_way: deque[asyncio.Task[Floats]] = deque()
        try:
            while True:
                await asyncio.sleep(0)  # a waiting cancel takes effect here
                more = islice(places, tiles_at_once(self._runtime) - len(under_way))
                under_way.extend(asyncio.create_task(self._tile(plan, *place)) for place in more)
                if not under_way:
                    return
                await under_way[0]
                yield under_way.popleft().result()
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _tile(self, plan: TilePlan, row: AxisTile, column: AxisTile) -> Floats:
        """Return (channels, height, width) of what ``row`` and ``column`` keep, enlarged."""
        where = (row.source.as_slice(), column.source.as_slice())
        planes = [await self._network(self._planes[:, *where], plan)]
        if self._alpha is not None:
            planes.append(await self._opacity(self._alpha[where], plan))
        keep = tuple(
            axis.keep.shifted(-axis.source.start).scaled(self._spec.scale).as_slice()
            for axis in (row, column)
        )
        kept = [plane[:, *keep] for plane in planes]
        if self._strength < 1:
            self._soften(kept, row, column)
        return kept[0] if len(kept) == 1 else np.concatenate(kept)

    def _soften(self, kept: list[Floats], row: AxisTile, column: AxisTile) -> None:
        sources = [self._planes] if self._alpha is None else [self._planes, self._alpha[None]]
        for enlarged, planes in zip(kept, sources, strict=True):
            softening.soften(enlarged, planes, row.keep, column.keep, self._spec.scale, self._strength)

    async def _opacity(self, opacity: Samples, plan: TilePlan) -> Floats:
        """Return the enlarged alpha channel; where it is all opaque or all clear, without the network."""
        level = opacity.flat[0]
        if level in (0, np.iinfo(opacity.dtype).max) and (opacity == level).all():
            height, width = (side * self._spec.scale for side in opacity.shape)
            return np.full((1, height, width), float(level > 0), np.float32)
        return await self._network(opacity[None], plan)

    async def _network(self, samples: Samples, plan: TilePlan) -> Floats:
        """Return ``samples`` (1 or 3, height, width) through the runtime, as many channels as came."""
        tile = _to_tile(samples, plan)
        with self._clock:
            result = await self._runtime.run(tile)
        self.computed_px += plan.tile.pixels
        scale = self._spec.scale
        expected = (1, 3, tile.shape[2] * scale, tile.shape[3] * scale)
        with np.errstate(invalid="ignore", over="ignore"):  # a sum of infinities is what is looked for
            whole = result.shape == expected and bool(np.isfinite(result.sum(dtype=np.float32)))
        if not whole:
            raise WrongNumbers(
                f"{self._runtime.name} on this device computes wrong numbers. Choose another device.",
                about="wrong-numbers",
                runtime=self._runtime.name,
            )
        rgb: Floats = result[0]
        if samples.shape[0] == 3:  # noqa: PLR2004 - colours
            return rgb
        grey: Floats = np.tensordot(_LUMA, np.clip(rgb, 0, 1, out=rgb), 1)
        return grey[None]


def _to_tile(samples: Samples, plan: TilePlan) -> Floats:
    """Return (1, 3, height, width) float32 in [0, 1]; pictures smaller than a tile are mirrored outwards."""
    missing = (plan.tile.height - samples.shape[1], plan.tile.width - samples.shape[2])
    if any(missing):
        samples = np.pad(samples, ((0, 0), (0, missing[0]), (0, missing[1])), mode="reflect")
    tile = np.empty((1, 3, plan.tile.height, plan.tile.width), np.float32)
    np.multiply(samples, np.float32(1 / np.iinfo(samples.dtype).max), out=tile[0])
    return tile
