"""Uneven grounds, and textures to fill areas with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from scripts.training.drawing.patterns import PATTERNS, clouds, noise
from scripts.training.drawing.picking import OVERSAMPLING, between, colour, mixed

if TYPE_CHECKING:
    from random import Random

    from scripts.training.drawing.patterns import Plane, Size
    from scripts.training.drawing.picking import Colour, Point


def blend(share: Plane, one: Colour, other: Colour) -> Image.Image:
    """Return a picture that is the one colour where `share` is 0 and the other where it is 1."""
    ends = np.array([one, other], dtype=np.float32)
    mixture = ends[0] + (ends[1] - ends[0]) * np.clip(share, 0, 1)[..., None]
    return Image.fromarray((mixture + 0.5).astype(np.uint8))


def ground(size: Size, paper: Colour, chance: Random) -> Image.Image:
    """Return the paper with light, stains or grain on it; nowhere far from its colour."""
    random = np.random.default_rng(chance.getrandbits(64))
    other = mixed(paper, colour(chance), chance.uniform(0.1, 0.35))
    kind = chance.random()
    if kind < 0.4:
        across, _ = _turned(size, chance.uniform(0, math.tau))
        return blend(across / max(size) + 0.5 + (noise(size, 2, random) - 0.5) * 0.2, paper, other)
    if kind < 0.7:
        return blend(clouds(size, between(chance, 20, 400), random), paper, other)
    return texture(size, chance, (paper, other))


def texture(size: Size, chance: Random, colours: tuple[Colour, Colour] | None = None) -> Image.Image:
    """Return a picture filled with one regular or irregular pattern in two colours, unevenly lit."""
    one, other = colours or (colour(chance), colour(chance))
    random = np.random.default_rng(chance.getrandbits(64))
    if chance.random() < 0.12:
        return _grass(size, one, other, chance)
    across, down = _turned(size, chance.choice((0.0, 0.0, math.pi / 4, chance.uniform(0, math.tau))))
    if chance.random() < 0.4:
        bend_px, cell_px = between(chance, 4, 40), between(chance, 60, 400)
        across = across + (noise(size, cell_px, random) - 0.5) * bend_px
        down = down + (noise(size, cell_px, random) - 0.5) * bend_px
    period_px = OVERSAMPLING * between(chance, 5, 60)
    share = chance.choice(PATTERNS)(across, down, period_px, random)
    if chance.random() < 0.6:
        share = share * 0.8 + clouds(size, 200, random) * 0.3 - 0.05
    return blend(share, one, other)


def cut_out(picture: Image.Image, outline: list[Point], cloth: Image.Image) -> None:
    """Lay the part of the cloth that the outline encloses onto the picture, at the same place."""
    columns, rows = zip(*outline, strict=True)
    left, top = max(0, int(min(columns))), max(0, int(min(rows)))
    right, bottom = min(picture.width, int(max(columns)) + 1), min(picture.height, int(max(rows)) + 1)
    if left < right and top < bottom:
        shape = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(shape).polygon([(across - left, down - top) for across, down in outline], 255)
        picture.paste(cloth.crop((left, top, right, bottom)), (left, top), shape)


def _turned(size: Size, angle: float) -> tuple[Plane, Plane]:
    """Return how far each pixel is from the middle in a direction, and in the one square to it."""
    across = np.arange(size[0], dtype=np.float32)[None] - size[0] / 2
    down = np.arange(size[1], dtype=np.float32)[:, None] - size[1] / 2
    cosine, sine = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    return across * cosine + down * sine, down * cosine - across * sine


def _grass(size: Size, one: Colour, other: Colour, chance: Random) -> Image.Image:
    """Return thin strokes that mostly go one way: grass, fur, straw."""
    picture = Image.new("RGB", size, one)
    pen, angle = ImageDraw.Draw(picture), chance.uniform(0, math.tau)
    reach = OVERSAMPLING * between(chance, 6, 40)
    for _ in range(int(3 * size[0] * size[1] / reach**1.5 / 6)):
        left, top, turn = chance.uniform(0, size[0]), chance.uniform(0, size[1]), chance.gauss(angle, 0.3)
        end = left + math.cos(turn) * reach, top + math.sin(turn) * reach
        shade = mixed(one, other, chance.uniform(0.1, 1))
        pen.line((left, top, *end), shade, OVERSAMPLING * chance.choice((1, 1, 1, 2, 3)))
    return picture
