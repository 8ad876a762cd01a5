"""The whole job: the only file that knows the order of things."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fourxl import encode, events, image, journal, layers, metadata, network, previews, sizing, tiling
from fourxl.blending import StripCanvas
from fourxl.delivery import Delivery, Order
from fourxl.errors import OutOfMemory
from fourxl.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from fourxl.geometry import Size
    from fourxl.journal import Checkpoint, Journal
    from fourxl.layers import Looks
    from fourxl.manifest import ModelSpec
    from fourxl.previews import Strip
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
    *,
    keep: Journal | None = None,
    looks: Looks | None = None,
    preview: Callable[[Strip], None] | None = None,
) -> events.Done:
    """Enlarge the picture in ``data``, write the file to ``sink`` and return what was done.

    ``open_runtime`` is asked for a runtime once the picture is known to be good; the runtime
    stays its owner's. ``notify`` is told of every step, the returned ``Done`` last. With ``keep``,
    whose ``result`` the sink must be then, a picture of several strips goes on where an earlier run
    of the same job stopped. ``preview`` is told of each strip of such a picture.

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
    tile_px = settings.tile_px or runtime.tile_px
    with _telling_of_memory(size, settings):
        order = Order(picture, settings, whole, size)
        if _is_one_strip(picture.size, spec, tile_px):
            _begin_anew(keep)
            keep = preview = None
        begun = None
        if keep is not None:
            fingerprint = journal.fingerprint(data, settings, spec, runtime)
            begun = await keep.begin(fingerprint, order.opening, in_result=order.is_rows)
        delivery = await _open_delivery(order, sink, keep, begun, looks, preview)
        canvas = StripCanvas(whole.width, picture.channels, order.depth, spec.scale, delivery.strip)
        walk = Walk(picture, spec, runtime, canvas, notify, settings.strength, delivery.keep)
        await walk.run(tile_px, begun.standing if begun else None)
        notify(events.Stage("writing"))
        await asyncio.sleep(0)
        made = delivery.finish()
    if looks is not None:
        looks.made = made
    done = events.Done(
        width=size.width,
        height=size.height,
        size_bytes=delivery.size_bytes,
        seconds=time.perf_counter() - started,
        runtime_seconds=walk.tiles.runtime_seconds,
        tiles=walk.tiles_done,
        notes=(),
        size_label=sizing.label(spec.scale, settings),
        computed_px=walk.tiles.computed_px,
        resumed_share=begun.rows / whole.height if begun else 0.0,
    ).noted(*picture.notes, *network.notes(spec, settings.denoise))
    notify(done)
    return done


def _is_one_strip(size: Size, spec: ModelSpec, tile_px: int) -> bool:
    """Return whether the walk begins with a plan of one row of tiles."""
    tile_px = min(tile_px, spec.max_tile_px)
    return len(tiling.plan(size, tile_px, spec.halo_px, spec.min_tile_px).rows) == 1


def _begin_anew(keep: Journal | None) -> None:
    """Forget what an earlier run may have left in the result."""
    if keep is not None:
        keep.result.truncate(0)


async def _open_delivery(
    order: Order,
    sink: encode.Sink,
    keep: Journal | None,
    begun: Checkpoint | None,
    looks: Looks | None,
    preview: Callable[[Strip], None] | None,
) -> Delivery:
    """Return what takes the strips, after those that were kept went through it."""
    picture = order.picture
    copies = None
    if looks is not None and order.settings.format == "png" and order.size.pixels > layers.LARGE_PIXELS:
        copies = await layers.open_layers(looks.folder, order.size, picture.channels, picture.icc)
    previewer = previews.Previewer(order.whole, picture.icc, preview) if preview else None
    delivery = Delivery(order, sink, keep, begun, copies, previewer)
    if begun is not None:
        delivery.again()
    return delivery


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
