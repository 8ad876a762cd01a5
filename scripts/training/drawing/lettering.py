"""Words in a font, laid in lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PIL import ImageDraw

from scripts.training.drawing.fonts import FILES, IDEOGRAPHIC, Typeface, pick_typeface, words
from scripts.training.drawing.picking import OVERSAMPLING, between

if TYPE_CHECKING:
    from random import Random

    from PIL import Image, ImageFont

    from scripts.training.drawing.picking import Box, Colour

LATIN_SHARE = 0.4
SMALLEST_PX, LARGEST_PX = 9, 44
"""Sizes of text in a drawn picture: a quarter of that in the small picture it is made of."""


@dataclass(frozen=True)
class Hand:
    """How something is written."""

    script: str
    typeface: Typeface
    size_px: int
    """In the picture before it is reduced."""
    ink: Colour
    stroke_px: int = 0
    """Thicker by this much on each side."""
    outline: Colour | None = None
    """Colour of that rim; the ink's where there is none."""

    @property
    def is_right_to_left(self) -> bool:
        """Whether lines begin at the right."""
        return self.script == "arabic"

    @cached_property
    def font(self) -> ImageFont.FreeTypeFont:
        """The font at its size."""
        return self.typeface.at(self.size_px)

    def line(self, width_px: float, chance: Random) -> str:
        """Return as many words as the width has room for, and one in any case."""
        known, gap = words(self.script), "" if self.script in IDEOGRAPHIC else " "
        is_loud, room_px, chosen = chance.random() < 0.1, width_px, []
        while room_px > 0:
            word = chance.choice(known)
            chosen.append(word.upper() if is_loud else word)
            room_px -= self.font.getlength(chosen[-1] + gap)
        return gap.join(chosen[:-1] or chosen)

    def write(self, picture: Image.Image, text: str, edge: float, top: float) -> None:
        """Write a line; `edge` is where it begins: its left end, of Arabic its right one."""
        ImageDraw.Draw(picture).text(
            (edge, top),
            text,
            self.ink,
            self.font,
            "ra" if self.is_right_to_left else "la",
            direction="rtl" if self.is_right_to_left else "ltr",
            stroke_width=self.stroke_px,
            stroke_fill=self.outline,
        )


def pick_hand(
    ink: Colour, chance: Random, least_px: float = SMALLEST_PX, most_px: float = LARGEST_PX
) -> Hand:
    """Return a way to write in any script and font; sizes are of the reduced picture."""
    script = "latin" if chance.random() < LATIN_SHARE else chance.choice([*FILES])
    least_px *= 1.3 if script in IDEOGRAPHIC else 1  # smaller than that nobody could read
    size_px = round(OVERSAMPLING * between(chance, least_px, most_px))
    stroke_px = size_px // 30 if script in IDEOGRAPHIC and chance.random() < 0.3 else 0
    return Hand(script, pick_typeface(script, chance), size_px, ink, stroke_px)


def fill(picture: Image.Image, area: Box, hand: Hand, chance: Random, count: int | None = None) -> float:
    """Fill the area with lines, at most `count`, cut off at its edges; return where the last one ends."""
    left, top, right, bottom = area
    page = picture.crop(area)
    down, line_px = 0.0, hand.size_px * chance.uniform(1.1, 1.6)
    while down + hand.size_px < bottom - top and count != 0:
        width_px = (right - left) * (chance.uniform(0.3, 1) if chance.random() < 0.2 else 1.0)
        text = hand.line(width_px, chance)
        hand.write(page, text, page.width if hand.is_right_to_left else 0, down)
        down += line_px
        count = None if count is None else count - 1
    picture.paste(page, (left, top))
    return top + down
