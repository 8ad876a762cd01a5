"""Which part of a picture the models are tried on; pure geometry in pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass

SIDE_PX = 96
"""Enough to judge by, and little enough for the slowest model."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a picture of ``of_width`` x ``of_height``; always inside."""

    left: int
    top: int
    of_width: int
    of_height: int

    @property
    def width(self) -> int:
        """A side, or all there is."""
        return min(SIDE_PX, self.of_width)

    @property
    def height(self) -> int:
        """A side, or all there is."""
        return min(SIDE_PX, self.of_height)

    @property
    def place(self) -> tuple[float, float]:
        """Where its middle is, as shares of the picture from the left and from the top."""
        return (self.left + self.width / 2) / self.of_width, (self.top + self.height / 2) / self.of_height

    def moved(self, right: int, down: int) -> Crop:
        """Return the part so much further on, as far as the picture goes."""
        return Crop(
            min(max(self.left + right, 0), self.of_width - self.width),
            min(max(self.top + down, 0), self.of_height - self.height),
            self.of_width,
            self.of_height,
        )

    def around(self, x: float, y: float) -> Crop:
        """Return the part whose middle is nearest to that point."""
        right, down = x - self.width / 2 - self.left, y - self.height / 2 - self.top
        return self.moved(round(right), round(down))


def middle(width: int, height: int) -> Crop:
    """Return the part in the middle of a picture of that size."""
    return Crop(0, 0, width, height).around(width / 2, height / 2)
