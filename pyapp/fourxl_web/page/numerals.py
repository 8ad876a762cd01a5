"""Numbers as a person types them: pure."""

from __future__ import annotations


def whole(text: str) -> int | str:
    """Return the whole number that a number field holds; what is none comes back as it is, for a check to refuse."""
    try:
        number = float(text)
        return int(number) if number.is_integer() else text
    except (ValueError, OverflowError):
        return text
