"""Strip by strip over one picture, in smaller tiles when memory ends."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from fourxl import events, tiling
from fourxl.clocks import Pace
from fourxl.errors import OutOfMemory
from fourxl.runtime import tiles_at_once
from fourxl.tiles import Tiles
from fourxl.tiling import Place, Standing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from fourxl.blending import StripCanvas
    from fourxl.image import Picture
    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.tiles import Floats
    from fourxl.tiling import AxisTile, TilePlan


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
        self._size, self._spec, self._runtime = picture.size, spec, runtime
        self._canvas, self._notify = canvas, notify
        self._keep = keep or _keep_nothing
        self._fraction = 0.0
        self._rows_done = 0
        self._last: Place | None = None
        self.tiles = Tiles(picture, spec, runtime, strength)
        self.tiles_done = 0

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
        async with aclosing(self.tiles.computed(plan, rows)) as tiles:
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
                async with aclosing(self.tiles.computed(plan, (row,))) as tiles:
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


async def _keep_nothing(_standing: Standing) -> None:
    """Return: nobody wants to go on later."""
