"""What travels beside the pixels: orientation, EXIF, colour profiles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import ExifTags, Image

from fourxl.notes import Note

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from fourxl.image import Picture
    from fourxl.settings import JobSettings

_PROFILE_SPACE = slice(16, 20)
"""Where an ICC profile names its colour space (ICC.1:2022, 7.2.1)."""

_JPEG_EXIF_BYTES = 65_533
"""What one JPEG segment holds, and EXIF data has one only (EXIF 2.32, 4.7.2)."""


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


def for_result(picture: Picture, settings: JobSettings) -> Picture:
    """Return ``picture`` with the profile and EXIF data that its result shall carry, and no other.

    What was wanted and does not fit the format is noted.
    """
    icc, exif, notes = picture.icc, None, picture.notes
    if settings.keep_exif:
        exif = exif_to_keep(picture.exif, keep_location=settings.keep_location)
    if icc and settings.format == "webp" and not profile_fits(icc, 3):
        icc = None
        sentence = "WebP has no grey; the result is RGB, and the grey colour profile was left out."
        notes += (Note("no-grey-in-webp", sentence),)
    if exif and settings.format == "jpeg" and len(exif) > _JPEG_EXIF_BYTES:
        exif = None
        sentence = "The EXIF data is longer than a JPEG can hold and was left out; PNG and WebP keep it."
        notes += (Note("exif-too-long", sentence),)
    return replace(picture, icc=icc, exif=exif, notes=notes)


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
