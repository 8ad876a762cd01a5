"""Small pictures of our own, drawn when they are needed: the same in every run."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw


def scene(width: int = 72, height: int = 56) -> Image.Image:
    """Return an RGB picture with a gradient, edges at several angles, fine lines and some grain."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    planes = np.stack([columns / width, rows / height, (columns + rows) / (width + height)], axis=-1)
    grain = np.random.default_rng(4).normal(0, 0.02, planes.shape)
    picture = Image.fromarray((np.clip(planes * 0.8 + 0.1 + grain, 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width * 0.1, height * 0.2, width * 0.5, height * 0.8), fill=(200, 40, 30))
    draw.polygon(
        [(width * 0.55, height * 0.9), (width * 0.75, height * 0.1), (width * 0.95, height * 0.8)],
        fill=(20, 60, 180),
    )
    for step in range(0, width, 6):
        draw.line((step, 0, width - step, height), fill=(250, 240, 200))
    return picture


def encoded(picture: Image.Image, name: str = "PNG", **options: object) -> bytes:
    """Return the picture as a file."""
    buffer = io.BytesIO()
    picture.save(buffer, name, **options)
    return buffer.getvalue()


def with_alpha(picture: Image.Image) -> Image.Image:
    """Return the picture behind a soft round mask, clear at the corners."""
    width, height = picture.size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot(columns - width / 2, rows - height / 2) / (min(width, height) / 2)
    mask = Image.fromarray((np.clip(1.4 - distance, 0, 1) * 255).astype(np.uint8))
    result = picture.convert("RGBA")
    result.putalpha(mask)
    return result
