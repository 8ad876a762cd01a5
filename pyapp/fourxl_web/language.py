"""Every sentence that a person reads, by its key, in the language of now: pure, for the page and its worker.

The sentences are the files of site/languages. What is told later, or by another thread, travels as its key
and values (``pack``) and becomes a sentence where it is shown (``told``), so a change of language reaches it.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = str | float

_PLACE = re.compile(r"\{(\w+)\}")
_PACKED = '{"say": '


def _english_plural(count: float) -> str:
    return "one" if count == 1 else "other"


def _plain_number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def _plain_moment(seconds: float) -> str:
    return time.strftime("%H:%M", time.localtime(seconds))


@dataclass(frozen=True, slots=True)
class Language:
    """A language, and how it counts and writes numbers."""

    code: str = "en"
    sentences: Mapping[str, str] = field(default_factory=dict)
    """By key, in English where this language lacks one; places for values are written ``{name}``."""

    plural: Callable[[float], str] = _english_plural
    """Returns the CLDR category of a count: ``one``, ``other``, ``few`` …"""

    number_format: Callable[[float, int], str] = _plain_number
    """Writes a number with so many digits after the point."""

    moment_format: Callable[[float], str] = _plain_moment
    """Writes a time, in seconds since 1970, as people of that language do."""


_now = Language()


def use(language: Language) -> None:
    """Speak ``language`` from now on."""
    global _now  # noqa: PLW0603 - one person reads one language at a time
    _now = language


def code() -> str:
    """Return the code of the language that is spoken."""
    return _now.code


def has(key: str) -> bool:
    """Return whether there is a sentence for ``key``."""
    return key in _now.sentences


def say(key: str, **values: Value) -> str:
    """Return the sentence for ``key`` with its values: numbers as the language writes them, packed ones told.

    A key without a sentence is its own: a page must not end for want of a word.
    """
    shown = {name: told(value) if isinstance(value, str) else number(value) for name, value in values.items()}
    sentence = _now.sentences.get(key, key)
    return _PLACE.sub(lambda place: shown.get(place[1], place[0]), sentence)


def count(key: str, n: float, **values: Value) -> str:
    """Return the sentence for ``n`` of something: ``key.one``, ``key.other`` … with ``{n}`` in it."""
    form = f"{key}.{_now.plural(n)}"
    return say(form if has(form) else f"{key}.other", n=n, **values)


def number(value: float, digits: int | None = None) -> str:
    """Return a number with so many digits after the point; by default a whole number has none, any other one."""
    if digits is None:
        digits = 0 if isinstance(value, int) else 1
    return _now.number_format(value, digits)


def moment(seconds: float) -> str:
    """Return a time, in seconds since 1970, as it is told."""
    return _now.moment_format(seconds)


def join(*sentences: str) -> str:
    """Return whole sentences one after the other; empty ones are left out."""
    found = [sentence for sentence in sentences if sentence]
    line = found[0] if found else ""
    for sentence in found[1:]:
        line = say("sentence.then", first=line, second=sentence)
    return line


def pack(key: str, **values: Value) -> str:
    """Return what ``told`` makes ``say(key, **values)`` of, or ``count`` if ``n`` is among them.

    A value may be packed itself.
    """
    return json.dumps({"say": key, **values})


def told(text: str) -> str:
    """Return the sentence that was packed; any other text is one already."""
    if not text.startswith(_PACKED):
        return text
    values = json.loads(text)
    key = values.pop("say")
    return count(key, values.pop("n"), **values) if "n" in values else say(key, **values)
