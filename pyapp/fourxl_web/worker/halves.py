"""A short text that is replaced whole or not at all, in two files that are written in turn: pure.

A write that was cut off leaves the other file as it was.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Half:
    """What one of the two files holds."""

    turn: int
    """Counts the writes."""

    text: str

    def to_bytes(self) -> bytes:
        """Return what is written: turn and checksum in the first line, then the text."""
        body = f"{self.turn}\n{self.text}".encode()
        return b"%08x " % zlib.crc32(body) + body


def from_bytes(data: bytes) -> Half | None:
    """Return what ``to_bytes`` wrote; None for anything else, such as a part of it."""
    checksum, _, body = data.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body):
        return None
    try:
        turn, _, text = body.decode().partition("\n")
        return Half(int(turn), text)
    except ValueError:  # somebody else's, with a right checksum
        return None


def newest(*halves: Half | None) -> Half | None:
    """Return the one that was written last."""
    return max((half for half in halves if half), key=lambda half: half.turn, default=None)
