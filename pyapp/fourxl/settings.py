"""What a job asks for: frozen, checked once, where it enters."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from fourxl.errors import InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Format = Literal["png", "jpeg", "webp"]
Depth = Literal["same", "8", "16"]
DeviceChoice = Literal["auto", "gpu", "cpu"]

MIN_TILE_PX = 16
MAX_TILE_PX = 4096
MIN_SCALE = 2
MAX_SCALE = 4


@dataclass(frozen=True, slots=True)
class JobSettings:
    """One enlargement, as the person asked for it."""

    model_id: str = "swift"
    """A model of the manifest."""

    format: Format = "png"
    """The format of the result."""

    quality: int = 92
    """JPEG and WebP quality, 1 to 100; PNG is always exact."""

    depth: Depth = "same"
    """Bits per channel of a PNG: as in the source, 8 or 16. JPEG and WebP hold 8."""

    keep_exif: bool = False
    """Copy the source's EXIF data; orientation is applied and colour profiles are kept in any case."""

    keep_location: bool = False
    """With ``keep_exif``: the position too."""

    scale: int | None = None
    """How many times larger the result is: 2, 3 or 4; None is what the model does, which is the most."""

    width: int | None = None
    """Width of the result in pixels, in place of ``scale``; its height follows the picture's shape."""

    strength: float = 1.0
    """How much of the network shows, 0 to 1; the rest is the plain enlargement."""

    denoise: float = 0.5
    """How much noise is taken out, 0 to 1, by models that have a denoise strength."""

    tile_px: int | None = None
    """Side of a tile in source pixels, halo included; None lets the runtime choose."""

    device: DeviceChoice = "auto"
    """Where to compute; auto takes the GPU when it is a real one."""

    def __post_init__(self) -> None:
        """Check every range.

        Raises:
            InvalidSettings: names the setting and what it may be.
        """
        for name, is_good, allowed in self._checks():
            if not is_good:
                raise _invalid(name, getattr(self, name), allowed)

    def _checks(self) -> Iterator[tuple[str, bool, str]]:
        """Yield each setting's name, whether its value is good, and what it may be."""
        yield "model_id", isinstance(self.model_id, str) and self.model_id != "", "the name of a model"
        for name, choices in (("format", Format), ("depth", Depth), ("device", DeviceChoice)):
            yield name, getattr(self, name) in get_args(choices), "one of " + ", ".join(get_args(choices))
        for name in ("keep_exif", "keep_location"):
            yield name, isinstance(getattr(self, name), bool), "true or false"
        yield "quality", _is_whole(self.quality, 1, 100), "a whole number from 1 to 100"
        yield "scale", self.scale is None or _is_whole(self.scale, MIN_SCALE, MAX_SCALE), "2, 3 or 4"
        yield "width", self.width is None or _is_whole(self.width, 1), "a whole number of pixels, 1 or more"
        for name in ("strength", "denoise"):
            yield name, _is_share(getattr(self, name)), "a number from 0 to 1"
        tile_px = f"a whole number from {MIN_TILE_PX} to {MAX_TILE_PX}"
        yield "tile_px", self.tile_px is None or _is_whole(self.tile_px, MIN_TILE_PX, MAX_TILE_PX), tile_px
        fits = self.depth != "16" or self.format == "png"
        yield "depth", fits, "8 with JPEG and WebP; only PNG holds 16 bits"

    def to_wire(self) -> dict[str, Any]:
        """Return a flat mapping of plain values."""
        return asdict(self)


def from_wire(wire: Mapping[str, Any]) -> JobSettings:
    """Return the settings in ``wire``.

    Raises:
        InvalidSettings: for an unknown name or a value out of range.
    """
    known = {field.name for field in fields(JobSettings)}
    if unknown := sorted(set(wire) - known):
        allowed = "one of " + ", ".join(sorted(known))
        raise _invalid(unknown[0], wire[unknown[0]], allowed, about="unknown-setting")
    return JobSettings(**wire)


def _is_whole(value: object, least: int, most: int | None = None) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return least <= value and (most is None or value <= most)


def _is_share(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _invalid(name: str, value: object, allowed: str, about: str = "bad-value") -> InvalidSettings:
    return InvalidSettings(
        f"{name} is {value!r}; it must be {allowed}.",
        about=about,
        name=name,
        value=str(value),
        allowed=allowed,
    )
