"""Text over plain paper and over anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from scripts.training.drawing import surfaces
from scripts.training.drawing.lettering import fill, pick_hand
from scripts.training.drawing.picking import OVERSAMPLING, colour, contrasting, inset, parts

if TYPE_CHECKING:
    from random import Random


def draw_text(picture: Image.Image, chance: Random) -> None:
    """Fill the picture with blocks of text in many scripts, fonts and sizes, on plain or uneven paper."""
    paper, ink = contrasting(chance)
    picture.paste(paper, (0, 0, *picture.size))
    if chance.random() < 0.4:
        picture.paste(surfaces.ground(picture.size, paper, chance))
    pen = ImageDraw.Draw(picture)
    for column in parts((0, 0, *picture.size), chance.choice((1, 1, 2)), chance):
        left, top, right, bottom = inset(column, OVERSAMPLING * chance.randint(2, 10))
        while bottom - top > OVERSAMPLING * 12:
            hand, count = pick_hand(ink, chance), chance.randint(1, 4)
            kind = chance.random()
            if kind < 0.15:
                hand = replace(hand, ink=colour(chance))
            elif kind < 0.25:
                plate, light = contrasting(chance)
                hand, count = replace(hand, ink=light), 1
                pen.rectangle((left, top, right, top + hand.size_px * 1.3), plate)
            elif kind < 0.3:
                paper, ink = contrasting(chance)
                hand = replace(hand, ink=ink)
                pen.rectangle((left, top, right, bottom), paper)
            end = fill(picture, (left, top, right, bottom), hand, chance, count)
            top = max(int(end), top + 1) + OVERSAMPLING * chance.randint(0, 5)
    if chance.random() < 0.15:
        picture.paste(picture.rotate(chance.gauss(0, 6), Image.Resampling.BICUBIC, fillcolor=paper))


def draw_captions(picture: Image.Image, chance: Random) -> None:
    """Write over textures: signs, subtitles, labels, with a rim or on a plate where need be."""
    for part in parts((0, 0, *picture.size), chance.randint(1, 4), chance):
        size = part[2] - part[0], part[3] - part[1]
        picture.paste(surfaces.texture(size, chance), part[:2])
    for area in parts((0, 0, *picture.size), chance.randint(7, 14), chance):
        inside = inset(area, OVERSAMPLING * chance.randint(2, 12))
        light, dark = contrasting(chance)
        hand = pick_hand(light, chance, 11, 90)
        kind = chance.random()
        if kind < 0.5:
            hand = replace(hand, outline=dark, stroke_px=max(1, hand.size_px // chance.randint(8, 20)))
        elif kind < 0.8:
            shape = ImageDraw.Draw(picture)
            shape.rounded_rectangle(
                area, chance.randint(0, 30), dark, light, OVERSAMPLING * chance.randint(0, 3)
            )
        fill(picture, inside, hand, chance, chance.randint(1, 3))
