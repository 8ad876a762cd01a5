"""The preview of Gradio's page: a result of the server's own, and nothing of any other file."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from backend import interface
from backend.files import Files
from tests.engine.drawing import chunk, png_header
from tests.pictures import encoded, scene

PICTURE = encoded(scene(8, 6))


def _files(tmp_path: Path) -> Files:
    folder = tmp_path / "files"
    folder.mkdir()
    return Files(folder, 10**9)


def _put(files: Files, name: str, data: bytes) -> dict[str, Any]:
    """Return the description of a file that lies where the server keeps its own."""
    folder = files.folder / "random"
    folder.mkdir()
    path = folder / name
    path.write_bytes(data)
    return {"path": str(path)}


@pytest.mark.parametrize(("name", "format_name"), [
    ("result.png", "PNG"), ("result.jpg", "JPEG"), ("result.webp", "WEBP"),
])  # fmt: skip
def test_a_result_is_shown(tmp_path, name, format_name):
    """Small enough for the page, whatever its format."""
    content = io.BytesIO()
    Image.new("RGB", (3000, 1500), "red").save(content, format_name)
    files = _files(tmp_path)
    shown = interface._preview(_put(files, name, content.getvalue()), files)
    coded = re.search(r"base64,([^\"]+)", shown)
    assert coded is not None
    with Image.open(io.BytesIO(base64.b64decode(coded[1]))) as opened:
        assert opened.size == (1024, 512)


@pytest.mark.parametrize("name", ["upload", "image.png", "result.gif", "result.eps"])
def test_what_others_brought_is_not_opened(tmp_path, name):
    """An upload is no result, although it lies in the same folder."""
    files = _files(tmp_path)
    assert interface._preview(_put(files, name, PICTURE), files) == ""


def test_a_file_elsewhere_is_not_opened(tmp_path):
    """Neither by its path, nor by a way out of the folder."""
    files = _files(tmp_path)
    outside = tmp_path / "result.png"
    outside.write_bytes(PICTURE)
    for path in (outside, files.folder / ".." / "result.png"):
        assert interface._preview({"path": str(path)}, files) == ""


@pytest.mark.parametrize("data", [
    b"",
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
    png_header(13_000, 13_000) + chunk(b"IDAT", b"x") + chunk(b"IEND", b""),
    png_header(4097, 4096) + chunk(b"IDAT", b"x") + chunk(b"IEND", b""),
    PICTURE[:-30],
], ids=["empty", "eps", "bomb", "one row too many", "cut"])  # fmt: skip
def test_what_cannot_be_shown_is_not_told_of(tmp_path, data):
    """The page shows nothing, and nothing is raised."""
    files = _files(tmp_path)
    assert interface._preview(_put(files, "result.png", data), files) == ""


def test_a_picture_of_many_pixels_is_not_unpacked(tmp_path, monkeypatch):
    """One above the limit is left before its first pixel."""
    monkeypatch.setattr(interface, "_MAX_PIXELS", 8 * 6 - 1)
    files = _files(tmp_path)
    assert interface._preview(_put(files, "result.png", PICTURE), files) == ""


@pytest.mark.parametrize("format_name", ["GIF", "BMP", "TIFF"])
def test_only_formats_of_results_are_read(tmp_path, format_name):
    """Another format is not opened, whatever the name says."""
    content = io.BytesIO()
    Image.new("RGB", (8, 6)).save(content, format_name)
    files = _files(tmp_path)
    assert interface._preview(_put(files, "result.png", content.getvalue()), files) == ""


@pytest.mark.parametrize(
    "given", [None, 3, "text", {}, {"path": None}, {"path": ["a"]}, {"path": "a\0b/result.png"}]
)
def test_nonsense_is_not_told_of(tmp_path, given):
    """What no result looks like gives nothing, and nothing is raised."""
    assert interface._preview(given, _files(tmp_path)) == ""
