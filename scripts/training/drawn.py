"""Pictures drawn for training: text, line art, shapes and gradients, which few photos show."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE_PX = 640
OVERSAMPLING = 2
"""Pictures are drawn this much larger and reduced, which smooths their edges."""
WORDS = (
    "the quick brown fox jumps over a lazy dog while five wizards quietly vex 0123456789 Sum: 42% (A&B) +x=y?"
)

Colour = tuple[int, int, int]


def draw_pictures(count: int, seed: int) -> list[Image.Image]:
    """Return `count` RGB pictures of 640x640 px, the kinds by turns; the same seed gives the same pictures."""
    chance = random.Random(seed)  # noqa: S311  (pictures, not secrets)
    pictures = []
    for index in range(count):
        large = Image.new("RGB", (SIDE_PX * OVERSAMPLING,) * 2, _colour(chance))
        KINDS[index % len(KINDS)](large, chance)
        pictures.append(large.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX))
    return pictures


def draw_text(picture: Image.Image, chance: random.Random) -> None:
    """Fill the picture with lines of words in several sizes, dark on light or light on dark."""
    pen = ImageDraw.Draw(picture)
    paper, ink = _contrasting(chance)
    pen.rectangle((0, 0, *picture.size), fill=paper)
    words, top = WORDS.split(), 8
    while top < picture.height:
        size_px = OVERSAMPLING * chance.randint(9, 44)
        font = ImageFont.load_default(size_px)
        line = " ".join(chance.choice(words) for _ in range(24))
        line = line.upper() if chance.random() < 0.2 else line
        fill = _colour(chance) if chance.random() < 0.25 else ink
        pen.text((chance.randint(-20, 60), top), line, font=font, fill=fill)
        top += int(size_px * 1.25)


def draw_lines(picture: Image.Image, chance: random.Random) -> None:
    """Fill the picture with strokes, arcs and hatching of many widths."""
    pen = ImageDraw.Draw(picture)
    paper, ink = _contrasting(chance)
    pen.rectangle((0, 0, *picture.size), fill=paper)
    for _ in range(90):
        fill = _colour(chance) if chance.random() < 0.3 else ink
        width = OVERSAMPLING * chance.choice((1, 1, 2, 2, 3, 5, 8))
        box = _box(picture, chance)
        if chance.random() < 0.5:
            pen.line([_point(picture, chance) for _ in range(chance.randint(2, 4))], fill, width, "curve")
        else:
            pen.arc(box, chance.uniform(0, 360), chance.uniform(0, 360), fill, width)
    for _ in range(8):
        _hatch(pen, _box(picture, chance), ink, chance)


def draw_leaves(picture: Image.Image, chance: random.Random) -> None:
    """Cover the picture with shapes of falling size: the dead-leaves model, whose edges scale like nature's."""
    pen = ImageDraw.Draw(picture)
    for index in range(1400):
        radius = max(4.0, 0.3 * picture.width / (1 + 0.03 * index) * chance.uniform(0.5, 1.5))
        across, down = _point(picture, chance)
        flat = chance.uniform(0.5, 1.0)
        box = (across - radius, down - radius * flat, across + radius, down + radius * flat)
        if chance.random() < 0.5:
            pen.ellipse(box, fill=_colour(chance))
        else:
            pen.regular_polygon(
                (across, down, radius), chance.randint(3, 7), chance.uniform(0, 360), fill=_colour(chance)
            )


def draw_gradients(picture: Image.Image, chance: random.Random) -> None:
    """Fill the picture with soft gradients and put plain shapes, outlines and stripes on it."""
    directions = (Image.linear_gradient("L"), Image.radial_gradient("L"))
    for _ in range(6):
        mask = chance.choice(directions).rotate(chance.uniform(0, 360), expand=False).resize(picture.size)
        picture.paste(Image.new("RGB", picture.size, _colour(chance)), mask=ImageChops.multiply(mask, mask))
    pen = ImageDraw.Draw(picture)
    for _ in range(25):
        radius = chance.randint(0, 40)
        outline, width = _colour(chance), OVERSAMPLING * chance.randint(1, 4)
        fill = _colour(chance) if chance.random() < 0.6 else None
        pen.rounded_rectangle(_box(picture, chance), radius, fill, outline, width)
    for _ in range(6):
        _hatch(pen, _box(picture, chance), _colour(chance), chance)


KINDS: tuple[Callable[[Image.Image, random.Random], None], ...] = (
    draw_text,
    draw_lines,
    draw_leaves,
    draw_gradients,
)


def _hatch(
    pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], ink: Colour, chance: random.Random
) -> None:
    """Draw parallel strokes across the box at one random angle and distance."""
    left, top, right, bottom = box
    angle, step = chance.uniform(0, math.pi), OVERSAMPLING * chance.randint(5, 20)
    across, down = math.cos(angle), math.sin(angle)
    reach, centre = math.hypot(right - left, bottom - top) / 2, ((left + right) / 2, (top + bottom) / 2)
    for index in range(-int(reach / step), int(reach / step) + 1):
        middle = (centre[0] - down * index * step, centre[1] + across * index * step)
        ends = [(middle[0] + sign * across * reach, middle[1] + sign * down * reach) for sign in (-1, 1)]
        pen.line(ends, ink, max(1, step // 3))


def _colour(chance: random.Random) -> Colour:
    """Return any colour."""
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def _contrasting(chance: random.Random) -> tuple[Colour, Colour]:
    """Return a paper colour and an ink colour, one light and one dark."""
    light = (chance.randint(200, 255), chance.randint(200, 255), chance.randint(200, 255))
    dark = (chance.randint(0, 70), chance.randint(0, 70), chance.randint(0, 70))
    return (light, dark) if chance.random() < 0.7 else (dark, light)


def _point(picture: Image.Image, chance: random.Random) -> tuple[float, float]:
    """Return any point of the picture."""
    return chance.uniform(0, picture.width), chance.uniform(0, picture.height)


def _box(picture: Image.Image, chance: random.Random) -> tuple[float, float, float, float]:
    """Return a box of any size up to half the picture."""
    left, top = _point(picture, chance)
    reach = picture.width / 2
    return left, top, left + chance.uniform(20, reach), top + chance.uniform(20, reach)
