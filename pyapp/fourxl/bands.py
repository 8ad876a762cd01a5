"""PNG files in bands of rows, each of which can be cut out and decoded alone, without the rest.

A viewer opens what is on the screen and no more; an interrupted job keeps its whole bands. To every
other reader it is a PNG like any other: its zlib stream is the header, one run of deflate blocks a
band, and an empty last block. A band starts afresh: with its own dictionary, with a first row that
looks at no row above, and at the start of a chunk.
Sources: PNG specification, third edition (W3C); RFC 1950 (zlib), RFC 1951 (deflate).
"""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from fourxl.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Iterable

BAND_PIXELS = 1 << 20
"""A band has as many whole rows as fit into this, and one at least."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ZLIB_HEADER = b"\x78\x01"
"""Deflate with a window of 32 KiB, packed fast (RFC 1950, 2.2)."""

_LAST_BLOCK = b"\x03\x00"
"""An empty block, marked as the last one (RFC 1951, 3.2.6)."""

_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
_HEADER = struct.Struct(">IIBBBBB")
_HEADER_START = len(SIGNATURE) + 8
_ADLER_BASE = 65521


@dataclass(frozen=True, slots=True)
class Band:
    """Rows of a picture, and where they stand in its file."""

    top: int
    height: int
    start: int
    """The first byte: of a chunk."""

    stop: int
    """The byte after the last one."""

    adler: int
    """Adler-32 of the rows as they are filtered (RFC 1950, 8.2)."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A banded PNG: a result, or a smaller copy of one to look at."""

    file: str
    """Its name, where the files of a job lie."""

    size: Size
    reduction: int
    """How many pixels of the result, along each side, one pixel stands for; 1 in the result itself."""

    head: bytes
    """How the file begins, as far as each band needs it: signature, IHDR, colour profile."""

    bands: tuple[Band, ...]
    """All of them, from the top."""

    def standalone(self, band: Band) -> tuple[bytes, bytes]:
        """Return what makes a whole PNG of ``band`` before and after its bytes in the file."""
        width, _, *kind = _HEADER.unpack_from(self.head, _HEADER_START)
        header = chunk(b"IHDR", _HEADER.pack(width, band.height, *kind))
        rest = self.head[len(SIGNATURE) + len(header) :]
        return SIGNATURE + header + rest + chunk(b"IDAT", ZLIB_HEADER), tail((band.adler,), (0,))

    def to_wire(self) -> dict[str, Any]:
        """Return plain values, fit for JSON."""
        return {
            "file": self.file,
            "width": self.size.width,
            "height": self.size.height,
            "reduction": self.reduction,
            "head": base64.b64encode(self.head).decode(),
            "bands": bands_to_wire(self.bands),
        }


def from_wire(wire: dict[str, Any]) -> Layer:
    """Return the layer that ``Layer.to_wire`` described.

    Raises:
        KeyError, TypeError, ValueError: it describes none.
    """
    size = Size(wire["width"], wire["height"])
    head = base64.b64decode(wire["head"], validate=True)
    return Layer(str(wire["file"]), size, int(wire["reduction"]), head, bands_from_wire(wire["bands"]))


def bands_to_wire(bands: Iterable[Band]) -> list[list[int]]:
    """Return five numbers a band."""
    return [[band.top, band.height, band.start, band.stop, band.adler] for band in bands]


def bands_from_wire(wire: list[list[int]]) -> tuple[Band, ...]:
    """Return the bands that ``bands_to_wire`` described.

    Raises:
        TypeError, ValueError: they are none, or do not lie one below the other without a gap.
    """
    bands = tuple(Band(*map(int, numbers)) for numbers in wire)
    for above, below in pairwise(bands):
        if (below.top, below.start) != (above.top + above.height, above.stop):
            raise ValueError(f"a gap above the band at row {below.top}")
    if any(band.height < 1 or band.stop <= band.start for band in bands) or (bands and bands[0].top):
        raise ValueError("a band without rows, or none at the top")
    return bands


def rows_in_band(width: int) -> int:
    """Return the most rows that a band has in a picture ``width`` pixels wide."""
    return max(1, BAND_PIXELS // width)


def chunk(kind: bytes, payload: bytes) -> bytes:
    """Return one chunk of a PNG."""
    checksum = zlib.crc32(payload, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(payload)), kind, payload, struct.pack(">I", checksum)))


def head(size: Size, channels: int, depth: int, icc: bytes | None) -> bytes:
    """Return how a PNG begins: signature, IHDR and, if there is one, the colour profile."""
    header = _HEADER.pack(size.width, size.height, depth, _COLOUR_TYPE[channels], 0, 0, 0)
    profile = chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc)) if icc else b""
    return SIGNATURE + chunk(b"IHDR", header) + profile


def tail(adlers: Iterable[int], lengths: Iterable[int]) -> bytes:
    """Return how a PNG ends whose bands have these checksums and this many bytes, filtered."""
    whole = 1
    for adler, length in zip(adlers, lengths, strict=True):
        whole = joined_adler(whole, adler, length)
    return chunk(b"IDAT", _LAST_BLOCK + struct.pack(">I", whole)) + chunk(b"IEND", b"")


def joined_adler(before: int, after: int, length: int) -> int:
    """Return the Adler-32 of two runs of bytes, one after the other, of which the second has ``length``.

    Its low half is 1 plus the sum of the bytes, its high half the sum of all low halves on the way: in
    the joined run each of those that ``after`` counted is larger by what ``before`` had summed up.
    """
    summed = (before & 0xFFFF) - 1
    low = (summed + (after & 0xFFFF)) % _ADLER_BASE
    high = ((before >> 16) + (after >> 16) + summed * length) % _ADLER_BASE
    return high << 16 | low
