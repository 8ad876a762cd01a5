"""Whether a GIF is an animation, told without its pixels.

Pillow tells it too, but takes time that grows with the square of what stands between two frames.
Source: GIF89a, sections 15 and 20 to 27.
"""

from __future__ import annotations

_IMAGE, _EXTENSION, _END = b",!;"


def has_second_frame(data: bytes, pixels_at: int) -> bool:
    """Return whether another frame follows the one whose blocks of pixels begin at ``pixels_at``."""
    at = _past_blocks(data, pixels_at)
    while at < len(data) and data[at] not in (_IMAGE, _END):
        at = _past_blocks(data, at + 2) if data[at] == _EXTENSION else at + 1
    return at < len(data) and data[at] == _IMAGE


def _past_blocks(data: bytes, at: int) -> int:
    """Return where a row of blocks, each led by its length, is over: after one of length 0."""
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1
