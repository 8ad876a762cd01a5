"""How long pictures will take, told before they are begun and while they run: pure."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

from fourxl import tiling
from fourxl.geometry import Size
from fourxl_web.language import count, say
from fourxl_web.page import batch
from fourxl_web.page.quantities import size as weight
from fourxl_web.page.timing.rounding import about
from fourxl_web.shelf import NOTABLE_BYTES
from fourxl_web.speed import TILE_PX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fourxl.manifest import ModelSpec
    from fourxl.settings import Format, JobSettings
    from fourxl_web.page.remote.place import Place
    from fourxl_web.page.state import Item, State
    from fourxl_web.page.timing.speeds import Speeds

AROUND_S = {"png": 1.4e-7, "jpeg": 2.2e-7, "webp": 3.2e-7}
"""What a pixel that the network makes takes besides, until a job has shown it, on the machine of ``_SWIFT_S``:
PNG as ``scripts/bench profile`` has it, the others against PNG as jobs took them."""

_SWIFT_S = 4.5e-6
"""What swift took there for a source pixel on the processor (``scripts/bench swift``)."""


def sizes(items: Iterable[Item]) -> tuple[Size, ...] | None:
    """Return how large pictures are; those whose sides are not known by their bytes, against the others'.

    None when no sides are known.
    """
    items = list(items)
    if not any(item.picked.sides_px for item in items):
        return None
    pixels = batch.weights(items)
    return tuple(
        Size(*item.picked.sides_px) if item.picked.sides_px else _square(pixels[item.id]) for item in items
    )


def device_seconds(
    size: Size, wanted: JobSettings, spec: ModelSpec, models: Iterable[ModelSpec], speeds: Speeds
) -> float | None:
    """Return how long this device takes for a picture; None when there is nothing to go by.

    Transparency may take as long again as the colours: only the whole file tells whether there is any.
    """
    pace = speeds.pace(speeds.chosen_runtime(wanted.device), spec, models)
    if pace is None:
        return None
    return _computed_px(size, wanted, spec) * pace + made_px(size, spec) * _around_s(wanted.format, speeds)


def server_seconds(
    size: Size, wanted: JobSettings, spec: ModelSpec, place: Place, upload_s: float = 0.0
) -> float | None:
    """Return how long the server takes, as it told of itself; None when it did not."""
    pace = place.seconds_a_pixel.get(spec.id)
    return None if pace is None else _computed_px(size, wanted, spec) * pace + upload_s


def made_px(size: Size, spec: ModelSpec) -> int:
    """Return how many pixels the network makes of a picture."""
    return size.scaled(spec.scale).pixels


def expected(
    items: Sequence[Item], wanted: JobSettings, spec: ModelSpec, models: Sequence[ModelSpec], speeds: Speeds
) -> dict[str, float]:
    """Return how long each picture takes on this device, by its id; nothing when that is not known."""
    found = {}
    for item, size in zip(items, sizes(items) or (), strict=False):
        seconds = device_seconds(size, wanted, spec, models, speeds)
        if seconds is not None:
            found[item.id] = seconds
    return found


def batch_left(
    running_left_s: float | None,
    running_expected_s: float,
    rest_expected_s: Iterable[float],
    ended: Iterable[tuple[float, float]] = (),
) -> float:
    """Return how long a batch goes on: what runs, by its tiles if they tell, and what is still to come.

    What was expected is corrected by what has ``ended``: pairs of what was expected and what it took.
    """
    pairs = list(ended)
    expected_s = sum(pair[0] for pair in pairs)
    ratio = sum(pair[1] for pair in pairs) / expected_s if expected_s else 1.0
    now_s = running_expected_s * ratio if running_left_s is None else running_left_s
    return now_s + sum(rest_expected_s) * ratio


def before(state: State, wanted: JobSettings, spec: ModelSpec, speeds: Speeds) -> str:
    """Return what is said before Enhance is pressed; nothing where nothing is known."""
    ids = set(batch.to_run(state))
    items = [item for item in state.items if item.id in ids]
    found = sizes(items)
    if found is None:
        return ""
    here = "" if state.place.mode == "server" else _here(state, found, wanted, spec, speeds)
    there = _there(state.place, found, items, wanted, spec, speeds)
    host = state.place.server.host if state.place.server else ""
    if here and there:
        line = say("estimate.both", here=here, there=there, host=host)
    else:
        line = here or (there and say("estimate.there", there=there, host=host))
    return count("estimate.all", len(items), line=line) if line and len(items) > 1 else line


def during(left_s: float, pictures: int) -> str:
    """Return what is said while a batch of several pictures runs."""
    return count("estimate.left", pictures, time=about(left_s))


def of_model(state: State, wanted: JobSettings, spec: ModelSpec, speeds: Speeds) -> str:
    """Return how long the selected picture takes by one of the models, for its card."""
    item = state.selected_item
    found = sizes([item]) if item else None
    if found is None or state.place.mode == "server" or not spec.is_ready:
        return ""
    seconds = device_seconds(found[0], wanted, spec, state.models, speeds)
    return "" if seconds is None else about(seconds)


def _here(state: State, found: Sequence[Size], wanted: JobSettings, spec: ModelSpec, speeds: Speeds) -> str:
    """Return how long all pictures take on this device, and what is to be downloaded first."""
    if not spec.is_ready:
        return ""
    seconds = [device_seconds(size, wanted, spec, state.models, speeds) for size in found]
    known = [value for value in seconds if value is not None]
    if len(known) < len(seconds):
        return ""
    missing_bytes = state.shelf.missing_bytes(spec) if state.shelf else 0
    if missing_bytes < NOTABLE_BYTES:
        return say("estimate.here", time=about(sum(known)))
    return say("estimate.here-download", time=about(sum(known)), size=weight(missing_bytes))


def _there(
    place: Place,
    found: Sequence[Size],
    items: Sequence[Item],
    wanted: JobSettings,
    spec: ModelSpec,
    speeds: Speeds,
) -> str:
    """Return how long all pictures take at the server, which has been asked only where it may be."""
    if place.server is None or place.mode == "device":
        return ""
    a_byte_s = speeds.sending.get(place.server.host)
    total_s = 0.0
    for size, item in zip(found, items, strict=True):
        seconds = server_seconds(size, wanted, spec, place, (a_byte_s or 0) * item.picked.size_bytes)
        if seconds is None:
            return ""
        total_s += seconds
    time = about(total_s)
    line = time if a_byte_s is not None else say("estimate.computing", time=time)
    return count("estimate.queue", place.ahead, line=line) if place.ahead else line


def _computed_px(size: Size, wanted: JobSettings, spec: ModelSpec) -> int:
    """Return how many source pixels go through the network, halos and all."""
    tile_px = min(wanted.tile_px or TILE_PX, spec.max_tile_px)
    plan = tiling.plan(size, tile_px, spec.halo_px, spec.min_tile_px)
    return plan.tiles * plan.tile.pixels


def _around_s(format_name: Format, speeds: Speeds) -> float:
    """Return what a pixel that the network makes takes besides; unknown ones as other formats or swift took here."""
    if (known := speeds.around.get(format_name)) is not None:
        return known
    shown = [speeds.around[name] / usual_s for name, usual_s in AROUND_S.items() if name in speeds.around]
    slowness = speeds.tiles.get("wasm swift", _SWIFT_S) / _SWIFT_S
    times = sum(shown) / len(shown) if shown else slowness
    return AROUND_S[format_name] * times


def _square(pixels: float) -> Size:
    side = max(isqrt(round(pixels)), 1)
    return Size(side, side)
