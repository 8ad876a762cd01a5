"""The bytes of a file, read by a decoder in a bounded number of steps.

Pillow walks through a header piece by piece, and some of what it does at each piece takes time as long as all
pieces before it. So a small file of millions of comments would keep it busy for minutes; no camera writes one.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from fourxl.errors import BrokenImage

if TYPE_CHECKING:
    from typing import Self

_HEADER_READS = 10_000
"""So many reads a header may take: real ones take some dozens, and a GIF's longest descriptions a few thousand."""

_PNG_HEADER_READS = 1_000
"""Three a chunk. Fewer, as each chunk of a PNG may hold a profile that unpacks to a thousand times its size."""

_BYTES_PER_READ = 128
"""Pixels come in larger pieces than this: three reads a chunk of a PNG, which are 8 kB and more as a rule."""


class BoundedFile(io.BytesIO):
    """A file in memory that refuses to be read in more pieces than a real one has."""

    def __init__(self, data: bytes) -> None:
        """Hold ``data``, whose header is read first."""
        super().__init__(data)
        self._header_reads = _PNG_HEADER_READS if data.startswith(b"\x89PNG") else _HEADER_READS
        self._left = self._header_reads

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, as many as asked for.

        Raises:
            BrokenImage: that was one read too many.
        """
        self._left -= 1
        if self._left < 0:
            raise BrokenImage(
                "The picture is damaged: its file is cut into too many pieces to be read.",
                about="too-many-pieces",
            )
        return super().read(size)

    def for_pixels(self) -> Self:
        """Return this file, from now on allowed as many reads as the pixels of a file of its length need."""
        self._left = self._header_reads + self.getbuffer().nbytes // _BYTES_PER_READ
        return self
