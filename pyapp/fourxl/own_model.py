"""A network of the person's own: how it takes pictures is found out by showing it a few small ones.

What its file declares narrows the choice; what counts is what comes out. Every refusal is a
sentence that says what is in the way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourxl import own_trial, tiling
from fourxl.errors import UnsuitableModel
from fourxl.manifest import ModelFile, ModelSpec

if TYPE_CHECKING:
    from fourxl.errors import RuntimeFailure
    from fourxl.own_form import Form
    from fourxl.runtime import RawRuntime

MAX_BYTES = 256_000_000
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


def _describe(name: str, content: bytes, form: Form, side_px: int) -> ModelSpec:
    fixed = [side for side in (form.height, form.width) if side is not None]
    max_px = min(fixed, default=MAX_TILE_PX)
    min_px = min(max(MIN_TILE_PX, side_px), max_px)
    room_px = (max_px - tiling.smallest_tile(0, 0)) // 2
    if max_px < MIN_TILE_PX:
        raise UnsuitableModel(
            f"This network takes tiles of {max_px} px; {MIN_TILE_PX} px is the least that can be joined."
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
        architecture="own",
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


_REASONS = (
    (
        ("no op registered", "not a registered", "could not find an implementation", "not implemented"),
        "This network needs an operator that is not here",
    ),
    (("protobuf", "no graph was found"), "The file is no ONNX network, or is incomplete."),
    (("external",), "This network keeps its weights in a second file; save it as one file."),
    (
        ("ir version", "is under development", "opset"),
        "This network was written by a newer ONNX than this program reads; export it with opset 17.",
    ),
)
"""What onnxruntime says when it loads a network, in lower case, and what that means."""


def refusal(failure: RuntimeFailure) -> UnsuitableModel:
    """Return why a network that a runtime would not load cannot be used, in a sentence."""
    words = failure.message.lower()
    reason = next(
        (reason for signs, reason in _REASONS if any(sign in words for sign in signs)),
        "This network cannot be loaded",
    )
    return UnsuitableModel(
        reason if reason.endswith(".") else f"{reason} ({own_trial.first_line(failure.message)})."
    )
