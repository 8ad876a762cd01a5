"""Colours, points and boxes by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from PIL import Image

OVERSAMPLING = 2
"""Pictures are drawn this much larger and reduced, which smooths their edges."""

Colour = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def colour(chance: Random) -> Colour:
    """Return any colour; half of them are as pale or dull as most colours are."""
    bright = chance.randrange(256), chance.randrange(256), chance.randrange(256)
    grey = sum(bright) // 3
    return mixed(bright, (grey, grey, grey), max(0.0, chance.uniform(-1, 1)))


def contrasting(chance: Random) -> tuple[Colour, Colour]:
    """Return a colour for paper and one for ink: one light and one dark, now and then nearer to one another."""
    span = 70 if chance.random() < 0.8 else 110
    light = (
        chance.randint(255 - span, 255),
        chance.randint(255 - span, 255),
        chance.randint(255 - span, 255),
    )
    dark = (chance.randint(0, span), chance.randint(0, span), chance.randint(0, span))
    pure = chance.random()
    if pure < 0.3:
        light = (255, 255, 255)
    if pure < 0.2:
        dark = (0, 0, 0)
    return (light, dark) if chance.random() < 0.7 else (dark, light)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return the colour that has `share` of the other in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def between(chance: Random, least: float, most: float) -> float:
    """Return a number that is as likely between 1 and 2 as between 10 and 20."""
    return float(least * (most / least) ** chance.random())


def point(picture: Image.Image, chance: Random) -> Point:
    """Return any point of the picture."""
    return chance.uniform(0, picture.width), chance.uniform(0, picture.height)


def box(picture: Image.Image, chance: Random) -> Box:
    """Return a box of any size up to half the picture."""
    left, top = point(picture, chance)
    width, height = chance.uniform(20, picture.width / 2), chance.uniform(20, picture.height / 2)
    return int(left), int(top), int(left + width), int(top + height)


def parts(whole: Box, count: int, chance: Random) -> list[Box]:
    """Return the box cut into `count` boxes: the largest is cut across, again and again.

    Their corners stay on whole pixels of the reduced picture.
    """
    boxes = [whole]
    while len(boxes) < count:
        largest = max(boxes, key=lambda one: (one[2] - one[0]) * (one[3] - one[1]))
        boxes.remove(largest)
        left, top, right, bottom = largest
        share = chance.uniform(0.3, 0.7)
        if right - left > bottom - top:
            cut = left + _even((right - left) * share)
            boxes += [(left, top, cut, bottom), (cut, top, right, bottom)]
        else:
            cut = top + _even((bottom - top) * share)
            boxes += [(left, top, right, cut), (left, cut, right, bottom)]
    return boxes


def inset(whole: Box, margin: int) -> Box:
    """Return the box less a margin on each side."""
    return whole[0] + margin, whole[1] + margin, whole[2] - margin, whole[3] - margin


def _even(length: float) -> int:
    return round(length / OVERSAMPLING) * OVERSAMPLING
