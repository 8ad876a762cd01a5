"""No file keeps a decoder busy: neither itself, nor those that wait for it."""

from __future__ import annotations

import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from fourxl import image
from fourxl.errors import BrokenImage

from .drawing import chunk, noise, pillow_file, png_file, png_header, slopes

FILES = {name: pillow_file(slopes(13, 11), name.upper()) for name in ("png", "jpeg", "gif")}

_CHUNKS = chunk(b"abCd", b"") * 200_000
_COMMENTS = b"\x21\xfe\x01a\x00" * 400_000
_ONE_COMMENT = b"\x21\xfe" + (b"\xff" + bytes(255)) * 30_000 + b"\0"
_GIF_HEAD = FILES["gif"].index(b"!") if b"!" in FILES["gif"] else FILES["gif"].index(b",")
_PIXELS_AT = FILES["png"].index(b"IDAT") - 4


def _with(name: str, at: int, pieces: bytes) -> bytes:
    return FILES[name][:at] + pieces + FILES[name][at:]


@pytest.mark.parametrize("data", [
    _with("gif", _GIF_HEAD, _COMMENTS),
    _with("gif", _GIF_HEAD, _ONE_COMMENT),
    _with("png", _PIXELS_AT, _CHUNKS),
    _with("png", _PIXELS_AT, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1_000_000))) * 2000),
    _with("jpeg", 2, b"\xff\xfe\0\3a" * 400_000),
    _with("jpeg", 2, b"\xff" * 2_000_000),
], ids=["gif comments", "gif comment", "png", "png profiles", "jpeg comments", "jpeg fill"])  # fmt: skip
@pytest.mark.parametrize("read", [image.measure, image.decode])
def test_a_header_of_a_million_pieces_is_refused_at_once(read, data):
    """A small file cannot keep the decoder busy for minutes."""
    began = time.process_time()
    with pytest.raises(BrokenImage, match="pieces"):
        read(data)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("where", ["before", "after"])
def test_pixels_in_a_million_pieces_are_refused_at_once(where, depth):
    """Nor can one whose header is short, and whose chunks around the pixels are empty."""
    empty = chunk(b"IDAT", b"") * 400_000 if where == "before" else chunk(b"abCd", b"") * 400_000
    data = png_file(noise(13, 11, 3, depth), depth, **{where: [empty]})
    assert image.measure(data).width == 13
    began = time.process_time()
    with pytest.raises(BrokenImage, match="pieces"):
        image.decode(data)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("between", [_COMMENTS, _ONE_COMMENT, b"\0" * 1000, b""])
@pytest.mark.parametrize("frames", [1, 2])
def test_what_stands_between_frames_costs_little(between, frames):
    """A GIF is an animation when a second frame follows, however far away, and is told so at once."""
    start, frame = FILES["gif"][:_GIF_HEAD], FILES["gif"][_GIF_HEAD:-1]
    began = time.process_time()
    picture = image.decode(start + frame + between + frame * (frames - 1) + b";")
    assert time.process_time() - began < 2
    assert len(picture.notes) == frames - 1


@pytest.mark.parametrize("bytes_each", [512, 8192])
def test_pixels_in_many_chunks_are_read(bytes_each):
    """A large PNG comes in thousands of chunks, and is whole."""
    samples = noise(1200, 900)
    whole = png_file(samples, 8)
    pixels_at = whole.index(b"IDAT") + 4
    pixels = whole[pixels_at : pixels_at + int.from_bytes(whole[pixels_at - 8 : pixels_at - 4], "big")]
    chunks = (chunk(b"IDAT", pixels[at : at + bytes_each]) for at in range(0, len(pixels), bytes_each))
    data = png_header(1200, 900) + b"".join(chunks) + chunk(b"IEND", b"")
    assert np.array_equal(image.decode(data).planes.transpose(1, 2, 0), samples)


def test_a_size_is_told_while_another_picture_is_decoded(monkeypatch: pytest.MonkeyPatch):
    """Whoever decodes keeps nobody waiting."""
    began, may_go = threading.Event(), threading.Event()
    unpack = image._unpack

    def slowly(*given: Any) -> Any:
        began.set()
        assert may_go.wait(30)
        return unpack(*given)

    monkeypatch.setattr(image, "_unpack", slowly)
    with ThreadPoolExecutor(2) as pool:
        decoded = pool.submit(image.decode, FILES["png"])
        try:
            assert began.wait(30)
            assert pool.submit(image.measure, FILES["jpeg"]).result(10).width == 13
            assert not decoded.done()
        finally:
            may_go.set()
        assert decoded.result(30).size.width == 13
