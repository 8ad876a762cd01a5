"""Training pairs: crops of photos and of drawn pictures, with their small versions."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageFilter

from fourxl_native.networks import SCALE
from scripts.training.drawn import draw_pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scripts.training.parameters import TrainingParameters

REDUCTIONS = (1, 2, 4)
"""Each photo is used whole and reduced by these factors: a reduced photo has more detail in a crop."""


@dataclass(frozen=True)
class Pair:
    """A picture and its small version."""

    large: NDArray[np.uint8]
    """(4·height, 4·width, 3) RGB."""
    small: NDArray[np.uint8]
    """(height, width, 3) RGB: `large` reduced 4x by antialiased bicubic interpolation."""


def make_pair(picture: Image.Image) -> Pair:
    """Return the picture, cut to a multiple of four, with its small version."""
    width, height = picture.width // SCALE, picture.height // SCALE
    large = picture.convert("RGB").crop((0, 0, width * SCALE, height * SCALE))
    small = large.resize((width, height), Image.Resampling.BICUBIC)
    return Pair(np.asarray(large), np.asarray(small))


def load_photos(folder: Path, smallest_px: int) -> list[Pair]:
    """Return every photo in the folder at each reduction whose small version has sides of `smallest_px`.

    Raises: FileNotFoundError where the folder holds no photo.
    """
    paths = sorted(path for path in folder.glob("*") if path.suffix in {".webp", ".png", ".jpg"})
    if not paths:
        raise FileNotFoundError(f"no photos in {folder}; name the folder of photos with --images")
    pairs = []
    for path in paths:
        with Image.open(path) as opened:
            photo = opened.convert("RGB")
        for reduction in REDUCTIONS:
            size = (photo.width // reduction, photo.height // reduction)
            if min(size) >= smallest_px * SCALE:
                pairs.append(make_pair(photo.resize(size, Image.Resampling.BICUBIC)))
    return pairs


class Crops:
    """An endless supply of training batches; its state is one random generator."""

    def __init__(self, parameters: TrainingParameters, radius: int, images: Path) -> None:
        """Load the photos and draw the rest; `radius` is the context each crop carries on every side."""
        self.generator = np.random.default_rng(parameters.seed)
        self._parameters = parameters
        self._radius = radius
        self._side = parameters.crop_px + 2 * radius
        self._photos = load_photos(images, self._side)
        self._drawn = [make_pair(p) for p in draw_pictures(parameters.drawn_pictures, parameters.seed)]
        self._photo_shares = _area_shares(self._photos)

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return crops (N, 3, h, w) with their context, and what they become (N, 3, 4·crop, 4·crop)."""
        crops = [self._crop() for _ in range(self._parameters.batch)]
        small = np.stack([crop[0] for crop in crops])
        large = np.stack([crop[1] for crop in crops])
        return _to_tensor(small), _to_tensor(large)

    def _crop(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return one crop, turned and mirrored at random, degraded now and then."""
        random = self.generator
        small, large = max(self._candidate(), self._candidate(), key=lambda crop: float(crop[0].std()))
        if random.random() < self._parameters.degraded_share:
            small = degrade(small, random)
        turns, mirrored = int(random.integers(4)), bool(random.integers(2))
        small, large = np.rot90(small, turns), np.rot90(large, turns)
        return (small[:, ::-1], large[:, ::-1]) if mirrored else (small, large)

    def _candidate(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return a crop of a picture chosen by its area."""
        random = self.generator
        if random.random() < self._parameters.drawn_share:
            pair = self._drawn[int(random.integers(len(self._drawn)))]
        else:
            pair = self._photos[int(random.choice(len(self._photos), p=self._photo_shares))]
        height, width = pair.small.shape[:2]
        top = int(random.integers(height - self._side + 1))
        left = int(random.integers(width - self._side + 1))
        small = pair.small[top : top + self._side, left : left + self._side]
        inner, end = self._radius * SCALE, (self._side - self._radius) * SCALE
        rows, columns = (
            slice(top * SCALE + inner, top * SCALE + end),
            slice(left * SCALE + inner, left * SCALE + end),
        )
        return small, pair.large[rows, columns]


def degrade(small: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Return the crop as a camera or a web page might have left it: slightly soft, noisy or compressed."""
    image = Image.fromarray(np.ascontiguousarray(small))
    if random.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(float(random.uniform(0.2, 0.6))))
    if random.random() < 0.4:
        noise = random.normal(0.0, random.uniform(1.0, 4.0), small.shape)
        image = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).round().astype(np.uint8))
    if random.random() < 0.6:
        stored = io.BytesIO()
        image.save(stored, "JPEG", quality=int(random.integers(70, 96)))
        image = Image.open(stored)
    return np.asarray(image)


def _area_shares(pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """Return how likely each picture is drawn: by the square root of its area."""
    sides = np.sqrt([pair.small.shape[0] * pair.small.shape[1] for pair in pairs])
    return np.asarray(sides / sides.sum(), dtype=np.float64)


def _to_tensor(batch: NDArray[np.uint8]) -> torch.Tensor:
    """Return (N, h, w, 3) in 0..255 as float32 (N, 3, h, w) in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(batch.transpose(0, 3, 1, 2))).float().div_(255)
