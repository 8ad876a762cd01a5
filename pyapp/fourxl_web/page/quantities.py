"""Bytes and seconds in the units that a person would use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fourxl.events import Download

_KIB = 1024
_UNITS = {"B": 1, "KB": _KIB, "MB": _KIB * _KIB}


def downloaded(download: Download) -> str:
    """Return how much of a download is here, in the unit of the whole."""
    whole, unit = size(download.total_bytes).split()
    digits = 1 if "." in whole else 0
    return f"{download.received_bytes / _UNITS[unit]:.{digits}f} of {whole} {unit}"


def duration(seconds: float) -> str:
    """Return seconds in the unit that a person would use."""
    if seconds < 9.95:  # noqa: PLR2004 - from 10 s on tenths are noise
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(size_bytes: int) -> str:
    """Return bytes in B, KB or MB."""
    if size_bytes < _KIB:
        return f"{size_bytes} B"
    if round(size_bytes / _KIB) < _KIB:
        return f"{size_bytes / _KIB:.0f} KB"
    return f"{size_bytes / _KIB / _KIB:.1f} MB"
