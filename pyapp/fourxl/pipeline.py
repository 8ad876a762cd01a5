"""The whole job: the only file that knows the order of things."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fourxl import encode, events, image, metadata, network, sizing
from fourxl.blending import StripCanvas
from fourxl.errors import OutOfMemory
from fourxl.reducing import Reducer
from fourxl.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from fourxl.geometry import Size
    from fourxl.image import Samples
    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.settings import JobSettings

    Notify = Callable[[events.Event], None]


async def upscale(
    data: bytes,
    settings: JobSettings,
    spec: ModelSpec,
    open_runtime: Callable[[], Awaitable[TileRuntime]],
    sink: encode.Sink,
    notify: Notify,
) -> events.Done:
    """Enlarge the picture in ``data``, write the file to ``sink`` and return what was done.

    ``open_runtime`` is asked for a runtime once the picture is known to be good; the runtime
    stays its owner's. ``notify`` is told of every step, the returned ``Done`` last.

    Raises:
        InputError, OutputError, InvalidSettings: before any tile is computed.
        RuntimeFailure: what the runtime raised; OutOfMemory only when the smallest tile, or the
            result as its format wants it, does not fit.
        asyncio.CancelledError: at the next tile after the task was cancelled.
    """
    started = time.perf_counter()
    notify(events.Stage("reading"))
    picture = metadata.for_result(image.decode(data), settings)
    whole = picture.size.scaled(spec.scale)
    size = sizing.target(picture.size, spec.scale, settings)
    encode.check_fits(size, settings)
    notify(events.Stage("loading"))
    runtime = await open_runtime()
    notify(events.Placed(runtime.name, runtime.device, runtime.reason))
    notify(events.Stage("enlarging"))
    counted = _CountingSink(sink)
    with _telling_of_memory(size, settings):
        encoder = encode.open_encoder(counted, size, picture, settings)
        channels = picture.planes.shape[0] + (picture.alpha is not None)
        emit = _strips(encoder) if size == whole else Reducer(whole, size, encoder.write).write
        canvas = StripCanvas(whole.width, channels, encode.result_depth(picture, settings), spec.scale, emit)
        walk = Walk(picture, spec, runtime, canvas, notify, settings.strength)
        await walk.run(settings.tile_px or runtime.tile_px)
        notify(events.Stage("writing"))
        await asyncio.sleep(0)
        encoder.finish()
    notes = picture.notes + network.notes(spec, settings.denoise)
    done = events.Done(
        width=size.width,
        height=size.height,
        size_bytes=counted.size_bytes,
        seconds=time.perf_counter() - started,
        runtime_seconds=walk.runtime_seconds,
        tiles=walk.tiles_done,
        notes=(),
        size_label=sizing.label(spec.scale, settings),
        computed_px=walk.computed_px,
    ).noted(*notes)
    notify(done)
    return done


def _strips(encoder: encode.Encoder) -> Callable[[Samples], None]:
    """Return what writes one strip after the other, each so that it stands in the file for itself."""

    def emit(rows: Samples) -> None:
        encoder.write(rows)
        encoder.cut()

    return emit


@contextmanager
def _telling_of_memory(size: Size, settings: JobSettings) -> Iterator[None]:
    """Turn a MemoryError outside the tiles, which smaller tiles would not cure, into one of ours."""
    try:
        yield
    except MemoryError as exc:
        is_png = settings.format == "png"
        advice = "" if is_png else " or choose PNG, which is written in strips"
        raise OutOfMemory(
            f"This device has no memory for a result of {size} pixels. Close other pages and programs{advice}.",
            about="no-memory-for-a-png" if is_png else "no-memory-for-a-result",
            width=size.width,
            height=size.height,
        ) from exc


class _CountingSink:
    """Passes bytes on and counts them."""

    def __init__(self, sink: encode.Sink) -> None:
        self._sink = sink
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        self.size_bytes += len(data)
        self._sink.write(data)
