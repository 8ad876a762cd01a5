"""Width and height of a picture by its first bytes, which is quicker than to decode it: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ENOUGH_BYTES = 65_536
"""What is looked at; a JPEG may tell its size later than that, and is not known then."""

_BARE_JPEG = {0x01, *range(0xD0, 0xDA)}
"""Markers without a length."""

_JPEG_SIZE = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Start of frame, in every way of coding."""


def sides_px(head: bytes) -> tuple[int, int] | None:
    """Return width and height, as stored, of the PNG, JPEG, WebP, GIF or BMP that begins with ``head``."""
    for magic, read in _READERS:
        if head.startswith(magic):
            try:
                width, height = read(head)
            except IndexError:
                return None
            return (width, height) if width > 0 and height > 0 else None
    return None


def _png(head: bytes) -> tuple[int, int]:
    return _big(head, 16, 4), _big(head, 20, 4)


def _gif(head: bytes) -> tuple[int, int]:
    return _little(head, 6, 2), _little(head, 8, 2)


def _bmp(head: bytes) -> tuple[int, int]:
    height = _little(head, 22, 4)  # below nothing where the rows go from top to bottom
    return _little(head, 18, 4), min(height, 2**32 - height)


def _webp(head: bytes) -> tuple[int, int]:
    match head[12:16]:
        case b"VP8X":
            return _little(head, 24, 3) + 1, _little(head, 27, 3) + 1
        case b"VP8L":
            packed = _little(head, 21, 4)
            return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return _little(head, 26, 2) & 0x3FFF, _little(head, 28, 2) & 0x3FFF
        case _:
            return 0, 0


def _jpeg(head: bytes) -> tuple[int, int]:
    """Go from marker to marker to the one that tells the size (ITU-T T.81, B.2.2)."""
    at = 2
    while head[at] == 0xFF:  # noqa: PLR2004 - how every marker begins
        marker = head[at + 1]
        if marker in _JPEG_SIZE:
            return _big(head, at + 7, 2), _big(head, at + 5, 2)
        if marker == 0xFF:  # noqa: PLR2004 - filling
            at += 1
        else:
            at += 2 if marker in _BARE_JPEG else 2 + _big(head, at + 2, 2)
    return 0, 0


_READERS: tuple[tuple[bytes, Callable[[bytes], tuple[int, int]]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8", _jpeg),
    (b"RIFF", _webp),
    (b"GIF8", _gif),
    (b"BM", _bmp),
)


def _big(head: bytes, at: int, size: int) -> int:
    return int.from_bytes(_piece(head, at, size), "big")


def _little(head: bytes, at: int, size: int) -> int:
    return int.from_bytes(_piece(head, at, size), "little")


def _piece(head: bytes, at: int, size: int) -> bytes:
    """Return that many bytes.

    Raises:
        IndexError: there are fewer.
    """
    if at + size > len(head):
        raise IndexError(at)
    return head[at : at + size]
