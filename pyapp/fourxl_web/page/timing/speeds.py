"""How quick this device and a server have been: remembered, renewed by every job, pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from fourxl import cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fourxl.events import Done
    from fourxl.manifest import ModelSpec
    from fourxl.settings import DeviceChoice
    from fourxl_web.speed import Measured

_OF_A_CHOICE = {"gpu": "webgpu", "cpu": "wasm"}
"""What a person's choice of a device computes with."""

_PER_MAC = {("wasm", "swift"): 1.0, ("wasm", "compact"): 0.36, ("wasm", "rrdb"): 0.36}
"""What a multiply-accumulate takes against one of swift's; 1 where nothing was measured.

swift's graph is plain and its layers are narrow; ``compact`` and ``rrdb`` run as Winograd graphs on the processor,
which needs fewer operations for the same convolution. ``scripts/bench swift`` (RESULTS.md): realesr-general-x4v3
computes 18.8 times as much as swift and took 6.7 times as long with one thread, 6.5 with two.
"""

_HEAVY_PX = 40_000
"""A job of so many pixels counts as much as all that is remembered; less than half a tile tells little."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """What is known of the pace of things."""

    origin: str = ""
    """The build and the browser in which it was learned; in another one it is worth nothing."""

    runtime: str = ""
    """What Automatic computes with; empty until the engine has told."""

    tiles: Mapping[str, float] = field(default_factory=dict)
    """Seconds a source pixel takes in the network, halos and all, by runtime and model: ``wasm swift``."""

    around: Mapping[str, float] = field(default_factory=dict)
    """Seconds a pixel that the network makes takes besides, to be read, blended and encoded, by format."""

    sending: Mapping[str, float] = field(default_factory=dict)
    """Seconds a byte takes on its way to a server, by host."""

    def to_text(self) -> str:
        """Return what ``recall`` reads."""
        return json.dumps(asdict(self))

    def chosen_runtime(self, device: DeviceChoice) -> str:
        """Return what a job with that choice of a device computes with; empty when that is not known."""
        return _OF_A_CHOICE.get(device, self.runtime)

    def pace(self, runtime: str, spec: ModelSpec, models: Iterable[ModelSpec]) -> float | None:
        """Return the seconds that ``spec`` takes for a source pixel; None when there is nothing to go by.

        What never ran is reckoned from another of ``models`` that did, by what both compute.
        """
        if (known := self.tiles.get(f"{runtime} {spec.id}")) is not None:
            return known
        ran = [other for other in models if f"{runtime} {other.id}" in self.tiles]
        ran.sort(key=lambda other: (other.architecture != spec.architecture, _kind(other) != _kind(spec)))
        for other in ran:
            if (ratio := _ratio(runtime, spec, other)) is not None:
                return self.tiles[f"{runtime} {other.id}"] * ratio
        return None


def recall(text: str | None, origin: str) -> Speeds:
    """Return the speeds that ``to_text`` described, if they are of the same origin; else none."""
    try:
        kept = json.loads(text or "{}")
        if kept["origin"] != origin:
            return Speeds(origin)
        maps = {name: _positive(kept[name]) for name in ("tiles", "around", "sending")}
        return Speeds(origin, str(kept["runtime"]), **maps)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Speeds(origin)


def measured(speeds: Speeds, found: Measured) -> Speeds:
    """Return the speeds after a measurement; what jobs have shown is worth more."""
    tiles = {f"{found.runtime} {found.model_id}": found.seconds_a_pixel, **speeds.tiles}
    return replace(speeds, runtime=found.runtime, tiles=tiles)


def learned(
    speeds: Speeds, done: Done, runtime: str, model_id: str, format_name: str, made_px: int, waited_s: float
) -> Speeds:
    """Return the speeds after a job on this device that made ``made_px`` and waited for its model so long."""
    if not done.computed_px or done.runtime_seconds <= 0:
        return speeds
    pace = done.runtime_seconds / done.computed_px
    besides = max(done.seconds - done.runtime_seconds - waited_s, 0) / max(made_px, 1)
    tiles = _renewed(speeds.tiles, f"{runtime} {model_id}", pace, done.computed_px)
    return replace(
        speeds, tiles=tiles, around=_renewed(speeds.around, format_name, besides, done.computed_px)
    )


def sent(speeds: Speeds, host: str, size_bytes: int, seconds: float) -> Speeds:
    """Return the speeds after that much went to a server."""
    return replace(
        speeds, sending=_renewed(speeds.sending, host, seconds / max(size_bytes, 1), 2 * _HEAVY_PX)
    )


def _renewed(known: Mapping[str, float], name: str, value: float, weight_px: int) -> dict[str, float]:
    before = known.get(name, value)
    share = weight_px / (weight_px + _HEAVY_PX)
    return {**known, name: before + (value - before) * share}


def _positive(kept: Mapping[str, object]) -> dict[str, float]:
    return {
        str(name): float(value)
        for name, value in kept.items()
        if isinstance(value, (int, float)) and 0 <= value < float("inf")
    }


def _kind(spec: ModelSpec) -> str:
    return spec.architecture.partition(" ")[0]


def _ratio(runtime: str, spec: ModelSpec, other: ModelSpec) -> float | None:
    """Return how many times as long as ``other`` a pixel of ``spec`` takes."""
    macs, other_macs = cost.macs_a_pixel(spec.architecture), cost.macs_a_pixel(other.architecture)
    if macs is None or other_macs is None:
        return None
    per_mac, other_per_mac = (_PER_MAC.get((runtime, _kind(model)), 1.0) for model in (spec, other))
    return macs * per_mac / (other_macs * other_per_mac)
