"""Sides by the first bytes: what Pillow says of the same file, or nothing."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from fourxl_web.page.picking import headers

SIDES = [(1, 1), (300, 7), (7, 300), (1000, 999)]
KINDS = {
    "png": {"format": "PNG"},
    "jpeg": {"format": "JPEG"},
    "progressive": {"format": "JPEG", "progressive": True},
    "webp": {"format": "WEBP"},
    "lossless": {"format": "WEBP", "lossless": True},
    "gif": {"format": "GIF"},
    "bmp": {"format": "BMP"},
}


def encoded(sides_px: tuple[int, int], kind: str) -> bytes:
    """Return an empty picture of that size."""
    buffer = io.BytesIO()
    Image.new("RGB", sides_px).save(buffer, **KINDS[kind])
    return buffer.getvalue()


@pytest.mark.parametrize("sides_px", SIDES)
@pytest.mark.parametrize("kind", KINDS)
def test_sides(kind: str, sides_px: tuple[int, int]) -> None:
    """Every kind tells its sides at once."""
    assert headers.sides_px(encoded(sides_px, kind)) == sides_px


def test_webp_with_alpha() -> None:
    """A WebP in the extended form tells them elsewhere."""
    buffer = io.BytesIO()
    Image.new("RGBA", (40, 30), (1, 2, 3, 4)).save(buffer, "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0")
    assert buffer.getvalue()[12:16] == b"VP8X"
    assert headers.sides_px(buffer.getvalue()) == (40, 30)


def test_upside_down_bmp() -> None:
    """A BMP whose rows go from top to bottom has a height below nothing."""
    whole = encoded((7, 300), "bmp")
    assert headers.sides_px(whole[:22] + (-300).to_bytes(4, "little", signed=True) + whole[26:]) == (7, 300)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged(kind: str) -> None:
    """A beginning that is too short tells the sides or nothing, and never anything else."""
    whole = encoded((300, 7), kind)
    for length in range(min(len(whole), 900)):
        assert headers.sides_px(whole[:length]) in (None, (300, 7))


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\xff\xd8" + bytes(50), b"RIFF" + bytes(60)])
def test_no_picture(content: bytes) -> None:
    """What is no picture has no sides."""
    assert headers.sides_px(content) is None
