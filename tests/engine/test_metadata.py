"""What travels beside the pixels, and what does not."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import ExifTags, Image

from fourxl import image, metadata
from fourxl.settings import JobSettings

from .drawing import GREY_PROFILE, PLACE, RGB_PROFILE, TAKEN, camera_exif, noise, pillow, pillow_file


def _read(exif: bytes | None) -> Image.Exif:
    assert exif is not None
    tags = Image.Exif()
    tags.load(exif)
    return tags


def _all_tags(exif: bytes | None) -> dict[Any, Any]:
    tags = _read(exif)
    nested = {ifd: tags.get_ifd(ifd) for ifd in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)}
    pointers = tuple(nested)
    return {
        **{key: value for key, value in tags.items() if key not in pointers},
        **{k: v for k, v in nested.items() if v},
    }


def test_the_fixture_has_everything():
    """The EXIF of the tests below really holds a place, a time and an orientation."""
    tags = _all_tags(camera_exif())
    assert tags[ExifTags.IFD.GPSInfo] == PLACE
    assert tags[ExifTags.IFD.Exif][ExifTags.Base.DateTimeOriginal] == TAKEN
    assert tags[ExifTags.Base.Orientation] == 6


@pytest.mark.parametrize("keep_location", [False, True])
def test_place_only_when_asked_and_never_the_orientation(keep_location):
    """Maker and time stay; the orientation, already applied, goes; the place stays only if asked."""
    kept = metadata.exif_to_keep(camera_exif(), keep_location=keep_location)
    tags = _all_tags(kept)
    assert tags.pop(ExifTags.Base.Make) == "A maker"
    assert tags.pop(ExifTags.IFD.Exif) == {ExifTags.Base.DateTimeOriginal: TAKEN}
    assert tags == ({ExifTags.IFD.GPSInfo: PLACE} if keep_location else {})


def test_no_byte_of_the_place_remains():
    """Nothing of the position's table is left in the data, referenced or not."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = b"SECRETPLACE"
    exif[ExifTags.Base.Make] = "A maker"
    assert b"SECRETPLACE" in exif.tobytes()
    kept = metadata.exif_to_keep(exif.tobytes(), keep_location=False)
    assert kept is not None
    assert b"SECRETPLACE" not in kept


def test_the_thumbnail_is_left_behind():
    """A thumbnail shows the picture as it was before it was turned or cut; it is not kept."""
    buffer = io.BytesIO()
    pillow(noise(16, 16)).save(buffer, "JPEG")
    thumbnail = buffer.getvalue()
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "A maker"
    first = exif.tobytes()
    bare = bytearray(first.removeprefix(b"Exif\0\0"))
    order = "little" if bare[:2] == b"II" else "big"
    start = int.from_bytes(bare[4:8], order)
    link = start + 2 + 12 * int.from_bytes(bare[start : start + 2], order)
    bare[link : link + 4] = len(bare).to_bytes(4, order)
    entries = ((0x0201, len(bare) + 2 + 24 + 4), (0x0202, len(thumbnail)))
    table = b"".join(
        tag.to_bytes(2, order) + (4).to_bytes(2, order) + (1).to_bytes(4, order) + value.to_bytes(4, order)
        for tag, value in entries
    )
    with_thumbnail = b"Exif\0\0" + bytes(bare) + (2).to_bytes(2, order) + table + bytes(4) + thumbnail
    assert _read(with_thumbnail).get_ifd(ExifTags.IFD.IFD1)[0x0202] == len(thumbnail)
    kept = metadata.exif_to_keep(with_thumbnail, keep_location=True)
    assert _read(kept)[ExifTags.Base.Make] == "A maker"
    assert thumbnail[:40] not in kept


@pytest.mark.parametrize(
    "exif",
    [
        None,
        b"",
        b"text",
        b"Exif\0\0",
        b"Exif\0\0II*\0",
        b"Exif\0\0MM\0*\0\0\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff" + b"\1" * 30,
    ],
)
def test_what_cannot_be_read_is_left_behind(exif):
    """Missing or broken EXIF is no EXIF, not an error."""
    assert metadata.exif_to_keep(exif, keep_location=True) is None


def test_only_an_orientation_leaves_nothing():
    """EXIF with nothing in it but what goes is not written at all."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 3
    assert metadata.exif_to_keep(exif.tobytes(), keep_location=True) is None


@pytest.mark.parametrize(("profile", "colours", "fits"), [
    (RGB_PROFILE, 3, True), (RGB_PROFILE, 1, False), (GREY_PROFILE, 1, True), (GREY_PROFILE, 3, False),
    (RGB_PROFILE[:16] + b"CMYK" + RGB_PROFILE[20:], 3, False), (b"", 3, False), (b"RGB ", 3, False),
])  # fmt: skip
def test_a_profile_fits_its_own_space_only(profile, colours, fits):
    """Grey profiles fit grey, RGB profiles fit RGB, and nothing else fits anything."""
    assert metadata.profile_fits(profile, colours) is fits


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_read(orientation):
    """The tag's value is returned as it is."""
    picture = pillow(noise(2, 2))
    picture.getexif()[ExifTags.Base.Orientation] = orientation
    assert metadata.orientation(picture) == orientation


@pytest.mark.parametrize("value", [0, 9, -1, "6", (6, 6), None])
def test_a_nonsense_orientation_is_1(value):
    """Anything but 1 to 8 means upright."""
    picture = pillow(noise(2, 2))
    picture.getexif()[ExifTags.Base.Orientation] = value
    assert metadata.orientation(picture) == 1


@pytest.mark.parametrize("format_name", ["png", "jpeg", "webp"])
def test_a_grey_profile_does_not_go_into_webp(format_name):
    """WebP turns grey into RGB, so the grey profile stays behind there, and only there, with a note."""
    picture = image.decode(pillow_file(noise(4, 4, 1), "PNG", icc_profile=GREY_PROFILE))
    fitted = metadata.for_result(picture, JobSettings(format=format_name))
    assert fitted.icc == (None if format_name == "webp" else GREY_PROFILE)
    assert [note.about == "no-grey-in-webp" for note in fitted.notes] == (
        [True] if format_name == "webp" else []
    )


@pytest.mark.parametrize("format_name", ["png", "jpeg", "webp"])
def test_exif_too_long_for_jpeg_is_left_out(format_name):
    """EXIF above 64 KiB, which a JPEG cannot hold, is left out there, and only there, with a note."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "long " * 20_000
    picture = image.decode(pillow_file(noise(4, 4), "PNG", exif=exif))
    fitted = metadata.for_result(picture, JobSettings(format=format_name, keep_exif=True))
    assert (fitted.exif is None) == (format_name == "jpeg")
    assert ["EXIF" in note.sentence for note in fitted.notes] == ([True] if format_name == "jpeg" else [])


def test_the_longest_exif_a_jpeg_holds_goes_in():
    """EXIF just under the limit is kept, and Pillow can write it; just over it is not."""
    for length, kept in ((65_400, True), (65_600, False)):
        exif = Image.Exif()
        exif[ExifTags.Base.ImageDescription] = "x" * length
        picture = image.decode(pillow_file(noise(4, 4), "PNG", exif=exif))
        fitted = metadata.for_result(picture, JobSettings(format="jpeg", keep_exif=True))
        assert (fitted.exif is not None) == kept
        pillow_file(noise(4, 4), "JPEG", exif=fitted.exif or b"")
