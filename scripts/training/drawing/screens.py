"""What programs and web pages look like: panels, lists, tables, charts, icons, code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from scripts.training.drawing import surfaces
from scripts.training.drawing.fonts import MONOSPACED, pick_typeface, words
from scripts.training.drawing.lettering import Hand, fill, pick_hand
from scripts.training.drawing.outlines import blob
from scripts.training.drawing.picking import OVERSAMPLING, Colour, colour, contrasting, inset, mixed, parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from scripts.training.drawing.picking import Box

LEAST_PX, MOST_PX = 10, 22
"""Sizes of text on screens."""


@dataclass(frozen=True)
class Look:
    """The colours of one program and the roundness of its corners."""

    paper: Colour
    ink: Colour
    accent: Colour
    radius: int


def draw_screen(picture: Image.Image, chance: Random) -> None:
    """Draw a program's window or a web page of several panels."""
    paper, ink = contrasting(chance)
    look = Look(paper, ink, colour(chance), OVERSAMPLING * chance.choice((0, 0, 4, 8)))
    picture.paste(mixed(paper, ink, 0.08), (0, 0, *picture.size))
    bar_px = OVERSAMPLING * chance.randint(20, 44)
    _bar(picture, (0, 0, picture.width, bar_px), look, chance)
    gap = OVERSAMPLING * chance.randint(0, 6)
    for area in parts((0, bar_px, *picture.size), chance.randint(3, 8), chance):
        panel = inset(area, gap)
        edge = mixed(paper, ink, 0.25)
        ImageDraw.Draw(picture).rounded_rectangle(panel, look.radius, paper, edge, OVERSAMPLING)
        chance.choice(PANELS)(picture, inset(panel, OVERSAMPLING * chance.randint(4, 12)), look, chance)


