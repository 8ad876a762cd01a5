"""A network of the person's own: how it takes pictures is found out by showing it a few small ones.

What its file declares narrows the choice; what counts is what comes out. Every refusal is a
sentence that says what is in the way.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from fourxl import manifest, own_trial, tiling
from fourxl.errors import BadManifest, UnsuitableModel
from fourxl.manifest import ModelFile, ModelSpec
from fourxl.own_form import Form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fourxl.runtime import RawRuntime

MAX_BYTES = 256 << 20
"""Of a file: a browser holds it, the network made of it, and the picture."""

HALO_PX = 32
"""Twice what Real-ESRGAN's largest network is given; one that looks further shows faint seams."""

MIN_TILE_PX, MAX_TILE_PX = 16, 512

_RUNTIMES = ("wasm", "webgpu", "onnxruntime")


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A network that enlarges pictures, and how it wants them."""

    spec: ModelSpec
    form: Form


async def inspect(network: RawRuntime, name: str, content: bytes) -> OwnModel:
    """Return what the file ``name`` is; ``network`` is what a runtime made of its ``content``.

    Raises:
        UnsuitableModel: it enlarges no pictures, or not in a way that can be used.
        RuntimeFailure: memory ran out, or the device went away.
    """
    form, side_px = await own_trial.first_that_works(network)
    form = await own_trial.with_range(network, form, side_px)
    if form.height is None or form.width is None:
        form = await own_trial.with_multiple(network, form, side_px)
    return OwnModel(_describe(name, content, form, side_px), form)


def to_json(models: Iterable[OwnModel]) -> str:
    """Return the text of which ``from_json`` makes these models again."""
    known = tuple(models)
    return json.dumps(
        {
            "table": manifest.to_json(model.spec for model in known),
            "forms": [asdict(model.form) for model in known],
        }
    )


def from_json(text: str | bytes) -> tuple[OwnModel, ...]:
    """Return the models that ``to_json`` wrote.

    Raises:
        BadManifest: it did not write that, or another version of it did.
    """
    try:
        raw = json.loads(text)
        specs, forms = manifest.parse(raw["table"]).models, [Form(**form) for form in raw["forms"]]
        return tuple(OwnModel(spec, form) for spec, form in zip(specs, forms, strict=True))
    except (ValueError, KeyError, TypeError) as exc:
        reason = f"{type(exc).__name__}: {exc}"
        raise BadManifest(
            f"The table of own models cannot be read ({reason}).", about="unreadable-own-table", reason=reason
        ) from exc


def _describe(name: str, content: bytes, form: Form, side_px: int) -> ModelSpec:
    fixed = [side for side in (form.height, form.width) if side is not None]
    max_px = min(fixed, default=MAX_TILE_PX)
    min_px = min(max(MIN_TILE_PX, side_px), max_px)
    room_px = (max_px - tiling.smallest_tile(0, 0)) // 2
    if max_px < MIN_TILE_PX:
        raise UnsuitableModel(
            f"This network takes tiles of {max_px} px; {MIN_TILE_PX} px is the least that can be joined.",
            about="tiles-too-small",
            tile_px=max_px,
            least_px=MIN_TILE_PX,
        )
    digest = hashlib.sha256(content).hexdigest()
    colours = "RGB" if form.channels > 1 else "grey, so each colour is enlarged alone"
    sizes = f"tiles of {max_px} px only" if fixed else f"any size in steps of {form.multiple_px} px"
    return ModelSpec(
        id=f"own-{digest[:16]}",
        label=f"Own: {name}",
        purpose=(
            f"Your own model: {form.scale}x, {colours}, values from {form.black:g} to {form.white:g}, {sizes}. "
            "It stays on this device."
        ),
        architecture=manifest.OWN,
        scale=form.scale,
        halo_px=min(HALO_PX, max_px // 4, room_px) if fixed else HALO_PX,
        min_tile_px=min_px,
        max_tile_px=max_px,
        licence="its author's",
        source="a file on this device",
        graphs=dict.fromkeys(_RUNTIMES, ModelFile(name, len(content), digest)),
        trained=None,
        weak_denoise=None,
        answer=None,
    )
