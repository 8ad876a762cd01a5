"""Draws the icons that devices want as pixels from site/icons/icon.svg, with the Chromium of this machine.

Run from the repository after a change of the drawing: `.venv/bin/python -m scripts.draw_icons`
"""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from scripts.benching import browser

ICONS = Path(__file__).resolve().parents[1] / "site" / "icons"
DRAWING = ICONS / "icon.svg"


@dataclass(frozen=True)
class Icon:
    """One picture of the brand."""

    name: str
    side_px: int
    share: float
    """Of the side, that the drawing takes; a device that cuts an icon to its own form keeps the middle 0.8."""

    ground: str = ""
    """Colour behind the drawing; transparent where empty."""


DRAWN = (
    Icon("icon-192.png", 192, 1),
    Icon("icon-512.png", 512, 1),
    Icon("maskable-512.png", 512, 0.66, "#eef5f3"),
    Icon("touch-180.png", 180, 0.8, "#eef5f3"),
)


def document(icon: Icon) -> str:
    """Return a page that is this icon and nothing else."""
    side_px = round(icon.side_px * icon.share)
    return (
        f"<style>html {{ background: {icon.ground or 'transparent'} }}"
        "body { display: grid; place-items: center; height: 100vh; margin: 0 }"
        f"svg {{ width: {side_px}px; height: {side_px}px }}</style>{DRAWING.read_text()}"
    )


def draw_all(folder: Path) -> None:
    """Write every icon into the folder."""
    with browser.launched() as chromium:
        page = chromium.new_page()
        for icon in DRAWN:
            page.set_viewport_size({"width": icon.side_px, "height": icon.side_px})
            page.set_content(document(icon))
            drawn = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
            drawn.save(folder / icon.name, optimize=True)


if __name__ == "__main__":
    draw_all(ICONS)
