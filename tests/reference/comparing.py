"""How far two results are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .reference import Samples

    Doubles = NDArray[np.float64]

SAME_DB = 70.0
"""From here on two results are the same: what is left is rounding, at most a level of 255 here and there."""
BACKGROUND = 0.5
"""Grey that shows through where a result is transparent."""


def psnr(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the peak signal-to-noise ratio in dB of values in [0, 1]; infinite for equal ones."""
    error = float(np.mean((one - other) ** 2))
    return float("inf") if error == 0 else -10 * float(np.log10(error))


def as_rgba(pixels: Samples) -> Doubles:
    """Return (height, width, 4) in [0, 1]: grey in three channels, opaque where there is no alpha."""
    values = pixels / np.iinfo(pixels.dtype).max
    if values.ndim == 2:
        values = values[..., None].repeat(3, axis=2)
    return values if values.shape[2] == 4 else np.dstack([values, np.ones(values.shape[:2])])


def seen(rgba: Doubles) -> Doubles:
    """Return the colours that an eye gets, over grey."""
    colours, alpha = rgba[..., :3], rgba[..., 3:]
    return colours * alpha + BACKGROUND * (1 - alpha)
