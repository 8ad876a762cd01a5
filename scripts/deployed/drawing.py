"""A small PNG, and whether another is whole, without a library for pictures."""

import struct
import zlib

from .checking import Failed

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Values of a pixel, by PNG's colour type."""


def png(width: int, height: int) -> bytes:
    """RGB picture of a colourful gradient with an edge, as a file."""
    rows = b"".join(
        b"\0" + bytes(value for x in range(width) for value in (x * 9 % 256, y * 13 % 256, 255 * (x > y)))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def png_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG of which every byte is there.

    Raises:
        Failed: it is none, or something of it is damaged or missing.

    """
    if not content.startswith(SIGNATURE):
        raise Failed(f"the result begins with {content[:8]!r}, which is no PNG")
    try:
        chunks = _chunks(content)
        width, height, depth, colours = struct.unpack(">IIBB", chunks[0][1][:10])
        pixels = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
        row_bytes = (width * depth * _CHANNELS[colours] + 7) // 8 + 1
    except (struct.error, zlib.error, LookupError) as error:
        raise Failed(f"the result is a damaged PNG ({error})") from error
    if chunks[-1][0] != b"IEND" or len(pixels) != height * row_bytes:
        raise Failed("the result is a PNG of which a part is missing")
    return width, height


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], len(SIGNATURE)
    while place < len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        data = content[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, place + 8 + length)
        if checksum != zlib.crc32(name + data):
            raise Failed(f"the result is a damaged PNG (in its part {name.decode('ascii', 'replace')})")
        found.append((name, data))
        place += 12 + length
    return found
