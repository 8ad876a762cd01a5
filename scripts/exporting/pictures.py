"""The picture on which files are compared with the network, and how close they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from scripts.training.drawn import draw_pictures

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIDE_PX = 96
"""At most this much of the middle of a photo is compared: the large networks take seconds for it."""


def read_photo(path: Path | None) -> NDArray[np.float32]:
    """Return the middle of a photo, (1, 3, height, width) RGB in 0..1; without one, of a drawn picture.

    Raises: OSError when it cannot be read.
    """
    if path is None:
        (picture,) = draw_pictures(1, seed=0)
    else:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
    width, height = min(picture.width, SIDE_PX), min(picture.height, SIDE_PX)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    middle = np.asarray(picture.crop((left, top, left + width, top + height)), dtype=np.float32)
    return np.ascontiguousarray(middle.transpose(2, 0, 1)[None]) / np.float32(255)


def psnr(result: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    """Return the peak signal-to-noise ratio in dB, for values whose peak is 1."""
    error = float(np.mean((result.astype(np.float64) - wanted) ** 2))
    return float("inf") if error == 0 else -10 * float(np.log10(error))
