"""decode: every picture we promise to read, and nothing but our own errors for everything else."""

from __future__ import annotations

import io
import struct
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from fourxl import image
from fourxl.errors import BrokenImage, EmptyImage, ImageTooLarge, InputError, NotAnImage

from .drawing import (
    GREY_PROFILE,
    RGB_PROFILE,
    chunk,
    noise,
    pillow,
    pillow_file,
    png_file,
    png_header,
    reopened,
    slopes,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def _pixels(picture: image.Picture) -> NDArray[Any]:
    """Return colours and alpha as (height, width, channels)."""
    planes = list(picture.planes)
    if picture.alpha is not None:
        planes.append(picture.alpha)
    return np.stack(planes, axis=2)


def _oriented(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def _files() -> dict[str, bytes]:
    colours = slopes(13, 11)
    return {
        "png": pillow_file(colours, "PNG"),
        "png16": png_file(noise(13, 11, 3, 16), 16),
        "jpeg": pillow_file(colours, "JPEG"),
        "webp": pillow_file(colours, "WEBP"),
        "webp-lossless": pillow_file(slopes(13, 11, 4), "WEBP", lossless=True),
        "gif": pillow_file(colours, "GIF"),
        "bmp": pillow_file(colours, "BMP"),
    }


FILES = _files()


@pytest.mark.parametrize("format_name", ["PNG", "BMP"])
@pytest.mark.parametrize("channels", [1, 3])
def test_exact_formats_keep_every_pixel(format_name, channels):
    """A lossless file of grey or RGB gives the pixels it was written from, with no note and no alpha."""
    samples = noise(7, 5, channels)
    picture = image.decode(pillow_file(samples, format_name))
    assert np.array_equal(_pixels(picture), samples)
    assert (picture.depth, picture.alpha, picture.notes) == (8, None, ())
    assert (picture.size.width, picture.size.height) == (7, 5)


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_and_webp_decode_as_pillow_reads_them(channels):
    """Lossy files give what Pillow reads; WebP has no grey and gives RGB."""
    for format_name in ("JPEG", "WEBP"):
        data = pillow_file(slopes(20, 10, channels), format_name)
        assert np.array_equal(_pixels(image.decode(data)), reopened(data))


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (9, 7), (8, 8), (17, 5)])
def test_png_of_another_writer_keeps_every_bit(width, height, depth, channels, interlaced):
    """Grey, grey+alpha, RGB and RGBA PNGs of 8 and 16 bits, interlaced or not, decode bit for bit."""
    samples = noise(width, height, channels, depth)
    picture = image.decode(png_file(samples, depth, interlaced=interlaced))
    assert picture.depth == depth
    assert np.array_equal(_pixels(picture), samples)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_bits_of_grey_spread_over_the_full_range(depth):
    """Grey of 1, 2 or 4 bits decodes to 8 bits from black to white."""
    samples = noise(9, 4, 1, depth)
    picture = image.decode(png_file(samples, depth))
    assert np.array_equal(picture.planes[0], samples[..., 0] * (255 // (2**depth - 1)))


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("clear", ["first", "last"])
def test_transparent_grey_becomes_alpha(depth, clear):
    """A grey named in tRNS is transparent at every depth, and no other grey is."""
    samples = np.arange(16, dtype=np.uint16).reshape(4, 4, 1) % min(16, 2**depth)
    level = int(samples.min() if clear == "first" else samples.max())
    data = png_file(samples, depth, before=[chunk(b"tRNS", struct.pack(">H", level))])
    picture = image.decode(data)
    top = 2 ** max(8, depth) - 1
    assert picture.alpha is not None
    assert np.array_equal(picture.alpha, np.where(samples[..., 0] == level, 0, top))


@pytest.mark.parametrize("depth", [8, 16])
def test_transparent_colour_becomes_alpha(depth):
    """The RGB colour named in tRNS is transparent, and no other colour is."""
    samples = noise(6, 5, 3, depth)
    samples[2, 3] = samples[4, 1] = (1, 2, 3)
    picture = image.decode(png_file(samples, depth, before=[chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))]))
    assert picture.alpha is not None
    assert np.array_equal(picture.alpha == 0, (samples == (1, 2, 3)).all(axis=2))


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palette_pictures_become_their_colours(depth, transparent):
    """Palette indices turn into the palette's colours, and its tRNS into alpha."""
    entries = 2**depth
    palette, opacity = noise(entries, 1, 3, seed=1)[0], noise(entries, 1, 1, seed=2)[0, :, 0]
    indices = noise(11, 6, 1, depth)
    extra = [chunk(b"PLTE", palette.tobytes())]
    if transparent:
        extra.append(chunk(b"tRNS", opacity.tobytes()))
    picture = image.decode(png_file(indices, depth, colour_type=3, before=extra))
    assert np.array_equal(picture.planes.transpose(1, 2, 0), palette[indices[..., 0]])
    if transparent:
        assert np.array_equal(picture.alpha, opacity[indices[..., 0]])
    else:
        assert picture.alpha is None


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [2, 4])
def test_opaque_alpha_is_dropped(channels, depth):
    """An alpha channel that hides nothing is no alpha channel; one level less anywhere is."""
    samples = noise(5, 4, channels, depth)
    samples[..., -1] = 2**depth - 1
    assert image.decode(png_file(samples, depth)).alpha is None
    samples[3, 4, -1] -= 1
    assert image.decode(png_file(samples, depth)).alpha is not None


