"""The command line, with the real model: what it makes of pictures and options."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from fourxl import __version__, png16
from tests import denoising, pictures

from .command import COMMAND, main, names, run, samples


def test_installed_command(photo: Path) -> None:
    """``fourxl photo.png`` writes photo_4x.png beside the source and tells its size."""
    done = run(photo)
    result = photo.with_name("photo_4x.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{result}: 288x224, ")
    assert names(photo.parent) == ["photo.png", "photo_4x.png"]
    assert samples(result).shape == (224, 288, 3)


def test_version() -> None:
    """The command tells its version."""
    assert run("--version").stdout == f"fourxl {__version__}\n"


@pytest.mark.parametrize(
    ("name", "format_name"),
    [("big.png", "PNG"), ("big.jpg", "JPEG"), ("big.JPEG", "JPEG"), ("big.webp", "WEBP")],
)
def test_ending_chooses_the_format(name: str, format_name: str, photo: Path) -> None:
    """The result is four times larger, in the format that its ending names."""
    target = photo.with_name(name)
    assert main(photo, "-o", target) == 0
    with Image.open(target) as opened:
        assert (opened.format, opened.size) == (format_name, (288, 224))


def test_result_shows_the_picture(photo: Path) -> None:
    """Averaged over squares of 8 source pixels, the result is the picture it was made of."""
    target = photo.with_name("big.png")
    main(photo, "-o", target)
    small, large = (
        samples(path).reshape(7, side, 9, side, 3).mean(axis=(1, 3))
        for path, side in ((photo, 8), (target, 32))
    )
    assert np.abs(small - large).mean() < 5
    assert np.abs(small[::-1] - large).mean() > 20, "upside down it would not be"


def test_quality(photo: Path) -> None:
    """A lower quality makes a smaller file."""
    sizes = []
    for quality in (20, 95):
        target = photo.with_name(f"{quality}.jpg")
        assert main(photo, "-o", target, "--quality", quality) == 0
        sizes.append(target.stat().st_size)
    assert sizes[0] < sizes[1] / 2


def test_16_bits(photo: Path) -> None:
    """``--depth 16`` writes 16 bits that hold more than the 8-bit result's levels."""
    deep, shallow = photo.with_name("deep.png"), photo.with_name("shallow.png")
    assert main(photo, "-o", deep, "--depth", "16") == 0
    assert main(photo, "-o", shallow) == 0
    result = png16.read(deep.read_bytes())
    assert result.dtype == np.uint16
    assert np.unique(result & 255).size > 200
    assert np.abs(result / 257 - samples(shallow)).max() <= 0.51


@pytest.mark.parametrize(
    ("options", "camera", "place"),
    [
        ((), False, False),
        (("--keep-location",), False, False),
        (("--keep-exif",), True, False),
        (("--keep-exif", "--keep-location"), True, True),
    ],
)
def test_exif(options: tuple[str, ...], camera: bool, place: bool, tmp_path: Path) -> None:
    """EXIF data comes along only when asked for, and the position only when asked for too."""
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Box"
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (48.0, 8.0, 0.0),
    }
    source, target = tmp_path / "photo.jpg", tmp_path / "big.jpg"
    source.write_bytes(pictures.encoded(pictures.scene(), "JPEG", exif=exif))
    assert main(source, "-o", target, *options) == 0
    with Image.open(target) as opened:
        kept = opened.getexif()
    assert (kept.get(ExifTags.Base.Model) == "Box") == camera
    assert bool(kept.get_ifd(ExifTags.IFD.GPSInfo)) == place


