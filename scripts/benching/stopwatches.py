"""Runs in the engine's worker before its own entry: a stopwatch on each part of a job."""

from __future__ import annotations

import functools
import inspect
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import js

from fourxl import encode, image, paeth, png, tiles
from fourxl.blending import StripCanvas
from fourxl_web.worker import engine, opfs, runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARTS = (
    (engine.Engine, "_upscale", "other Python of the engine"),
    (image, "decode", "decoding the file"),
    (tiles, "_to_tile", "tile to floats"),
    (tiles.Tiles, "_network", "checking the numbers"),
    (runtime.OrtWebRuntime, "run", "session.run with the calls around it"),
    (runtime, "to_js", "tile out of Python"),
    (runtime, "_to_array", "answer into Python"),
    (StripCanvas, "add", "blending and rounding"),
    (StripCanvas, "close_strip", "handing rows over"),
    (encode, "open_png", "opening the encoder"),
    (png.PngEncoder, "write", "PNG: packing"),
    (paeth, "filtered", "PNG: predicting"),
    (png.PngEncoder, "cut", "PNG: ending a band"),
    (png.PngEncoder, "finish", "PNG: finishing"),
    (opfs, "to_js", "bytes out of Python"),
    (opfs.OpfsFile, "take", "writing to the disk"),
    (opfs.OpfsFile, "flush", "waiting for the disk"),
    (opfs.OpfsFolder, "write_text", "writing down how far it is"),
    (engine, "_tell", "events"),
)
"""Owner, name, and what it does. A part's time excludes that of the parts inside it."""

_times: dict[str, float] = {}
_running: list[str] = []
_since = 0.0


def _switch() -> None:
    """Book the time since the last switch on the innermost part."""
    global _since  # noqa: PLW0603 - one clock for one worker
    now = time.perf_counter()
    if _running:
        _times[_running[-1]] = _times.get(_running[-1], 0.0) + now - _since
    _since = now


@contextmanager
def _part(name: str) -> Iterator[None]:
    if not _running:
        _times.clear()
    _switch()
    _running.append(name)
    try:
        yield
    finally:
        _switch()
        _running.pop()
        if not _running:
            js.benchTimes = json.dumps(_times)


def _watched(work: Callable[..., Any], name: str) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(work):

        @functools.wraps(work)
        async def awaited(*given: Any, **named: Any) -> Any:
            with _part(name):
                return await work(*given, **named)

        return awaited

    @functools.wraps(work)
    def called(*given: Any, **named: Any) -> Any:
        with _part(name):
            return work(*given, **named)

    return called


for _owner, _name, _words in PARTS:
    setattr(_owner, _name, _watched(getattr(_owner, _name), _words))
