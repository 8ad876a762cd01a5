"""Small pictures shown to an unknown network, to see how it takes them and what it makes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fourxl import own_form, own_reasons
from fourxl.errors import RuntimeFailure, UnsuitableModel
from fourxl.own_runtime import ask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fourxl.own_form import Form
    from fourxl.runtime import RawRuntime

    Floats = NDArray[np.float32]

MAX_SCALE = 16

_SIDES_PX = (16, 32, 64, 128, 256)
"""Tried in turn where the file does not say what the network takes."""

_RANGES = ((0.0, 1.0), (0.0, 255.0), (-1.0, 1.0))
"""Black and white, likely ones first."""

_LARGEST_ERROR = 0.1
"""Between a smooth picture and its enlargement, reduced again: mean difference, of 1."""

_CLEARLY_LESS, _LEVEL = 0.7, 1 / 255
"""An unlikely range is taken when its error is less by this factor, and by a level at least."""


async def first_that_works(network: RawRuntime) -> tuple[Form, int]:
    """Return the first form, and a side for what is free in it, in which a picture comes out larger.

    Raises:
        UnsuitableModel: in none.
        RuntimeFailure: memory ran out, or the device went away; so do the others.
    """
    refusals: list[UnsuitableModel] = []
    failures: list[RuntimeFailure] = []
    for form in own_form.candidates(network.inputs, network.outputs):
        is_fixed = form.height is not None and form.width is not None
        for side_px in _SIDES_PX[:1] if is_fixed else _SIDES_PX:
            try:
                scale = await _scale(network, form, side_px, side_px)
            except UnsuitableModel as refusal:
                refusals.append(refusal)
            except RuntimeFailure as failure:
                failures.append(_if_of_the_network(failure))
            else:
                if scale > MAX_SCALE:
                    raise UnsuitableModel(
                        f"This network enlarges {scale} times; {MAX_SCALE} times is the most.",
                        about="enlarges-too-much",
                        scale=scale,
                        limit=MAX_SCALE,
                    )
                return replace(form, scale=scale), side_px
    if refusals:
        raise refusals[0]
    reason = own_reasons.first_line(failures[0].message)
    raise UnsuitableModel(
        f"This network does not run on a picture ({reason}).", about="does-not-run", reason=reason
    ) from failures[0]


async def _scale(network: RawRuntime, form: Form, height: int, width: int) -> int:
    """Return how many times larger a picture of that size, where it is free, comes out."""
    tile = _smooth(form.height or height, form.width or width)
    result = await ask(network, form, tile)
    if result.ndim != tile.ndim or result.shape[:2] != tile.shape[:2] or 0 in result.shape:
        raise UnsuitableModel(
            f"This network gives no picture: of one of shape {tile.shape} it makes {result.shape}.",
            about="gives-no-picture",
            shape=str(tile.shape),
            result=str(result.shape),
        )
    scale: int = result.shape[2] // tile.shape[2]
    if result.shape[2:] != (tile.shape[2] * scale, tile.shape[3] * scale):
        times = " x ".join(f"{result.shape[axis] / tile.shape[axis]:.4g}" for axis in (3, 2))
        raise UnsuitableModel(
            f"This network makes pictures {times} times as large; it must be one whole number both ways.",
            about="no-whole-scale",
            times=times,
        )
    return scale


async def with_range(network: RawRuntime, form: Form, side_px: int) -> Form:
    """Return the form with values for black and white in which a picture comes out as itself.

    Raises:
        UnsuitableModel: there are none.
    """
    tile = _smooth(form.height or side_px, form.width or side_px)
    best, least = form, np.inf
    for black, white in _RANGES:
        tried = replace(form, black=black, white=white)
        result = await ask(network, tried, tile)
        blocks = result.reshape(3, tile.shape[2], form.scale, tile.shape[3], form.scale)
        with np.errstate(all="ignore"):  # values that are no numbers are no picture either
            error = float(np.abs(blocks.mean(axis=(2, 4)) - tile[0]).mean())
        if error <= min(_LARGEST_ERROR, least * _CLEARLY_LESS, least - _LEVEL):
            best, least = tried, error
    if least > _LARGEST_ERROR:
        raise UnsuitableModel(
            "This network gives something else than the picture, enlarged.", about="gives-another-picture"
        )
    return best


async def with_multiple(network: RawRuntime, form: Form, side_px: int) -> Form:
    """Return the form with the step of its free sides; without one it takes this size only."""
    step_px = 1
    while step_px <= side_px:
        try:
            # Not square, since a network may take only those.
            if await _scale(network, form, side_px + step_px, side_px + 2 * step_px) == form.scale:
                return replace(form, multiple_px=step_px)
        except UnsuitableModel:
            """It rounded the size: the next step may suit."""
        except RuntimeFailure as failure:
            _if_of_the_network(failure)
        step_px *= 2
    return replace(form, height=form.height or side_px, width=form.width or side_px)


def _if_of_the_network(failure: RuntimeFailure) -> RuntimeFailure:
    """Return the failure when another picture may cure it, else raise it."""
    if type(failure) is not RuntimeFailure:  # no memory, no device
        raise failure
    return failure


def _smooth(height: int, width: int) -> Floats:
    """Return a smooth picture (1, 3, height, width) in [0.2, 0.8], another in every channel."""
    down, across = np.linspace(0.2, 0.8, height)[:, None], np.linspace(0.2, 0.8, width)[None]
    planes = np.broadcast_arrays(down, across, 1 - (down + across) / 2)
    return np.stack(planes)[None].astype(np.float32)
