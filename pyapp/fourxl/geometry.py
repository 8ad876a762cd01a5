"""Integer rectangles: sizes, regions and paddings, all in pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height, each at least 1."""

    width: int
    height: int

    def __post_init__(self) -> None:
        """Refuse empty sizes; whoever reads outside data checks before."""
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a size has at least one pixel: {self.width}x{self.height}")

    def __str__(self) -> str:
        """Return ``WIDTHxHEIGHT``."""
        return f"{self.width}x{self.height}"

    @property
    def pixels(self) -> int:
        """The area."""
        return self.width * self.height

    def scaled(self, factor: int) -> Size:
        """Return both sides times ``factor``."""
        return Size(self.width * factor, self.height * factor)


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open integers ``[start, stop)`` along one axis."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """How many integers the span holds."""
        return self.stop - self.start

    def scaled(self, factor: int) -> Span:
        """Return both ends times ``factor``."""
        return Span(self.start * factor, self.stop * factor)

    def shifted(self, offset: int) -> Span:
        """Return both ends plus ``offset``."""
        return Span(self.start + offset, self.stop + offset)

    def as_slice(self) -> slice:
        """Return the span as an index."""
        return slice(self.start, self.stop)
