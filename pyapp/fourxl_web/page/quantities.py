"""Bytes and seconds in the units that a person would use, as sentences: said now, or packed for later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fourxl_web.language import number, say

if TYPE_CHECKING:
    from fourxl.events import Download
    from fourxl_web.language import Value

_KIB = 1024


class Say(Protocol):
    """``language.say`` or ``language.pack``."""

    def __call__(self, key: str, **values: Value) -> str:
        """Return a sentence."""


def downloaded(download: Download) -> str:
    """Return how much of a download is here, in the unit of the whole."""
    unit_bytes, digits = _unit(download.total_bytes)
    part = number(download.received_bytes / unit_bytes, digits)
    return say("quantity.of", part=part, whole=size(download.total_bytes))


def duration(seconds: float, say: Say = say) -> str:
    """Return seconds in the unit that a person would use."""
    if seconds < 9.95:  # noqa: PLR2004 - from 10 s on tenths are noise
        return say("quantity.seconds", seconds=float(seconds))
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return say("quantity.hours", hours=hours, minutes=minutes_left)
    if minutes:
        return say("quantity.minutes", minutes=minutes, seconds=rest)
    return say("quantity.seconds", seconds=rest)


def size(size_bytes: int, say: Say = say) -> str:
    """Return bytes in B, KB or MB."""
    unit_bytes, digits = _unit(size_bytes)
    names = {1: "quantity.bytes", _KIB: "quantity.kilobytes", _KIB * _KIB: "quantity.megabytes"}
    amount = size_bytes / unit_bytes
    return say(names[unit_bytes], value=amount if digits else round(amount))


def _unit(size_bytes: int) -> tuple[int, int]:
    """Return the bytes of the unit in which so much is told, and the digits after its point."""
    if size_bytes < _KIB:
        return 1, 0
    return (_KIB, 0) if round(size_bytes / _KIB) < _KIB else (_KIB * _KIB, 1)
