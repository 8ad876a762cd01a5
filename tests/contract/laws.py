"""What every runtime promises the pipeline, as coroutines that raise AssertionError when it is broken.

Each law takes an open runtime and the scale of its network. Laws need numpy and the standard
library only, so that they run inside the browser's worker as well as under pytest.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from fourxl.errors import RuntimeFailure
from fourxl.runtime import TileRuntime

Law = Callable[[TileRuntime, int], Awaitable[None]]
Tile = np.ndarray[Any, np.dtype[np.float32]]

SHAPES = ((16, 16), (24, 16), (16, 24), (17, 31))
"""Width and height of the tiles; the smallest is the least that any model of the table takes."""

FLAT_TOLERANCE = 2 / 255
"""A network may be off by this much where there is nothing to enlarge."""


def noise(width: int = 20, height: int = 16, seed: int = 0) -> Tile:
    """Return a tile of noise, the same in every run."""
    return np.random.default_rng(seed).random((1, 3, height, width), np.float32)


async def law_answer_is_scale_times_larger(runtime: TileRuntime, scale: int) -> None:
    """A tile of any shape comes back ``scale`` times larger; one runtime takes all shapes in turn."""
    for width, height in (*SHAPES, SHAPES[0]):
        shape = (await runtime.run(noise(width, height))).shape
        assert shape == (1, 3, height * scale, width * scale), f"{width}x{height} gives {shape}"


async def law_answer_is_float32_in_plain_memory(runtime: TileRuntime, scale: int) -> None:
    """The answer is contiguous float32, all of it finite, and the caller may write into it."""
    del scale
    answer = await runtime.run(noise())
    assert isinstance(answer, np.ndarray), type(answer)
    assert answer.dtype == np.float32, answer.dtype
    assert answer.flags.c_contiguous
    assert answer.flags.writeable
    assert np.isfinite(answer).all()


async def law_answer_belongs_to_the_caller(runtime: TileRuntime, scale: int) -> None:
    """An answer stays as it is while others are computed, and what is written into it stays there."""
    del scale
    first = await runtime.run(noise(seed=1))
    copy = first.copy()
    await runtime.run(noise(seed=2))
    assert np.array_equal(first, copy), "a later tile changed an earlier answer"
    first[:] = -1
    again = await runtime.run(noise(seed=1))
    assert np.array_equal(again, copy), "writing into an answer changed a later one"
    assert (first == -1).all(), "a later tile changed an earlier answer"


async def law_tile_is_left_as_it_was(runtime: TileRuntime, scale: int) -> None:
    """The tile that is given stays unchanged, also when its answer is written into."""
    del scale
    tile = noise()
    copy = tile.copy()
    answer = await runtime.run(tile)
    answer[:] = -1
    assert np.array_equal(tile, copy)


async def law_same_tile_same_answer(runtime: TileRuntime, scale: int) -> None:
    """A tile gives the same answer to the last bit, whatever was computed in between."""
    del scale
    for width, height in SHAPES:
        first = await runtime.run(noise(width, height))
        await runtime.run(noise(height, width, seed=3))
        assert np.array_equal(await runtime.run(noise(width, height)), first), f"{width}x{height}"


async def law_memory_of_the_tile_does_not_matter(runtime: TileRuntime, scale: int) -> None:
    """A view, however strided, gives the answer of its contiguous copy."""
    del scale
    whole = noise(48, 40, seed=4)
    for view in (whole[:, :, 8:24, 8:28], whole[:, :, ::2, ::2], whole[:, ::-1, 16:0:-1, :20]):
        expected = await runtime.run(np.ascontiguousarray(view))
        assert np.array_equal(await runtime.run(view), expected)


async def law_flat_stays_flat(runtime: TileRuntime, scale: int) -> None:
    """One colour all over stays that colour, up to 2 levels of 255."""
    del scale
    for colour in ((0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.5), (0.8, 0.3, 0.1)):
        wanted = np.asarray(colour, np.float32).reshape(1, 3, 1, 1)
        answer = await runtime.run(np.broadcast_to(wanted, (1, 3, 16, 16)).copy())
        off = float(np.abs(answer - wanted).max())
        assert off <= FLAT_TOLERANCE, f"{colour} is off by {off * 255:.1f} levels"


async def law_answer_lies_as_its_tile(runtime: TileRuntime, scale: int) -> None:
    """The answer, averaged back to the tile's size, is about the tile: not turned, shifted or with colours swapped."""
    rows, columns = np.mgrid[0:24, 0:32].astype(np.float32)
    tile = np.stack([rows / 24, columns / 32, (24 - rows + columns) / 56])[None]
    answer = await runtime.run(tile)
    shrunk = answer.reshape(1, 3, 24, scale, 32, scale).mean(axis=(3, 5))
    off = float(np.abs(shrunk - tile).max())
    assert off < 0.02, f"off by {off:.3f}"


