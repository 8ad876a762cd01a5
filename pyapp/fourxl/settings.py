"""What a job asks for: frozen, checked once, where it enters."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from fourxl.errors import InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

Format = Literal["png", "jpeg", "webp"]
Depth = Literal["same", "8", "16"]
DeviceChoice = Literal["auto", "gpu", "cpu"]

MIN_TILE_PX = 16
MAX_TILE_PX = 4096


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

    tile_px: int | None = None
    """Side of a tile in source pixels, halo included; None lets the runtime choose."""

    device: DeviceChoice = "auto"
    """Where to compute; auto takes the GPU when it is a real one."""

    def __post_init__(self) -> None:
        """Check every range.

        Raises:
            InvalidSettings: names the setting and what it may be.
        """
        if not self.model_id or not isinstance(self.model_id, str):
            raise _invalid("model_id", self.model_id, "the name of a model")
        for name, choices in (("format", Format), ("depth", Depth), ("device", DeviceChoice)):
            if getattr(self, name) not in get_args(choices):
                raise _invalid(name, getattr(self, name), "one of " + ", ".join(get_args(choices)))
        for name in ("keep_exif", "keep_location"):
            if not isinstance(getattr(self, name), bool):
                raise _invalid(name, getattr(self, name), "true or false")
        if not _is_whole(self.quality) or not 1 <= self.quality <= 100:  # noqa: PLR2004
            raise _invalid("quality", self.quality, "a whole number from 1 to 100")
        if self.tile_px is not None and not (
            _is_whole(self.tile_px) and MIN_TILE_PX <= self.tile_px <= MAX_TILE_PX
        ):
            raise _invalid("tile_px", self.tile_px, f"a whole number from {MIN_TILE_PX} to {MAX_TILE_PX}")
        if self.depth == "16" and self.format != "png":
            raise _invalid("depth", self.depth, "8 with JPEG and WebP; only PNG holds 16 bits")

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
        raise _invalid(unknown[0], wire[unknown[0]], "one of " + ", ".join(sorted(known)))
    return JobSettings(**wire)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _invalid(name: str, value: object, allowed: str) -> InvalidSettings:
    return InvalidSettings(f"{name} is {value!r}; it must be {allowed}.", name=name, value=str(value))
