"""The result as a file, read back by Pillow."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from fourxl import encode, image, metadata, png16
from fourxl.errors import SideTooLong
from fourxl.geometry import Size
from fourxl.image import Picture
from fourxl.settings import JobSettings

from .drawing import GREY_PROFILE, RGB_PROFILE, TAKEN, camera_exif, noise, reopened, slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMATS = ("png", "jpeg", "webp")


def _picture(samples: NDArray[Any], **extra: Any) -> Picture:
    channels = samples.shape[2]
    planes = np.ascontiguousarray(samples[..., : 1 if channels <= 2 else 3].transpose(2, 0, 1))
    alpha = samples[..., -1] if channels in (2, 4) else None
    return Picture(planes, alpha, **{"icc": None, "exif": None, "notes": (), **extra})


def _file(samples: NDArray[Any], settings: JobSettings, strip: int = 5, **extra: Any) -> bytes:
    """Return the file whose pixels are ``samples``, handed over in strips."""
    buffer = io.BytesIO()
    size = Size(samples.shape[1], samples.shape[0])
    picture = metadata.for_result(_picture(samples, **extra), settings)
    encoder = encode.open_encoder(buffer, size, picture, settings)
    for row in range(0, size.height, strip):
        encoder.write(samples[row : row + strip])
    encoder.finish()
    return buffer.getvalue()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_is_exact(channels):
    """PNG of 8 and 16 bits gives every sample back."""
    for depth in (8, 16):
        samples = noise(9, 12, channels, depth)
        data = _file(samples, JobSettings(format="png"))
        assert np.array_equal(reopened(data) if depth == 8 else png16.read(data), samples)


@pytest.mark.parametrize("format_name", ["jpeg", "webp"])
@pytest.mark.parametrize("channels", [1, 3])
def test_lossy_formats_are_close(format_name, channels):
    """JPEG and WebP are read back close to what was written, in the right format and size."""
    samples = slopes(40, 30, channels)
    data = _file(samples, JobSettings(format=format_name, quality=100))
    with Image.open(io.BytesIO(data)) as opened:
        assert (opened.format.lower(), opened.size) == (format_name, (40, 30))
    assert np.abs(reopened(data).astype(int) - samples).max() <= 6


@pytest.mark.parametrize("strip", [1, 7, 11, 12])
@pytest.mark.parametrize("format_name", FORMATS)
def test_strips_do_not_show(format_name, strip):
    """However the rows are cut into strips, the picture in the file is the same."""
    samples, settings = noise(8, 12), JobSettings(format=format_name)
    assert np.array_equal(reopened(_file(samples, settings, strip)), reopened(_file(samples, settings, 12)))


@pytest.mark.parametrize("format_name", ["jpeg", "webp"])
def test_quality_matters(format_name):
    """A higher quality takes more bytes."""
    sizes = [len(_file(noise(40, 40), JobSettings(format=format_name, quality=q))) for q in (10, 50, 95)]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("channels", [2, 4])
def test_jpeg_shows_what_is_transparent_on_white(channels):
    """JPEG has no alpha: clear becomes white, opaque stays, half is half-way to white."""
    samples = np.zeros((16, 48, channels), np.uint8)
    samples[..., -1] = np.repeat([0, 128, 255], 16)
    read = reopened(_file(samples, JobSettings(format="jpeg", quality=100)))
    assert read.shape[2] == channels - 1
    assert [int(read[8, x, 0]) for x in (4, 24, 44)] == pytest.approx([255, 127, 0], abs=2)


@pytest.mark.parametrize("channels", [2, 4])
def test_webp_keeps_alpha(channels):
    """WebP's alpha is exact."""
    samples = slopes(20, 20, 4)[..., 4 - channels :]
    read = reopened(_file(samples, JobSettings(format="webp")))
    assert np.array_equal(read[..., -1], samples[..., -1])


@pytest.mark.parametrize(("channels", "profile"), [(1, GREY_PROFILE), (3, RGB_PROFILE), (4, RGB_PROFILE)])
@pytest.mark.parametrize("format_name", FORMATS)
def test_the_profile_arrives_where_it_fits(format_name, channels, profile):
    """The profile is in the file byte for byte, unless the format turned grey into RGB; read again, it fits."""
    data = _file(slopes(16, 16, channels), JobSettings(format=format_name), icc=profile)
    again = image.decode(data)
    assert again.notes == ()
    assert again.icc == (None if (format_name, channels) == ("webp", 1) else profile)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("keep_exif", [False, True])
@pytest.mark.parametrize("keep_location", [False, True])
def test_exif_only_when_asked(format_name, keep_exif, keep_location):
    """Without ``keep_exif`` there is none; with it no orientation, and the place only if that is asked too."""
    settings = JobSettings(format=format_name, keep_exif=keep_exif, keep_location=keep_location)
    data = _file(slopes(16, 16), settings, exif=camera_exif())
    with Image.open(io.BytesIO(data)) as opened:
        exif = opened.getexif()
        assert (len(exif) > 0) == keep_exif
        assert ExifTags.Base.Orientation not in exif
        assert (exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) == TAKEN) == keep_exif
        assert bool(exif.get_ifd(ExifTags.IFD.GPSInfo)) == (keep_exif and keep_location)
    assert (b"exif" in data.lower()) == keep_exif


@pytest.mark.parametrize(
    ("depth", "asked", "result"), [(8, "same", 8), (16, "same", 16), (8, "16", 16), (16, "8", 8)]
)
def test_png_has_the_depth_that_was_asked_for(depth, asked, result):
    """PNG keeps the source's depth or takes the one in the settings."""
    picture = _picture(noise(2, 2, 3, depth))
    assert encode.result_depth(picture, JobSettings(depth=asked)) == result


@pytest.mark.parametrize("format_name", ["jpeg", "webp"])
def test_other_formats_have_8_bits(format_name):
    """JPEG and WebP are written with 8 bits whatever the source has."""
    assert encode.result_depth(_picture(noise(2, 2, 3, 16)), JobSettings(format=format_name)) == 8


@pytest.mark.parametrize(("format_name", "limit"), [("jpeg", 65_500), ("webp", 16_383)])
def test_a_side_too_long_is_refused(format_name, limit):
    """The format's longest side is allowed in both directions; one more is refused, naming the limit and the way out."""
    settings = JobSettings(format=format_name)
    for fits, fails in ((Size(limit, 1), Size(limit + 1, 1)), (Size(1, limit), Size(1, limit + 1))):
        encode.check_fits(fits, settings)
        encode.check_fits(fails, replace(settings, format="png"))
        with pytest.raises(SideTooLong, match=r"PNG") as refused:
            encode.check_fits(fails, settings)
        asked = {"side": limit + 1, "limit": limit, "format": format_name}
        assert asked.items() <= refused.value.fields.items()


@pytest.mark.parametrize(("format_name", "limit"), [("jpeg", 65_500), ("webp", 16_383)])
def test_the_limits_are_the_encoders_own(format_name, limit):
    """Pillow writes a picture of the longest side that is allowed, and cannot write a longer one."""
    settings = JobSettings(format=format_name, quality=10)
    with Image.open(io.BytesIO(_file(np.zeros((1, limit, 1), np.uint8), settings))) as opened:
        assert opened.size == (limit, 1)
    with pytest.raises((OSError, ValueError)):
        _file(np.zeros((1, limit + 40, 1), np.uint8), settings)


def test_each_format_has_a_media_type():
    """Every format of the settings has one."""
    assert set(encode.MIME_TYPES) == set(FORMATS)
