"""The command line where something is wrong: sentences, exit codes, and nothing half done."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests import pictures, stand_ins

from .command import COMMAND, main, names

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
