"""Pictures drawn for training: what few photos show, and many of the pictures that people enlarge do."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from PIL import Image

from scripts.training.drawing.outlines import draw_comic, draw_lines
from scripts.training.drawing.pages import draw_captions, draw_text
from scripts.training.drawing.picking import OVERSAMPLING, colour
from scripts.training.drawing.screens import draw_screen
from scripts.training.drawing.shapes import draw_gradients, draw_leaves, draw_textures

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE_PX = 640

KINDS: tuple[Callable[[Image.Image, Random], None], ...] = (
    draw_text,
    draw_lines,
    draw_leaves,
    draw_screen,
    draw_textures,
    draw_captions,
    draw_comic,
    draw_gradients,
)


def draw_pictures(count: int, seed: int) -> list[Image.Image]:
    """Return `count` RGB pictures of 640x640 px, the kinds by turns; the same seed gives the same pictures.

    Raises:
        MissingPackagesError, MissingBidiError: text cannot be drawn on this machine; the message says why.

    """
    chance = Random(seed)  # noqa: S311  (pictures, not secrets)
    pictures = []
    for index in range(count):
        large = Image.new("RGB", (SIDE_PX * OVERSAMPLING,) * 2, colour(chance))
        KINDS[index % len(KINDS)](large, chance)
        pictures.append(large.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX))
    return pictures