async def law_tells_what_it_is(runtime: TileRuntime, scale: int) -> None:
    """Name, device and reason are there to be shown, and a tile size to plan with."""
    del scale
    assert isinstance(runtime.name, str)
    assert runtime.name
    assert runtime.device in ("GPU", "CPU"), runtime.device
    assert isinstance(runtime.reason, str)
    assert runtime.reason.endswith((".", "}")), "the reason is a sentence, or a packed one"
    assert type(runtime.tile_px) is int
    assert 16 <= runtime.tile_px <= 4096


async def law_runs_at_the_same_time(runtime: TileRuntime, scale: int) -> None:
    """Tiles that are asked for at the same time give the answers they give one after the other."""
    del scale
    tiles = [noise(*SHAPES[seed], seed=seed) for seed in range(3)]
    expected = [await runtime.run(tile) for tile in tiles]
    answers = await asyncio.gather(*(runtime.run(tile) for tile in tiles))
    for answer, wanted in zip(answers, expected, strict=True):
        assert np.array_equal(answer, wanted)


async def _cancelled(runtime: TileRuntime) -> None:
    """Start a tile, cancel it once it is under way, and see that it ends as cancelled."""
    task = asyncio.ensure_future(runtime.run(noise(seed=6)))
    await asyncio.sleep(0)
    assert not task.done(), "there is nothing left to cancel"
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return
    raise AssertionError("a cancelled tile gave an answer")


async def law_goes_on_after_a_cancel(runtime: TileRuntime, scale: int) -> None:
    """A cancelled tile ends as cancelled, and the next ones are computed as ever."""
    del scale
    expected = await runtime.run(noise(seed=5))
    for _ in range(2):
        await _cancelled(runtime)
        assert np.array_equal(await runtime.run(noise(seed=5)), expected)


async def law_cancel_spares_the_others(runtime: TileRuntime, scale: int) -> None:
    """Of tiles asked for at the same time, those that are not cancelled are computed as ever."""
    del scale
    expected = [await runtime.run(noise(seed=seed)) for seed in range(3)]
    tasks = [asyncio.ensure_future(runtime.run(noise(seed=seed))) for seed in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[1], asyncio.CancelledError), type(answers[1])
    for seed in (0, 2):
        assert isinstance(answers[seed], np.ndarray), answers[seed]
        assert np.array_equal(answers[seed], expected[seed])


async def law_refuses_after_closing(runtime: TileRuntime, scale: int) -> None:
    """Closing twice is fine; a tile after that is a RuntimeFailure."""
    del scale
    await runtime.run(noise())
    await runtime.close()
    await runtime.close()
    try:
        await runtime.run(noise())
    except RuntimeFailure:
        return
    raise AssertionError("a closed runtime gave an answer")


async def law_closes_after_its_last_tile(runtime: TileRuntime, scale: int) -> None:
    """Closing while a tile is computed does not spoil that tile."""
    del scale
    expected = await runtime.run(noise())
    task = asyncio.ensure_future(runtime.run(noise()))
    await asyncio.sleep(0)
    await runtime.close()
    assert np.array_equal(await task, expected)


ENDING = frozenset({"refuses_after_closing", "closes_after_its_last_tile"})
"""Laws that leave their runtime closed."""

LAWS: dict[str, Law] = {
    name.removeprefix("law_"): law
    for name, law in inspect.getmembers(sys.modules[__name__], inspect.iscoroutinefunction)
    if name.startswith("law_")
}
"""Every law of this module by its name."""
