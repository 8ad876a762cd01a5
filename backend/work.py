"""One job from its first byte to its last, as a generator of what it tells: the only thing a GPU is lent for."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend import pace
from fourxl import events, image, pipeline
from fourxl.errors import TimedOut

if TYPE_CHECKING:
    from collections.abc import Generator

    from backend.library import Library
    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.settings import JobSettings


@dataclass(frozen=True, slots=True)
class Finished:
    """The file, what was done, and where."""

    file: bytes
    done: events.Done
    placed: events.Placed


Step = events.Event | Finished


def enlarge(
    data: bytes, job: JobSettings, spec: ModelSpec, library: Library, max_seconds: float
) -> Generator[Step, None, None]:
    """Yield the events of one job as they happen, its ``Finished`` last.

    It runs in the thread that asks for the next step. Closing the generator ends the job at its next tile.

    Raises:
        TooSlow: the job would take longer than ``max_seconds``; told before its first tile.
        TimedOut: it took longer.
        FourxlError: as ``pipeline.upscale``.
    """
    try:
        with asyncio.Runner() as runner:
            told: asyncio.Queue[events.Event] = asyncio.Queue()
            task = runner.get_loop().create_task(_run(data, job, spec, library, max_seconds, told))
            while (event := runner.run(_next(told, task))) is not None:
                yield event
            yield task.result()
    finally:
        _release_memory()


async def _run(
    data: bytes,
    job: JobSettings,
    spec: ModelSpec,
    library: Library,
    max_seconds: float,
    told: asyncio.Queue[events.Event],
) -> Finished:
    parts = _Parts()
    places: list[events.Placed] = []

    def notify(event: events.Event) -> None:
        if isinstance(event, events.Placed):
            places.append(event)
        told.put_nowait(event)

    async def open_runtime() -> TileRuntime:
        lent = await lending.enter_async_context(library.lend(spec, job.denoise))
        pace.check(image.measure(data), job, spec, lent, max_seconds)
        return lent.runtime

    try:
        async with asyncio.timeout(max_seconds), AsyncExitStack() as lending:
            done = await pipeline.upscale(data, job, spec, open_runtime, parts, notify)
    except TimeoutError as exc:
        raise TimedOut(
            f"The picture was not done after {max_seconds:g} seconds, which is all the time a job has on this "
            "server. Choose a quicker model or a smaller picture.",
            max_seconds=max_seconds,
        ) from exc
    return Finished(b"".join(parts), done, places[-1])


async def _next(told: asyncio.Queue[events.Event], task: asyncio.Task[Finished]) -> events.Event | None:
    """Return the next event; None once the task has ended and all is told."""
    if told.empty() and not task.done():
        getting = asyncio.ensure_future(told.get())
        await asyncio.wait((getting, task), return_when=asyncio.FIRST_COMPLETED)
        if getting.done():
            return getting.result()
        getting.cancel()
    return None if told.empty() else told.get_nowait()


class _Parts(list[bytes]):
    """A sink that keeps the result in memory."""

    write = list.append


def _release_memory() -> None:
    """Give what the job took back to the system, where the C library can (glibc's malloc_trim)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
