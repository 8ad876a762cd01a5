"""How well an enlargement agrees with the original: PSNR of the brightness, as papers report it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Enlarge = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

CROP_PX = 4
PUBLISHED_BICUBIC_DB = {"Set5": 28.42, "Set14": 26.00}
"""Bicubic x4, the numbers papers quote (W.-S. Lai et al., "LapSRN", CVPR 2017, table 3)."""


@dataclass(frozen=True)
class TestPair:
    """One picture of a benchmark set."""

    name: str
    large: NDArray[np.uint8]
    """(height, width, 3), or (height, width) where the original is grey."""
    small: NDArray[np.uint8]
    """(height // 4, width // 4, 3) RGB."""


def load_set(folder: Path) -> list[TestPair]:
    """Return the pairs `NNN_HR.png`, `NNN_LR.png` of a folder.

    Raises: FileNotFoundError where there are none.
    """
    paths = sorted(folder.glob("*_HR.png"))
    if not paths:
        raise FileNotFoundError(f"no NNN_HR.png in {folder}")
    pairs = []
    for path in paths:
        with Image.open(path) as opened:
            large = np.asarray(opened if opened.mode == "L" else opened.convert("RGB"))
        with Image.open(path.with_name(path.name.replace("_HR", "_LR"))) as opened:
            pairs.append(TestPair(path.name[:3], large, np.asarray(opened.convert("RGB"))))
    return pairs


def luma(rgb_u8: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return BT.601 brightness in 16..235, rounded, as MATLAB's rgb2ycbcr gives it for uint8."""
    weights = np.array([65.481, 128.553, 24.966]) / 255
    return np.round(16 + rgb_u8.astype(np.float64) @ weights)


def psnr_y(result: NDArray[np.uint8], original: NDArray[np.uint8], crop_px: int = CROP_PX) -> float:
    """Return the PSNR in dB of an RGB result against an original, without a border of `crop_px`.

    A grey original (height, width) is compared as it is, over 0..255, as the papers do.
    """
    if original.ndim == 2:
        measured = np.asarray(Image.fromarray(result).convert("L"), dtype=np.float64)
        wanted = original.astype(np.float64)
    else:
        measured, wanted = luma(result), luma(original)
    inside = slice(crop_px, -crop_px or None)
    squared = (measured[inside, inside] - wanted[inside, inside]) ** 2
    return float(10 * np.log10(255**2 / squared.mean()))


def mean_psnr_y(pairs: list[TestPair], enlarge: Enlarge) -> float:
    """Return the mean PSNR-Y in dB of an enlarger over a set."""
    return float(np.mean([psnr_y(enlarge(pair.small), pair.large) for pair in pairs]))


def bicubic(small: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture four times larger, by Pillow's bicubic interpolation."""
    image = Image.fromarray(small)
    return np.asarray(image.resize((image.width * 4, image.height * 4), Image.Resampling.BICUBIC))


def flat_deviation(enlarge: Enlarge) -> int:
    """Return the largest error, in levels of 255, on flat pictures: greys, primaries and mixtures."""
    worst = 0
    for colour in [(level,) * 3 for level in range(0, 256, 15)] + FLAT_COLOURS:
        flat = np.full((24, 24, 3), colour, dtype=np.uint8)
        worst = max(worst, int(np.abs(enlarge(flat).astype(int) - np.array(colour)).max()))
    return worst


FLAT_COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (200, 150, 120), (20, 60, 90)]
