"""Seconds as people say them when nobody knows them exactly."""

from __future__ import annotations

from fourxl_web.language import say

_FEW_S = 5
_MINUTE_S = 60
_HOUR_S = 3600

_STEPS = (
    # up to so many seconds, in steps of so many, said in a unit of so many
    (10, 1, 1),
    (60, 5, 1),
    (100, 10, 1),
    (3 * _MINUTE_S, 30, _MINUTE_S),
    (10 * _MINUTE_S, _MINUTE_S, _MINUTE_S),
    (_HOUR_S, 5 * _MINUTE_S, _MINUTE_S),
    (3 * _HOUR_S, _HOUR_S // 2, _HOUR_S),
)
_NAMES = {1: "quantity.about-seconds", _MINUTE_S: "quantity.about-minutes", _HOUR_S: "quantity.about-hours"}


def about(seconds: float) -> str:
    """Return a time as ``about 40 s``, ``about 3 min``, ``a few seconds``: never more exact than it is meant."""
    if seconds < _FEW_S:
        return say("quantity.few-seconds")
    rounded, unit_s = _round(seconds)
    amount = rounded / unit_s
    return say(_NAMES[unit_s], n=int(amount) if amount.is_integer() else amount)


def _round(seconds: float) -> tuple[int, int]:
    """Return seconds in round steps, and the seconds of the unit in which they are said."""
    for most_s, step_s, unit_s in _STEPS:
        rounded = round(seconds / step_s) * step_s
        if rounded < most_s:
            return rounded, unit_s
    return round(seconds / _HOUR_S) * _HOUR_S, _HOUR_S
