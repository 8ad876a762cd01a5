"""The photos that are enlarged: real ones, since noise would flatter or fail every encoder."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

if TYPE_CHECKING:
    from pathlib import Path

PHOTOS = ("brownarchitecture.webp", "juliacraice.webp", "mrlee.webp", "suluhkalba.webp")
"""Photos of images/train: a building, and three others that differ in detail."""


@dataclass(frozen=True)
class Album:
    """Photos of a folder, in the sizes that are asked for."""

    images: Path
    """Holds train/ with PHOTOS."""

    def photo(self, index: int, width: int, height: int) -> Image.Image:
        """Return a photo, RGB, reduced and cut to fit; a tall picture is several photos, one below the other."""
        whole = Image.new("RGB", (width, height))
        for number, top in enumerate(range(0, height, width), start=index):
            with Image.open(self.images / "train" / PHOTOS[number % len(PHOTOS)]) as opened:
                photo = opened.convert("RGB")
            whole.paste(ImageOps.fit(photo, (width, min(width, height - top))), (0, top))
        return whole

    def file(self, index: int, width: int, height: int) -> bytes:
        """Return such a photo as a PNG file."""
        content = io.BytesIO()
        self.photo(index, width, height).save(content, "PNG")
        return content.getvalue()