def test_gif_transparency_becomes_alpha():
    """A GIF's transparent index is alpha 0."""
    picture = Image.new("P", (4, 3), 1)
    picture.putpalette([0, 0, 0, 200, 100, 50])
    picture.putpixel((2, 1), 0)
    decoded = image.decode(pillow_file(picture, "GIF", transparency=0))
    assert decoded.alpha is not None
    assert np.argwhere(decoded.alpha == 0).tolist() == [[1, 2]]
    assert decoded.planes[:, 0, 0].tolist() == [200, 100, 50]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["JPEG", "WEBP", "PNG"])
def test_orientation_is_applied(format_name, orientation):
    """Each of EXIF's eight orientations turns the picture as Pillow's ``exif_transpose`` does."""
    data = pillow_file(slopes(10, 6), format_name, exif=_oriented(orientation))
    with Image.open(io.BytesIO(data)) as opened:
        upright = np.array(ImageOps.exif_transpose(opened))
    assert np.array_equal(_pixels(image.decode(data)), upright)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_turns_16_bits_and_alpha_alike(orientation):
    """Alpha and 16-bit colours turn together, also when EXIF stands after the pixels."""
    samples = noise(5, 3, 4, 16)
    exif = chunk(b"eXIf", _oriented(orientation).tobytes().removeprefix(b"Exif\0\0"))
    upright = _pixels(image.decode(png_file(samples, 16, before=[exif])))
    high_bytes = (samples >> 8).astype(np.uint8)
    with_exif = pillow(high_bytes)
    with_exif.getexif()[ExifTags.Base.Orientation] = orientation
    assert np.array_equal(upright >> 8, np.array(ImageOps.exif_transpose(with_exif)))
    late = image.decode(png_file(samples, 16, after=[exif]))
    assert np.array_equal(_pixels(late), upright)
    assert late.exif is not None


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_nonsense_orientation_is_ignored(value):
    """An orientation outside 1 to 8 leaves the picture as it is."""
    samples = noise(5, 3)
    assert np.array_equal(_pixels(image.decode(pillow_file(samples, "PNG", exif=_oriented(value)))), samples)


def test_broken_exif_does_not_refuse_the_pixels():
    """EXIF that nobody can read costs the picture nothing."""
    samples = noise(5, 3)
    for exif in (b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\x01" * 40, b"text"):
        data = png_file(samples, 8, before=[chunk(b"eXIf", exif)])
        assert np.array_equal(_pixels(image.decode(data)), samples)


def test_cmyk_jpeg_becomes_rgb_with_a_note():
    """Print colours are converted, said so, and their profile is not passed off as RGB."""
    data = pillow_file(
        pillow(slopes(12, 8)).convert("CMYK"), "JPEG", icc_profile=RGB_PROFILE[:16] + b"CMYK" + bytes(200)
    )
    picture = image.decode(data)
    assert picture.planes.shape == (3, 8, 12)
    assert np.abs(_pixels(picture).astype(int) - slopes(12, 8)).max() < 20
    assert picture.icc is None
    assert ["CMYK" in note.sentence or "profile" in note.sentence for note in picture.notes] == [True, True]


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_animations_give_their_first_frame_and_a_note(format_name):
    """Of an animation the first frame is read, and the person is told."""
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "lime", "blue")]
    data = pillow_file(
        frames[0],
        format_name,
        save_all=True,
        append_images=frames[1:],
        **({"lossless": True} if format_name == "WEBP" else {}),
    )
    picture = image.decode(data)
    assert (picture.planes == np.array([255, 0, 0])[:, None, None]).all()
    assert len(picture.notes) == 1
    assert "first frame" in picture.notes[0].sentence


def test_mpo_gives_its_first_view_without_a_note():
    """A phone's several-views JPEG is an ordinary photo to its owner."""
    views = [pillow(slopes(16, 8)), Image.new("RGB", (16, 8))]
    data = pillow_file(views[0], "MPO", save_all=True, append_images=views[1:])
    picture = image.decode(data)
    assert picture.notes == ()
    assert np.array_equal(_pixels(picture), reopened(data))


@pytest.mark.parametrize(
    ("channels", "profile"), [(1, GREY_PROFILE), (2, GREY_PROFILE), (3, RGB_PROFILE), (4, RGB_PROFILE)]
)
def test_a_fitting_profile_is_kept(channels, profile):
    """The colour profile arrives byte for byte when it describes the picture's channels."""
    picture = image.decode(pillow_file(noise(4, 4, channels), "PNG", icc_profile=profile))
    assert picture.icc == profile
    assert picture.notes == ()


