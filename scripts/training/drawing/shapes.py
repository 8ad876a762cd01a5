"""Leaves that cover one another, gradients, and textures beside one another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw

from scripts.training.drawing import surfaces
from scripts.training.drawing.outlines import blob, hatch
from scripts.training.drawing.picking import OVERSAMPLING, box, colour, parts, point

if TYPE_CHECKING:
    from random import Random

    from scripts.training.drawing.picking import Point

LEAVES = 3000
SMALLEST_LEAF_PX, LARGEST_LEAF_PX = 8, 400
"""Radii."""


def draw_leaves(picture: Image.Image, chance: Random) -> None:
    """Cover the picture with shapes of all sizes, small ones the most: the dead-leaves model.

    Their edges are spread over sizes as nature's are. Many of the larger ones are textured.
    Source: Lee, Mumford, Huang, "Occlusion Models for Natural Images", 2001: as many as radius to the -3.
    """
    cloths = [surfaces.texture(picture.size, chance) for _ in range(5)]
    picture.paste(cloths[0])
    pen, textured_share = ImageDraw.Draw(picture), chance.choice((0.0, 0.5, 0.9))
    for _ in range(LEAVES):
        radius = min(SMALLEST_LEAF_PX / math.sqrt(1 - chance.random()), LARGEST_LEAF_PX)
        outline = _leaf(point(picture, chance), radius, chance)
        if radius > 5 * SMALLEST_LEAF_PX and chance.random() < textured_share:
            surfaces.cut_out(picture, outline, chance.choice(cloths))
        else:
            pen.polygon(outline, colour(chance))


def _leaf(centre: Point, radius: float, chance: Random) -> list[Point]:
    """Return the outline of a rounded or a straight-sided shape."""
    if radius > 3 * SMALLEST_LEAF_PX and chance.random() < 0.6:
        return blob(centre, radius, chance)
    sides, turn, flat = (
        chance.choice((3, 4, 4, 5, 7, 16)),
        chance.uniform(0, math.tau),
        chance.uniform(0.4, 1),
    )
    angles = [turn + side / sides * math.tau for side in range(sides)]
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * flat * math.sin(a)) for a in angles]


def draw_gradients(picture: Image.Image, chance: Random) -> None:
    """Fill the picture with soft gradients and put plain shapes, outlines and stripes on it."""
    directions = (Image.linear_gradient("L"), Image.radial_gradient("L"))
    for _ in range(6):
        mask = chance.choice(directions).rotate(chance.uniform(0, 360), expand=False).resize(picture.size)
        picture.paste(Image.new("RGB", picture.size, colour(chance)), mask=ImageChops.multiply(mask, mask))
    pen = ImageDraw.Draw(picture)
    for _ in range(20):
        radius, area = chance.randint(0, 40), box(picture, chance)
        outline, width = colour(chance), OVERSAMPLING * chance.randint(1, 4)
        kind = chance.random()
        if kind < 0.3:
            mask = chance.choice(directions).resize((area[2] - area[0], area[3] - area[1]))
            picture.paste(colour(chance), area, mask)
        else:
            pen.rounded_rectangle(area, radius, colour(chance) if kind < 0.7 else None, outline, width)
    for _ in range(4):
        hatch(pen, box(picture, chance), colour(chance), chance)


def draw_textures(picture: Image.Image, chance: Random) -> None:
    """Lay textures beside one another, and pieces of others on them."""
    for area in parts((0, 0, *picture.size), chance.randint(2, 7), chance):
        picture.paste(surfaces.texture((area[2] - area[0], area[3] - area[1]), chance), area[:2])
    for _ in range(chance.randint(2, 6)):
        outline = blob(point(picture, chance), chance.uniform(0.05, 0.2) * picture.width, chance)
        surfaces.cut_out(picture, outline, surfaces.texture(picture.size, chance))
