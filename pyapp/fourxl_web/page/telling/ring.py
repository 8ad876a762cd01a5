"""The page's icon while it works and when it is done, as pictures that need no file: pure."""

from __future__ import annotations

from urllib.parse import quote

_RADIUS = 12
_LENGTH = 75.4  # of the circle
_TRACK, _WORK, _DONE = "#8884", "#14a3a0", "#16a34a"  # told apart on light and on dark tabs


def working(share: float) -> str:
    """Return the address of a ring that is closed as far as ``share``, 0 to 1, of the work is done."""
    shown = min(max(share, 0.0), 1.0) * _LENGTH
    return _address(
        _circle(_TRACK)
        + _circle(
            _WORK, f' stroke-dasharray="{shown:.1f} 99" stroke-linecap="round" transform="rotate(-90 16 16)"'
        )
    )


def done() -> str:
    """Return the address of a check mark."""
    mark = (
        '<path d="M9 17l5 5 9-11" fill="none" stroke="#fff" stroke-width="4" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )
    return _address(f'<circle cx="16" cy="16" r="15" fill="{_DONE}"/>{mark}')


def _circle(colour: str, how: str = "") -> str:
    return f'<circle cx="16" cy="16" r="{_RADIUS}" fill="none" stroke="{colour}" stroke-width="6"{how}/>'


def _address(content: str) -> str:
    return "data:image/svg+xml," + quote(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{content}</svg>', safe=" /:='()-."
    )