@pytest.mark.parametrize(("channels", "profile"), [(1, RGB_PROFILE), (3, GREY_PROFILE), (3, b"short")])
def test_a_profile_of_another_space_is_dropped_with_a_note(channels, profile):
    """A profile that describes other channels would spoil the colours; it goes, and the person is told."""
    picture = image.decode(pillow_file(noise(4, 4, channels), "PNG", icc_profile=profile))
    assert picture.icc is None
    assert len(picture.notes) == 1
    assert "profile" in picture.notes[0].sentence


def test_nothing_is_an_empty_image():
    """No bytes are told apart from wrong bytes."""
    with pytest.raises(EmptyImage):
        image.decode(b"")


@pytest.mark.parametrize(("head", "name"), [
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
    (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "AVIF"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"%PDF-1.7\n", "PDF"),
    (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
    (b'<?xml version="1.0"?>\n<!-- ' + b"made by a program " * 20 + b"-->\n<svg>", "SVG"),
    (b"II*\0\x08\0\0\0", "TIFF"),
    (b"MM\0*\0\0\0\x08", "TIFF"),
    (b"<!DOCTYPE html><html><body><svg></svg>", "web page"),
])  # fmt: skip
def test_pictures_of_other_formats_are_named(head, name):
    """A file of a format that is not read is refused by its name, with what to do."""
    with pytest.raises(NotAnImage, match=name) as refused:
        image.decode(head + bytes(100))
    assert "PNG" in refused.value.message


@pytest.mark.parametrize("data", [b"hello", b"\0" * 500, b"RIFF\0\0\0\0WAVEfmt ", bytes(range(256))])
def test_other_bytes_are_no_image(data):
    """Text, zeros and sounds are refused in a sentence."""
    with pytest.raises(NotAnImage):
        image.decode(data)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_never_a_wrong_picture(name):
    """A file cut off anywhere is refused, unless all pixels were there already; refused as broken once it is recognisable."""
    data = FILES[name]
    whole = _pixels(image.decode(data))
    unrecognisable = 18  # bytes: no format's header is shorter
    refusals = []
    for length in range(1, len(data)):
        try:
            picture = image.decode(data[:length])
        except InputError as exc:
            refusals.append((length, exc))
        else:
            assert np.array_equal(_pixels(picture), whole), length
    assert len(refusals) > 0.9 * len(data) - 30
    assert all(isinstance(exc, BrokenImage) or length < unrecognisable for length, exc in refusals)


@pytest.mark.parametrize("name", FILES)
def test_flipped_bits_give_a_picture_or_an_input_error(name):
    """Whatever bit of a file is wrong, nothing but the engine's own errors comes out."""
    data = FILES[name]
    rng = np.random.default_rng(4)
    for position, bit in zip(rng.integers(0, len(data), 200), rng.integers(0, 8, 200), strict=True):
        damaged = bytearray(data)
        damaged[position] ^= 1 << int(bit)
        try:
            picture = image.decode(bytes(damaged), max_pixels=100_000)
        except InputError:
            continue
        assert 0 < picture.size.pixels <= 100_000


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 5), (5, 0)])
def test_a_header_without_pixels_is_refused(width, height):
    """A PNG that declares a side of 0 is refused."""
    with pytest.raises(InputError):
        image.decode(png_header(width, height) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


@pytest.mark.parametrize("side", [8_000, 12_000, 100_000, 2**31 - 1])
def test_a_bomb_is_refused_before_memory_is_taken(side):
    """Sixty bytes that declare a huge picture cost next to nothing and are refused by their size."""
    data = png_header(side, side) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    image.decode(FILES["png"])  # whatever the decoder loads once is loaded
    tracemalloc.start()
    try:
        with pytest.raises(ImageTooLarge):
            image.decode(data)
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", FILES)
def test_the_limit_counts_pixels(name):
    """A picture of exactly the limit is read; one pixel more is refused, naming size and limit."""
    assert image.decode(FILES[name], max_pixels=13 * 11).size.pixels == 143
    with pytest.raises(ImageTooLarge, match="13x11") as refused:
        image.decode(FILES[name], max_pixels=13 * 11 - 1)
    assert {"width": 13, "height": 11, "max_pixels": 142}.items() <= refused.value.fields.items()


def test_reference_pictures_decode_as_pillow_reads_them(shared_images: Path):
    """Real photos, drawings and screenshots give Pillow's pixels (the upper bytes of those with 16 bits)."""
    for path in sorted((shared_images / "inputs").iterdir()):
        picture = image.decode(path.read_bytes())
        pixels = _pixels(picture)
        with Image.open(path) as opened:
            expected = np.array(ImageOps.exif_transpose(opened))
        expected = expected.reshape(*expected.shape[:2], -1)[..., : pixels.shape[2]]
        assert np.array_equal(pixels >> (picture.depth - 8), expected), path.name
