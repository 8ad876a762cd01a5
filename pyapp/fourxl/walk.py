"""Tile by tile over one picture: the network, the halo cut off, smaller tiles when memory ends."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import replace
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np

from fourxl import alpha, events, softening, tiling
from fourxl.clocks import Clock, Pace
from fourxl.errors import OutOfMemory, WrongNumbers
from fourxl.runtime import tiles_at_once
from fourxl.tiling import Place, Standing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

    from numpy.typing import NDArray

    from fourxl.blending import StripCanvas
    from fourxl.image import Picture, Samples
    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.tiling import AxisTile, TilePlan

    Floats = NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Grey from RGB (ITU-R BT.601); the weights add up to 1."""


class Walk:
    """Goes over the tiles of one picture, in smaller ones after an out-of-memory."""

    def __init__(
        self,
        picture: Picture,
        spec: ModelSpec,
        runtime: TileRuntime,
        canvas: StripCanvas,
        notify: Callable[[events.Event], None],
        strength: float = 1.0,
        keep: Callable[[Standing], Awaitable[None]] | None = None,
    ) -> None:
        """Prepare; ``keep`` is called after every strip whose rows are emitted."""
        self._planes, self._alpha = picture.planes, picture.alpha
        if picture.alpha is not None:
            self._planes = alpha.bleed(picture.planes, picture.alpha)
        self._size, self._spec, self._runtime = picture.size, spec, runtime
        self._canvas, self._notify, self._strength = canvas, notify, strength
        self._keep = keep or _keep_nothing
        self._fraction = 0.0
        self._rows_done = 0
        self._last: Place | None = None
        self._clock = Clock()
        self.tiles_done = 0
        self.computed_px = 0
        """Source pixels that the runtime has been given so far, halos and all."""

    @property
    def runtime_seconds(self) -> float:
        """How long the runtime has had at least one tile to compute."""
        return self._clock.seconds

    async def run(self, tile_px: int, standing: Standing | None = None) -> None:
        """Compute every tile, or those below where an earlier walk over the same picture stood.

        Rows that are finished stay finished when the tile size changes.
        """
        place = Place(min(tile_px, self._spec.max_tile_px), 0, 0)
        if standing is not None:
            place = await self._catch_up(standing)
        while self._rows_done < self._size.height:
            place = await self._follow(place)

    async def _follow(self, place: Place) -> Place:
        """Finish the strips of a plan from ``place`` on, as far as memory goes, and return where to go on."""
        plan = self._plan(place)
        rows = plan.rows[place.strip :]
        pace = Pace(len(rows) * len(plan.columns), tiles_at_once(self._runtime))
        async with aclosing(self._tiles(plan, rows)) as tiles:
            for strip, row in enumerate(rows, place.strip):
                try:
                    await self._strip(plan, row, tiles, pace)
                except (OutOfMemory, MemoryError) as exc:
                    place = Place(self._smaller(plan, exc), self._rows_done, 0)
                    break
                self._canvas.close_strip()  # not tried again: rows that are written stay written
                self._rows_done = row.resolved.stop
                self._last = replace(place, strip=strip)
                await self._keep(Standing(self._last, place.tile_px))
        if self._last is not None and self._last.tile_px != place.tile_px:
            await self._keep(Standing(self._last, place.tile_px))
        return place

    async def _catch_up(self, standing: Standing) -> Place:
        """Compute the strip that an earlier walk finished last, for its feather alone, and return where to go on.

        When there is no memory for it any more, the next strip begins without a blend.
        """
        self._last = last = standing.last
        plan = self._plan(last)
        row = plan.rows[last.strip]
        self._rows_done = row.resolved.stop
        self._fraction = self._rows_done / self._size.height
        pace = Pace((len(plan.rows) - last.strip) * len(plan.columns), tiles_at_once(self._runtime))
        self._notify(events.Progress(0, pace.left, self._fraction, None))
        if self._rows_done < self._size.height:
            try:
                async with aclosing(self._tiles(plan, (row,))) as tiles:
                    await self._strip(plan, row, tiles, pace)
            except (OutOfMemory, MemoryError) as exc:
                return Place(min(self._smaller(plan, exc), standing.tile_px), self._rows_done, 0)
            self._canvas.skip_strip()
        if standing.tile_px == last.tile_px:
            return replace(last, strip=last.strip + 1)
        return Place(standing.tile_px, self._rows_done, 0)

    def _plan(self, place: Place) -> TilePlan:
        spec = self._spec
        return tiling.plan(self._size, place.tile_px, spec.halo_px, spec.min_tile_px, place.from_row)

    def _smaller(self, plan: TilePlan, exc: OutOfMemory | MemoryError) -> int:
        """Return the side of smaller tiles, after telling of them; there are none below the floor."""
        used = max(plan.tile.width, plan.tile.height)
        tile_px = max(used // 2, tiling.smallest_tile(self._spec.halo_px, self._spec.min_tile_px))
        if tile_px >= used:
            raise OutOfMemory(
                f"This device has no memory even for a tile of {used} px. Close other pages and programs, "
                "or choose a smaller model or another device.",
                tile_px=used,
                about="no-memory-for-a-tile",
            ) from exc
        self._notify(events.SmallerTiles(used, tile_px))
        return tile_px

    async def _tiles(self, plan: TilePlan, rows: tuple[AxisTile, ...]) -> AsyncGenerator[Floats, None]:
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

    async def _strip(self, plan: TilePlan, row: AxisTile, tiles: AsyncIterator[Floats], pace: Pace) -> None:
        self._canvas.open_strip(row)
        for column in plan.columns:
            self._canvas.add(column, await anext(tiles))
            self.tiles_done += 1
            pace.tick()
            rows_done = row.resolved.start + row.resolved.length * column.resolved.stop / self._size.width
            self._fraction = max(self._fraction, rows_done / self._size.height)
            self._notify(
                events.Progress(
                    self.tiles_done, self.tiles_done + pace.left, self._fraction, pace.seconds_left
                )
            )

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


async def _keep_nothing(_standing: Standing) -> None:
    """Return: nobody wants to go on later."""


def _to_tile(samples: Samples, plan: TilePlan) -> Floats:
    """Return (1, 3, height, width) float32 in [0, 1]; pictures smaller than a tile are mirrored outwards."""
    missing = (plan.tile.height - samples.shape[1], plan.tile.width - samples.shape[2])
    if any(missing):
        samples = np.pad(samples, ((0, 0), (0, missing[0]), (0, missing[1])), mode="reflect")
    tile = np.empty((1, 3, plan.tile.height, plan.tile.width), np.float32)
    np.multiply(samples, np.float32(1 / np.iinfo(samples.dtype).max), out=tile[0])
    return tile
