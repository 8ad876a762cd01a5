"""Server-sent events out of the bytes in which they come (the HTML standard, section 9.2)."""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class ServerSent:
    """One event."""

    event: str
    """Its name; ``message`` when it has none."""

    data: str
    """Lines joined by line feeds."""


class Parser:
    """Takes a stream in pieces of any size; an event comes out with the piece that ends it."""

    def __init__(self) -> None:
        """Start at the beginning of a stream."""
        utf8 = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._decoder = io.IncrementalNewlineDecoder(utf8, translate=True)
        self._rest = ""
        """Of a line that has not ended."""

        self._event = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[ServerSent]:
        """Yield the events that end in ``piece``; one that never ends is none."""
        *lines, self._rest = (self._rest + self._decoder.decode(piece)).split("\n")
        for line in lines:
            if line:
                self._read(line)
                continue
            event, data = self._event or "message", self._data
            self._event, self._data = "", []
            if data:
                yield ServerSent(event, "\n".join(data))

    def _read(self, line: str) -> None:
        name, _, value = line.partition(":")  # a comment has no name
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
