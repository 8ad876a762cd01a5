"""Colour under transparent pixels, so that nothing unseen bleeds into the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fourxl.image import Samples

    Floats = NDArray[np.float32]
    Flags = NDArray[np.bool_]


def bleed(planes: Samples, alpha: Samples) -> Samples:
    """Return ``planes`` (colours, height, width) with the visible colours grown into what is transparent.

    Pixels with any opacity keep their colour. The rest takes the mean of the nearest visible
    ones: a pyramid of halved pictures is averaged on the way down and fills holes on the way up.
    """
    visible = alpha > 0
    if visible.all() or not visible.any():
        return planes
    return np.rint(_fill(planes.astype(np.float32), visible)).astype(planes.dtype)


def _fill(colour: Floats, known: Flags) -> Floats:
    """Return ``colour`` with every pixel that is not ``known`` taken from the next coarser level."""
    if known.all():
        return colour
    height, width = known.shape
    padding = ((0, height % 2), (0, width % 2))
    weight = np.pad(known, padding).astype(np.float32)
    weighted = np.pad(colour, ((0, 0), *padding)) * weight
    count = _halve(weight[None])[0]
    coarse = _halve(weighted) / np.maximum(count, 1)
    coarse = _fill(coarse, count > 0)
    finer = coarse.repeat(2, axis=1).repeat(2, axis=2)[:, :height, :width]
    return np.where(known, colour, finer)


def _halve(planes: Floats) -> Floats:
    """Return the sums of 2x2 blocks."""
    return planes[:, ::2, ::2] + planes[:, 1::2, ::2] + planes[:, ::2, 1::2] + planes[:, 1::2, 1::2]