def _bar(picture: Image.Image, area: Box, look: Look, chance: Random) -> None:
    """Draw a bar with a title and buttons."""
    ImageDraw.Draw(picture).rectangle(area, look.accent)
    side = area[3] - area[1]
    for index in range(chance.randint(1, 4)):
        left = area[2] - side * (index + 1)
        _icon(picture, inset((left, area[1], left + side, area[3]), side // 4), look.ink, chance)
    hand = pick_hand(look.paper, chance, LEAST_PX, max(LEAST_PX, side / OVERSAMPLING * 0.6))
    fill(picture, (area[0] + side // 2, area[1] + side // 8, area[2] // 2, area[3]), hand, chance, 1)


def _icon(picture: Image.Image, area: Box, ink: Colour, chance: Random) -> None:
    """Draw a small sign: a ring, a cross, bars, a triangle or a blot."""
    pen, (left, top, right, bottom) = ImageDraw.Draw(picture), area
    width, kind = OVERSAMPLING * chance.choice((1, 1, 2)), chance.randrange(5)
    if kind == 0:
        pen.ellipse(area, None, ink, width)
    elif kind == 1:
        pen.line((left, top, right, bottom), ink, width)
        pen.line((left, bottom, right, top), ink, width)
    elif kind == 2:
        for down in range(top, bottom, OVERSAMPLING * 4):
            pen.line((left, down, right, down), ink, width)
    elif kind == 3:
        pen.polygon((left, top, right, (top + bottom) / 2, left, bottom), ink)
    else:
        pen.polygon(blob(((left + right) / 2, (top + bottom) / 2), (right - left) / 3, chance), ink)


def _list(picture: Image.Image, area: Box, look: Look, chance: Random) -> None:
    """Draw rows of an icon and a name, one of them chosen."""
    hand = pick_hand(look.ink, chance, LEAST_PX, MOST_PX)
    row_px, chosen = hand.size_px * 2 // 2 * 2, chance.randrange(6)
    for index, top in enumerate(range(area[1], area[3] - row_px, row_px)):
        row = (area[0], top, area[2], top + row_px)
        if index == chosen:
            ImageDraw.Draw(picture).rounded_rectangle(row, look.radius, mixed(look.paper, look.accent, 0.4))
        _icon(
            picture, inset((area[0], top, area[0] + row_px, top + row_px), row_px // 4), look.accent, chance
        )
        fill(picture, (area[0] + row_px, top + row_px // 6, area[2], top + row_px), hand, chance, 1)


def _table(picture: Image.Image, area: Box, look: Look, chance: Random) -> None:
    """Draw a grid with words in its cells, each other row tinted."""
    pen, hand = ImageDraw.Draw(picture), pick_hand(look.ink, chance, LEAST_PX, MOST_PX)
    row_px, column_px = round(hand.size_px * 0.8) * 2, OVERSAMPLING * chance.randint(30, 90)
    for index, top in enumerate(range(area[1], area[3] - row_px, row_px)):
        row = (area[0], top, area[2], top + row_px)
        pen.rectangle(row, mixed(look.paper, look.ink, 0.06 * (index % 2)))
        for left in range(area[0], area[2] - hand.size_px, column_px):
            right = min(left + column_px, area[2])
            fill(picture, (left + 6, top + 4, right - 4, top + row_px + 4), hand, chance, 1)
            pen.rectangle((left, top, right, top + row_px), None, mixed(look.paper, look.ink, 0.3))


def _code(picture: Image.Image, area: Box, look: Look, chance: Random) -> None:
    """Draw a program's text: words in several colours, indented."""
    typeface, size_px = (
        pick_typeface("latin", chance, MONOSPACED),
        OVERSAMPLING * chance.randint(LEAST_PX, 18),
    )
    inks = (look.ink, look.accent, mixed(look.paper, look.ink, 0.5), mixed(look.ink, colour(chance), 0.4))
    hands = [Hand("latin", typeface, size_px, ink) for ink in inks]
    page = picture.crop(area)
    for top in range(0, page.height - size_px, round(size_px * 0.7) * 2):
        left = size_px * 1.2 * chance.randrange(4)
        for _ in range(chance.randint(0, 6)):
            hand, word = chance.choice(hands), chance.choice(words("latin"))
            hand.write(page, word, left, top)
            left += hand.font.getlength(word + " ")
    picture.paste(page, area[:2])


def _chart(picture: Image.Image, area: Box, look: Look, chance: Random) -> None:
    """Draw bars and a curve over thin lines."""
    pen, (left, top, right, bottom) = ImageDraw.Draw(picture), area
    for down in range(top, bottom, OVERSAMPLING * chance.randint(12, 30)):
        pen.line((left, down, right, down), mixed(look.paper, look.ink, 0.2), OVERSAMPLING)
    step = OVERSAMPLING * chance.randint(6, 24)
    for across in range(left, right - step, step):
        height = int((bottom - top) * chance.uniform(0.05, 0.9))
        pen.rectangle((across, bottom - height, across + step * 2 // 3, bottom), look.accent)
    course = [(across, chance.uniform(top, bottom)) for across in range(left, right, step * 2)]
    if len(course) > 1:
        pen.line(course, colour(chance), OVERSAMPLING * chance.randint(1, 3), "curve")


def _text(picture: Image.Image, area: Box, look: Look, chance: Random) -> None:
    """Draw a heading, a paragraph and a button."""
    heading = pick_hand(look.accent, chance, MOST_PX, 2 * MOST_PX)
    end = int(fill(picture, area, heading, chance, 1))
    hand = pick_hand(look.ink, chance, LEAST_PX, MOST_PX)
    end = int(
        fill(picture, (area[0], min(end, area[3]), area[2], area[3]), hand, chance, chance.randint(2, 9))
    )
    button = (area[0], end + 8, area[0] + hand.size_px * 5, end + 8 + hand.size_px * 2)
    if button[3] < area[3] and button[2] < area[2]:
        ImageDraw.Draw(picture).rounded_rectangle(button, look.radius, look.accent)
        fill(picture, inset(button, hand.size_px // 3), hand, chance, 1)


def _image(picture: Image.Image, area: Box, _: Look, chance: Random) -> None:
    """Put a picture there."""
    if area[2] > area[0] and area[3] > area[1]:
        picture.paste(surfaces.texture((area[2] - area[0], area[3] - area[1]), chance), area[:2])


PANELS: tuple[Callable[[Image.Image, Box, Look, Random], None], ...] = (
    _list,
    _table,
    _code,
    _chart,
    _text,
    _text,
    _image,
)
