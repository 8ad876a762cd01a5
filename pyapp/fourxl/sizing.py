"""How large the result is: at most as large as the network makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl.errors import InvalidSettings
from fourxl.geometry import Size

if TYPE_CHECKING:
    from fourxl.settings import JobSettings


def target(source: Size, scale: int, settings: JobSettings) -> Size:
    """Return the size of the result for a picture of size ``source`` and a model of ``scale``.

    An exact width takes the height that keeps the picture's shape, rounded, at least 1 pixel.

    Raises:
        InvalidSettings: larger than the network makes it.
    """
    if settings.width is None:
        return source.scaled(_factor(scale, settings))
    if settings.width > source.width * scale:
        raise InvalidSettings(
            f"A width of {settings.width} pixels is more than {scale} times this picture's {source.width}. "
            f"Choose at most {source.width * scale}.",
            about="width-too-large",
            name="width",
            value=str(settings.width),
            limit=source.width * scale,
            scale=scale,
            source_width=source.width,
        )
    height = (2 * source.height * settings.width + source.width) // (2 * source.width)
    return Size(settings.width, max(1, height))


def label(scale: int, settings: JobSettings) -> str:
    """Return what a result's name tells of its size: ``4x``, ``1920w``.

    Raises:
        InvalidSettings: larger than the network makes it.
    """
    return f"{_factor(scale, settings)}x" if settings.width is None else f"{settings.width}w"


def _factor(scale: int, settings: JobSettings) -> int:
    if settings.scale is None:
        return scale
    if settings.scale > scale:
        raise InvalidSettings(
            f"This model enlarges {scale} times; {settings.scale} times is more than it can. "
            f"Choose at most {scale}.",
            about="scale-too-large",
            name="scale",
            value=str(settings.scale),
            limit=scale,
        )
    return settings.scale
