"""The command line, with the real model: files, exit codes, and nothing half done."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from fourxl import __version__, png16
from fourxl_native import cli
from tests import denoising, pictures, stand_ins

COMMAND = Path(sys.executable).with_name("fourxl")
MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a small picture, alone in its folder."""
    path = tmp_path / "photo.png"
    path.write_bytes(pictures.encoded(pictures.scene()))
    return path


@pytest.fixture
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the folder of models."""
    return Path(shutil.copytree(MODELS, tmp_path_factory.mktemp("copy") / "models"))


def names(folder: Path) -> list[str]:
    """Return everything that lies in ``folder``, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    return subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


def main(*arguments: object) -> int:
    """Run the command line in this process and return its exit code, also where argparse exits."""
    try:
        return cli.main([str(argument) for argument in arguments])
    except SystemExit as leaving:
        return int(leaving.code or 0)


def samples(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Return the decoded samples of a file, signed so that they can be subtracted."""
    with Image.open(path) as opened:
        return np.asarray(opened).astype(np.int32)


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


BROKEN = {
    "text": b"This is a letter, not a picture.\n" * 20,
    "empty": b"",
    "truncated": pictures.encoded(pictures.scene())[:2000],
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("old", [None, b"an older result"])
def test_broken_picture(
    kind: str, old: bytes | None, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken picture is told in a sentence, exits with 1, and leaves the folder as it was."""
    photo.write_bytes(BROKEN[kind])
    target = photo.with_name("big.png")
    if old:
        target.write_bytes(old)
    before = names(photo.parent)
    assert main(photo, "-o", target) == 1
    out, told = capsys.readouterr()
    assert out == ""
    assert told.startswith("fourxl: ")
    assert told.endswith(".\n")
    assert names(photo.parent) == before
    if old:
        assert target.read_bytes() == old


def test_too_long_for_the_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A result that its format cannot hold is refused with the format that can."""
    source = tmp_path / "long.png"
    source.write_bytes(pictures.encoded(pictures.scene(4100, 2)))
    assert main(source, "-o", tmp_path / "big.webp") == 1
    assert "Choose PNG." in capsys.readouterr().err
    assert names(tmp_path) == ["long.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-m", "nonsuch"), "swift"),
        (("-o", "big.gif"), "one of png, jpeg, webp"),
        (("-o", "big"), "one of png, jpeg, webp"),
        (("--quality", "0"), "1 to 100"),
        (("--quality", "many"), "--quality"),
        (("--tile", "8"), "16 to 4096"),
        (("--depth", "12"), "--depth"),
        (("--depth", "16", "-o", "big.jpg"), "only PNG"),
        (("--threads", "-1"), "--threads"),
        (("--scale", "5"), "2, 3 or 4"),
        (("--width", "0"), "1 or more"),
        (("--width", "289"), "at most 288"),
        (("--width", "100", "--scale", "2"), "--scale"),
        (("--strength", "1.5"), "0 to 1"),
        (("--strength", "half"), "--strength"),
        (("--denoise", "-0.1"), "0 to 1"),
        (("--wrong",), "--wrong"),
    ],
)
def test_wrong_arguments(
    arguments: tuple[str, ...],
    words: str,
    photo: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wrong arguments exit with 2, say what may be written instead, and leave nothing."""
    monkeypatch.chdir(photo.parent)
    assert main(photo, *arguments) == 2
    assert words in capsys.readouterr().err
    assert names(photo.parent) == ["photo.png"]


def test_missing_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A picture that is not there is named."""
    missing = tmp_path / "missing.png"
    assert main(missing) == 1
    assert capsys.readouterr().err == f"fourxl: {missing}: No such file or directory\n"
    assert names(tmp_path) == []


def test_missing_folder(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is not there is told by the name of the result."""
    target = photo.with_name("missing") / "big.png"
    assert main(photo, "-o", target) == 1
    assert capsys.readouterr().err == f"fourxl: {target}: No such file or directory\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_forbidden_folder(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that may not be written to is told by the name of the result."""
    photo.parent.chmod(0o500)
    target = photo.with_name("big.png")
    assert main(photo, "-o", target) == 1
    assert capsys.readouterr().err == f"fourxl: {target}: Permission denied\n"


def test_full_disk(photo: Path) -> None:
    """When the disk takes no more, the result is named and nothing is left of it; an older one stays."""
    target = photo.with_name("big.png")
    target.write_bytes(b"old")
    program = (
        "import resource, sys; from fourxl_native import cli; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); sys.exit(cli.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, photo, "-o", target], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"fourxl: {target}: File too large\n"
    assert names(photo.parent) == ["big.png", "photo.png"]
    assert target.read_bytes() == b"old"


def test_no_table_of_models(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without a table of models is named, with the option that chooses another."""
    assert main(photo, "--models", photo.parent) == 1
    told = capsys.readouterr().err
    assert str(photo.parent / "manifest.json") in told
    assert "--models" in told


def test_missing_model_file(photo: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table whose file is missing fails with the file's name."""
    (models / "swift.onnx").unlink()
    assert main(photo, "--models", models) == 1
    assert str(models / "swift.onnx") in capsys.readouterr().err
    assert names(photo.parent) == ["photo.png"]


def test_wrong_numbers_for_the_known_tile(
    photo: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An onnxruntime that computes something else than the published answer is told, and nothing is written."""
    content = pictures.encoded(pictures.scene(96, 96))
    stand_ins.change(models, "swift", answer=stand_ins.publish(models, "answers/other.png", content))
    assert main(photo, "--models", models) == 1
    assert re.search(
        r"wrong numbers for a known tile \(off by up to [\d.]+ levels of 255, [\d.]+ on average\)",
        capsys.readouterr().err,
    )
    assert names(photo.parent) == ["photo.png"]


def test_model_without_an_answer(photo: Path, models: Path) -> None:
    """A model that was published without an answer is used unasked."""
    stand_ins.change(models, "swift", answer=None)
    assert main(photo, "--models", models) == 0


@pytest.mark.parametrize("position", [0, 0.5, 1])
def test_flipped_byte_in_an_answer(
    position: float, photo: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stored answer is checked like every file of a model."""
    file = models / "answers" / "swift.png"
    content = bytearray(file.read_bytes())
    content[int(position * (len(content) - 1))] ^= 1
    file.write_bytes(content)
    assert main(photo, "--models", models) == 1
    assert "swift.png is not the published one" in capsys.readouterr().err


@pytest.mark.parametrize("position", [0, 0.5, 1])
def test_flipped_byte_in_a_model(
    position: float, photo: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model that is not byte for byte the published one is named and not used."""
    file = models / "swift.onnx"
    content = bytearray(file.read_bytes())
    content[int(position * (len(content) - 1))] ^= 1
    file.write_bytes(content)
    assert main(photo, "--models", models) == 1
    told = capsys.readouterr().err
    assert "swift.onnx" in told
    assert "not the published one" in told
    assert names(photo.parent) == ["photo.png"]


def test_interrupted(photo: Path) -> None:
    """Ctrl+C in mid-job exits with 130 and leaves nothing; the bar on the terminal counted tiles until then."""
    photo.write_bytes(pictures.encoded(pictures.scene(500, 400)))
    watching, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    # A shell may have told its background jobs to ignore Ctrl+C, which children inherit.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        job = subprocess.Popen([COMMAND, photo, "--tile", "32"], stdout=terminal, stderr=terminal)
    finally:
        signal.signal(signal.SIGINT, earlier)
        os.close(terminal)
    told = b""
    while not re.search(rb"tile \d+ of \d{3}", told):
        told += os.read(watching, 4096)
    assert len(names(photo.parent)) == 2, "the unfinished file"
    job.send_signal(signal.SIGINT)
    while b"interrupted" not in told:
        told += os.read(watching, 4096)
    assert job.wait() == 130
    os.close(watching)
    assert b"Traceback" not in told
    assert names(photo.parent) == ["photo.png"]


def test_name_that_is_no_text(tmp_path: Path) -> None:
    """A file whose name is no UTF-8 is enlarged like any other, and the report does not stumble over it."""
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png"))
    source.write_bytes(pictures.encoded(pictures.scene(20, 16)))
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run([COMMAND, source], capture_output=True, check=False, env=strict)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"80x64" in done.stdout
    assert source.with_name(source.stem + "_4x.png").is_file()
