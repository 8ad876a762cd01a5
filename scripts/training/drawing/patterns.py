"""Patterns that fill a plane: stripes, weaves, bricks, dots, noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.floating[Any]]
"""(height, width)."""
Size = tuple[int, int]
"""Width, height."""
Pattern = Callable[[Plane, Plane, float, np.random.Generator], Plane]
"""Makes 0..1 of how far each pixel is across and down, and of a period in pixels."""


def noise(size: Size, cell_px: float, random: np.random.Generator) -> Plane:
    """Return (height, width) values in 0..1 that change over about `cell_px` and not over less."""
    width, height = (max(2, round(side / cell_px) + 1) for side in size)
    grid = random.integers(0, 256, (height, width), dtype=np.uint8)
    enlarged = Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(enlarged, dtype=np.float32) / 255


def clouds(size: Size, coarsest_px: float, random: np.random.Generator) -> Plane:
    """Return (height, width) values in 0..1: noise of several finenesses, the coarser the stronger."""
    sizes = [coarsest_px * 0.5**octave for octave in range(5) if coarsest_px * 0.5**octave >= 2]
    layers = [noise(size, cell_px, random) * cell_px for cell_px in sizes]
    return np.asarray(np.sum(layers, axis=0, dtype=np.float32) / sum(sizes))


def _wave(distance: Plane, period_px: float) -> Plane:
    """Return 0..1..0 in straight lines over each period."""
    return np.asarray(np.abs((distance / period_px) % 1 * 2 - 1))


def _edge(values: Plane, sharpness: float = 8.0) -> Plane:
    """Return 0 where the value is well below one half and 1 well above it."""
    return np.asarray(np.clip((values - 0.5) * sharpness + 0.5, 0, 1))


def _stripes(across: Plane, _: Plane, period_px: float, random: np.random.Generator) -> Plane:
    share, sharpness = random.uniform(0.2, 0.8), random.choice((1.0, 4.0, 16.0))
    return _edge(_wave(across, period_px) + 0.5 - share, sharpness)


def _checks(across: Plane, down: Plane, period_px: float, random: np.random.Generator) -> Plane:
    """Two stripes that cross: a chess board, a cloth or a grid."""
    flat, overlap = random.uniform(0.5, 2), random.choice((2.0, 1.0, 0.5))
    one, other = _edge(_wave(across, period_px), 16), _edge(_wave(down, period_px * flat), 16)
    return np.asarray((one + other - overlap * one * other) / max(1.0, 2 - overlap))


def _weave(across: Plane, down: Plane, period_px: float, _: np.random.Generator) -> Plane:
    """Strands that go over and under one another, lit along their middles."""
    over = (np.floor(across / period_px) + np.floor(down / period_px)) % 2
    strand = np.where(over > 0, _wave(across, period_px), _wave(down, period_px))
    return np.asarray((1 - strand) * (0.7 + 0.3 * over))


def _bricks(across: Plane, down: Plane, period_px: float, random: np.random.Generator) -> Plane:
    """Bricks or tiles of many tones with mortar between."""
    row, mortar = np.floor(down / period_px), random.uniform(0.04, 0.15)
    long_px, shift = period_px * random.uniform(1, 3), random.choice((0.0, 0.5, 0.5))
    moved = across + row % 2 * shift * long_px
    tones = random.uniform(0.4, 1, (32, 32)).astype(np.float32)
    tone = tones[row.astype(int) % 32, np.floor(moved / long_px).astype(int) % 32]
    inside = (_wave(down, period_px) < 1 - mortar) & (
        _wave(moved, long_px) < 1 - mortar * period_px / long_px
    )
    return np.where(inside, tone, np.float32(0))


def _dots(across: Plane, down: Plane, period_px: float, random: np.random.Generator) -> Plane:
    """Dots of one size, or a printer's screen: dots that grow towards one side."""
    from_middle = np.hypot(_wave(across, period_px), _wave(down, period_px))
    smallest, largest = random.uniform(0.1, 0.8), random.choice((0.0, 1.0))
    radius = smallest + largest * (across / np.ptp(across) + 0.5)
    return _edge(radius - from_middle + 0.5, period_px / 2)


def _rings(across: Plane, down: Plane, period_px: float, random: np.random.Generator) -> Plane:
    """Rings of equal width, or ever finer ones."""
    radius = np.hypot(across + np.float32(random.uniform(-300, 300)), down)
    return _wave(radius**2 / (10 * period_px) if random.random() < 0.4 else radius, period_px)


def _grain(across: Plane, _: Plane, period_px: float, random: np.random.Generator) -> Plane:
    """Noise of one fineness, equally strong everywhere, soft or torn."""
    height, width = across.shape
    ratio = random.choice((1, 1, 8))
    values = noise((width * ratio, height), period_px / 3, random)[:, ::ratio]
    return _edge(values, random.choice((1.5, 1.5, 6.0)))


def _clouded(across: Plane, _: Plane, period_px: float, random: np.random.Generator) -> Plane:
    """Noise of every fineness: stone, skin, clouds."""
    height, width = across.shape
    return _edge(clouds((width, height), period_px * 4, random), random.uniform(1.5, 3))


PATTERNS: tuple[Pattern, ...] = (
    _stripes,
    _checks,
    _weave,
    _bricks,
    _dots,
    _rings,
    _grain,
    _grain,
    _clouded,
)
