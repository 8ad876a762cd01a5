"""What a network computes for one pixel, counted from the name of its architecture."""

from __future__ import annotations

_KERNEL = 9
"""Weights of a 3x3 convolution between two channels."""

_COLOURS = 3
_SCALE = 4
"""How many times larger every known architecture makes a picture."""

_SWIFT_SKIP = 25
"""Weights of swift's 5x5 interpolation between two channels."""

_RRDB_FEATURES = 64
_RRDB_GROWTH = 32
"""Channels that each convolution of a dense block of ``rrdb`` adds."""


def macs_a_pixel(architecture: str) -> int | None:
    """Return the multiply-accumulates of the convolutions for one source pixel; None for an unknown network.

    It is what the plain network computes, inside a large picture: a Winograd graph needs fewer for the same.
    """
    kind, _, size = architecture.partition(" ")
    numbers = [int(number) for number in size.split("x") if number.isdecimal()]
    match kind, numbers:
        case "swift", [features, convolutions]:
            detail = _row(features, convolutions)
            return detail + _SWIFT_SKIP * _COLOURS * _COLOURS * _SCALE**2
        case "compact", [features, convolutions]:
            return _row(features, convolutions)
        case "rrdb", [blocks]:
            return _rrdb(blocks)
        case _:
            return None


def _row(features: int, convolutions: int) -> int:
    """Return what a row of convolutions costs, from colours to the pixels of a shuffle."""
    ends = _COLOURS + _COLOURS * _SCALE**2
    return _KERNEL * features * (ends + convolutions * features)


def _rrdb(blocks: int) -> int:
    """Return what dense blocks cost at the source's size, and the rest at two and four times that."""
    features, growth = _RRDB_FEATURES, _RRDB_GROWTH
    dense = sum((features + growth * before) * growth for before in range(4))
    dense += (features + growth * 4) * features
    at_source = _COLOURS * features + blocks * 3 * dense + features**2
    at_double = 4 * features**2
    at_full = 16 * (2 * features**2 + features * _COLOURS)
    return _KERNEL * (at_source + at_double + at_full)
