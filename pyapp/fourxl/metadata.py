"""What travels beside the pixels: orientation, EXIF, colour profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ExifTags, Image

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_PROFILE_SPACE = slice(16, 20)
"""Where an ICC profile names its colour space (ICC.1:2022, 7.2.1)."""


def orientation(opened: PillowImage) -> int:
    """Return the EXIF orientation, 1 to 8; 1 when there is none or it is nonsense."""
    try:
        value = opened.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - EXIF is a foreign format inside the file; broken EXIF is no reason to refuse the pixels
        return 1
    return value if value in range(1, 9) else 1


def profile_fits(icc: bytes, colours: int) -> bool:
    """Return whether the profile describes pictures of 1 (grey) or 3 (RGB) colour channels."""
    return icc[_PROFILE_SPACE] == (b"GRAY" if colours == 1 else b"RGB ")


def exif_to_keep(exif: bytes | None, *, keep_location: bool) -> bytes | None:
    """Return EXIF data fit for the upright result: no orientation, no thumbnail, position only if asked.

    None when there is nothing to keep or the data cannot be read.
    """
    if not exif:
        return None
    try:
        tags = Image.Exif()
        tags.load(exif)
        tags.get_ifd(ExifTags.IFD.Exif)  # read now: sub-tables that were never looked at are not written
        if keep_location:
            tags.get_ifd(ExifTags.IFD.GPSInfo)
        else:
            tags.pop(ExifTags.IFD.GPSInfo, None)
        tags.pop(ExifTags.Base.Orientation, None)
        return tags.tobytes() if len(tags) else None
    except Exception:  # noqa: BLE001 - as above: metadata that cannot be read is left behind
        return None