def test_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a person should know about the picture is told on standard error."""
    source = tmp_path / "moving.gif"
    frames = [pictures.scene(40, 30).quantize(16), pictures.scene(40, 30).rotate(90).quantize(16)]
    source.write_bytes(pictures.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert main(source) == 0
    assert "note: " in (told := capsys.readouterr().err)
    assert "first frame" in told


def test_quiet(photo: Path) -> None:
    """``--quiet`` prints nothing at all and writes the same file."""
    target = photo.with_name("big.png")
    run(photo, "-o", target)
    expected = target.read_bytes()
    done = run(photo, "-o", target, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_bytes() == expected


def test_tiles_leave_no_seams(photo: Path) -> None:
    """In 32 px tiles the result is within 1 level of the one made in one piece: the halo is wide enough."""
    whole, tiled = photo.with_name("whole.png"), photo.with_name("tiled.png")
    assert main(photo, "-o", whole) == 0
    assert main(photo, "-o", tiled, "--tile", 32) == 0
    assert np.abs(samples(whole) - samples(tiled)).max() <= 1


def test_without_a_halo_there_are_seams(photo: Path, models: Path) -> None:
    """With the halo set to 0 in the table, the same tiles do show: the test above could fail."""
    table = json.loads((models / "manifest.json").read_text())
    table["models"][0]["halo_px"] = 0
    (models / "manifest.json").write_text(json.dumps(table))
    whole, tiled = photo.with_name("whole.png"), photo.with_name("tiled.png")
    assert main(photo, "-o", whole) == 0
    assert main(photo, "-o", tiled, "--tile", 32, "--models", models) == 0
    assert np.abs(samples(whole) - samples(tiled)).max() > 1


@pytest.mark.parametrize(
    ("options", "name", "size"),
    [
        (("--scale", 2), "photo_2x.png", (144, 112)),
        (("--scale", 3), "photo_3x.png", (216, 168)),
        (("--scale", 4), "photo_4x.png", (288, 224)),
        (("--width", 100), "photo_100w.png", (100, 78)),
    ],
)
def test_size(options: tuple[object, ...], name: str, size: tuple[int, int], photo: Path) -> None:
    """The result has the size that was asked for, its name tells it, and it is the 4x result reduced."""
    large = photo.with_name("large.png")
    assert main(photo, "-o", large) == 0
    assert main(photo, *options) == 0
    assert names(photo.parent) == sorted(["large.png", "photo.png", name])
    with Image.open(large) as opened:
        expected = np.asarray(opened.resize(size, Image.Resampling.LANCZOS)).astype(np.int32)
    assert np.abs(samples(photo.with_name(name)) - expected).max() <= 1


def test_strength(photo: Path) -> None:
    """At 0 the result is the plain enlargement, at 1 the network's, at half it lies half-way."""
    found = {}
    for strength in (0, 0.5, 1):
        target = photo.with_name(f"{strength}.png")
        assert main(photo, "-o", target, "--strength", strength) == 0
        found[strength] = samples(target)
    with Image.open(photo) as opened:
        plain = np.asarray(opened.resize((288, 224), Image.Resampling.BICUBIC)).astype(np.int32)
    assert np.abs(found[0] - plain).max() <= 1
    assert np.abs(found[0] - found[1]).max() > 20, "the network does something"
    # Half-way from what the network gave, which may have been beyond black or white.
    halfway = np.abs(2 * found[0.5] - found[0] - found[1])
    inside = (found[1] > 0) & (found[1] < 255)
    assert halfway[inside].max() <= 2


@pytest.mark.parametrize(
    ("options", "brightness"),
    [((), 0.5), (("--denoise", 0), 0.25), (("--denoise", 1), 0.75), (("--denoise", 0.25), 0.375)],
)
def test_denoise(options: tuple[object, ...], brightness: float, tmp_path: Path) -> None:
    """The two trainings are mixed as asked, half and half unless asked; nothing needs to be said of it."""
    denoising.write_models(tmp_path / "models")
    source, target = tmp_path / "white.png", tmp_path / "big.png"
    source.write_bytes(pictures.encoded(Image.new("RGB", (20, 16), "white")))
    done = run(source, "-o", target, "-m", "even", "--models", tmp_path / "models", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert np.abs(samples(target) - 255 * brightness).max() <= 0.51


def test_denoise_without_the_twin(tmp_path: Path) -> None:
    """Where one training is missing the other one runs, and a note says that the strength was not applied."""
    denoising.write_models(tmp_path / "models", twin=False)
    source, target = tmp_path / "white.png", tmp_path / "big.png"
    source.write_bytes(pictures.encoded(Image.new("RGB", (20, 16), "white")))
    done = run(source, "-o", target, "-m", "even", "--models", tmp_path / "models", "--denoise", 0.2)
    assert done.returncode == 0
    assert done.stderr.startswith("note: The denoise strength was not applied")
    assert np.abs(samples(target) - 255 * 0.75).max() <= 0.51


def test_name_that_is_no_text(tmp_path: Path) -> None:
    """A file whose name is no UTF-8 is enlarged like any other, and the report does not stumble over it."""
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png"))
    source.write_bytes(pictures.encoded(pictures.scene(20, 16)))
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run([COMMAND, source], capture_output=True, check=False, env=strict)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"80x64" in done.stdout
    assert source.with_name(source.stem + "_4x.png").is_file()
