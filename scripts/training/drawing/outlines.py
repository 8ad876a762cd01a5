"""Line art and comics: curves, hatching, outlines with flat fills."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from scripts.training.drawing import surfaces
from scripts.training.drawing.fonts import COMIC, pick_typeface
from scripts.training.drawing.lettering import Hand, fill
from scripts.training.drawing.picking import (
    OVERSAMPLING,
    between,
    box,
    colour,
    contrasting,
    inset,
    mixed,
    parts,
    point,
)

if TYPE_CHECKING:
    from random import Random

    from scripts.training.drawing.picking import Box, Colour, Point


def draw_lines(picture: Image.Image, chance: Random) -> None:
    """Fill the picture with strokes, arcs, curves and hatching of many widths."""
    pen = ImageDraw.Draw(picture)
    paper, ink = contrasting(chance)
    pen.rectangle((0, 0, *picture.size), fill=paper)
    for _ in range(70):
        fill_colour = colour(chance) if chance.random() < 0.3 else ink
        width = OVERSAMPLING * chance.choice((1, 1, 2, 2, 3, 5, 8))
        kind = chance.random()
        if kind < 0.3:
            pen.line(
                [point(picture, chance) for _ in range(chance.randint(2, 4))], fill_colour, width, "curve"
            )
        elif kind < 0.6:
            pen.arc(box(picture, chance), chance.uniform(0, 360), chance.uniform(0, 360), fill_colour, width)
        else:
            _brush(
                pen, [point(picture, chance) for _ in range(4)], fill_colour, width * chance.choice((1, 2))
            )
    for _ in range(8):
        hatch(pen, box(picture, chance), ink, chance)


def draw_comic(picture: Image.Image, chance: Random) -> None:
    """Draw panels of flat shapes with dark outlines, some shaded, with hair-like strokes and speech."""
    paper, ink = (255, 255, 255), mixed((0, 0, 0), colour(chance), chance.choice((0.0, 0.0, 0.15)))
    picture.paste(paper, (0, 0, *picture.size))
    is_grey = chance.random() < 0.3
    for part in parts((0, 0, *picture.size), chance.randint(1, 5), chance):
        area = inset(part, OVERSAMPLING * chance.randint(2, 6))
        size = area[2] - area[0], area[3] - area[1]
        panel = Image.new("RGB", size, colour(chance))
        if chance.random() < 0.4:
            panel.paste(surfaces.texture(size, chance))
        width = OVERSAMPLING * chance.choice((1, 2, 2, 3, 4))
        for _ in range(chance.randint(6, 18)):
            _figure(panel, ink, width, chance)
        if chance.random() < 0.7:
            _speech(panel, ink, width, chance)
        ImageDraw.Draw(panel).rectangle((0, 0, size[0] - 1, size[1] - 1), None, ink, width + OVERSAMPLING)
        picture.paste(panel.convert("L") if is_grey else panel, area[:2])


def hatch(pen: ImageDraw.ImageDraw, area: Box, ink: Colour, chance: Random) -> None:
    """Draw parallel strokes across the area at one random angle and distance."""
    left, top, right, bottom = area
    angle, step = chance.uniform(0, math.pi), OVERSAMPLING * chance.randint(5, 20)
    across, down = math.cos(angle), math.sin(angle)
    reach, centre = math.hypot(right - left, bottom - top) / 2, ((left + right) / 2, (top + bottom) / 2)
    for index in range(-int(reach / step), int(reach / step) + 1):
        middle = (centre[0] - down * index * step, centre[1] + across * index * step)
        ends = [(middle[0] + sign * across * reach, middle[1] + sign * down * reach) for sign in (-1, 1)]
        pen.line(ends, ink, max(1, step // 3))


def blob(centre: Point, radius: float, chance: Random) -> list[Point]:
    """Return the outline of a rounded shape, somewhat dented."""
    waves = [(order, chance.uniform(0, 0.5 / order), chance.uniform(0, math.tau)) for order in (1, 2, 3, 5)]
    flat, turn = chance.uniform(0.4, 1), chance.uniform(0, math.tau)
    outline = []
    for step in range(120):
        angle = step / 120 * math.tau
        far = radius * (1 + sum(size * math.cos(order * angle + shift) for order, size, shift in waves))
        across, down = far * math.cos(angle), far * math.sin(angle) * flat
        outline.append((
            centre[0] + across * math.cos(turn) - down * math.sin(turn),
            centre[1] + across * math.sin(turn) + down * math.cos(turn),
        ))  # fmt: skip
    return outline


def _figure(panel: Image.Image, ink: Colour, width: int, chance: Random) -> None:
    """Draw a flat shape with its outline; in it a shadow, a texture, hatching or strokes of hair."""
    pen, radius = ImageDraw.Draw(panel), between(chance, 0.04, 0.35) * min(panel.size)
    centre, tone = point(panel, chance), colour(chance)
    outline = blob(centre, radius, chance)
    inside = Image.new("RGB", panel.size, tone)
    inner, kind = ImageDraw.Draw(inside), chance.random()
    if kind < 0.4:
        moved = [(across + radius / 2, down + radius / 3) for across, down in outline]
        inner.polygon(moved, mixed(tone, ink, 0.35))
    elif kind < 0.5:
        inside.paste(surfaces.texture(panel.size, chance, (tone, ink)))
    elif kind < 0.6:
        hatch(inner, (0, 0, *panel.size), ink, chance)
    elif kind < 0.8:
        for _ in range(chance.randint(5, 25)):
            end = centre[0] + chance.gauss(0, radius), centre[1] + chance.gauss(0, radius)
            bends = [(centre[0] + chance.gauss(0, radius), centre[1] - radius) for _ in range(2)]
            _brush(inner, [centre, *bends, end], chance.choice((ink, mixed(tone, ink, 0.5))), width)
    surfaces.cut_out(panel, outline, inside)
    pen.line([*outline, outline[0], outline[1]], ink, width, "curve")


def _brush(pen: ImageDraw.ImageDraw, course: list[Point], ink: Colour, width: float) -> None:
    """Draw a curve through four points' Bézier, thick in its middle and pointed at its ends."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = course
    before: list[Point] = []
    after: list[Point] = []
    for step in range(41):
        t = step / 40
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        along = 3 * (1 - t) ** 2, 6 * t * (1 - t), 3 * t * t
        speed_x = along[0] * (bx - ax) + along[1] * (cx - bx) + along[2] * (dx - cx)
        speed_y = along[0] * (by - ay) + along[1] * (cy - by) + along[2] * (dy - cy)
        half = width * 2 * t * (1 - t) / (math.hypot(speed_x, speed_y) or 1)
        across, down = a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy
        before.append((across - speed_y * half, down + speed_x * half))
        after.append((across + speed_y * half, down - speed_x * half))
    pen.polygon([*before, *reversed(after)], ink)


def _speech(panel: Image.Image, ink: Colour, width: int, chance: Random) -> None:
    """Write into a white balloon as comics are lettered."""
    across, down = panel.width * chance.uniform(0.3, 0.6), panel.height * chance.uniform(0.15, 0.35)
    left, top = chance.uniform(0, panel.width - across), chance.uniform(0, panel.height - down)
    area = int(left), int(top), int(left + across), int(top + down)
    pen = ImageDraw.Draw(panel)
    pen.rounded_rectangle(area, down * chance.uniform(0.2, 0.5), "white", ink, width)
    size_px = OVERSAMPLING * chance.randint(11, 22)
    hand = Hand("latin", pick_typeface("latin", chance, COMIC), size_px, ink)
    inside = inset(area, int(down * 0.2) + width)
    if inside[2] - inside[0] > size_px < inside[3] - inside[1]:
        fill(panel, inside, hand, chance)
