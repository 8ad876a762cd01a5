"""What an error says to a person, in the language of now."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeVar

from fourxl import errors
from fourxl.errors import FourxlError
from fourxl_web import language
from fourxl_web.language import pack, say, told
from fourxl_web.page.quantities import duration, size

if TYPE_CHECKING:
    from fourxl_web.language import Value

E = TypeVar("E", bound=FourxlError)

_BEFORE = "before"
"""The field that holds another error's wire as JSON: what failed first."""

_OWN = "own"
"""The field that holds the message without that."""

_PLACE = re.compile(r"\{(\w+)\}")


def make(cls: type[E], about: str, **fields: str | int) -> E:
    """Return an error whose sentence is ``error.<code>.<about>`` with ``fields`` in it."""
    found = cls("", about=about, **fields)
    found.message = sentence(found)
    found.args = (found.message,)
    return found


def after(before: FourxlError, error: E) -> E:
    """Return ``error`` as what came after another one, whose sentence comes first."""
    message = language.join(sentence(before), sentence(error))
    fields = {**error.fields, _BEFORE: json.dumps(before.to_wire()), _OWN: error.message}
    return type(error)(message, about=error.about, **fields)


def turned(error: FourxlError, cls: type[E]) -> E:
    """Return an error of another class that says what ``error`` says."""
    return cls(error.message, **{_BEFORE: json.dumps(error.to_wire())})


def sentence(error: FourxlError) -> str:
    """Return what is wrong, and what to do."""
    return told(packed(error))


def packed(error: FourxlError) -> str:
    """Return that sentence as ``language.told`` tells it in any language.

    It is the most particular one there is: of what the error is about, else, in English, the error's own,
    else of its code.
    """
    fields = dict(error.fields)
    if isinstance(before := fields.pop(_BEFORE, None), str):
        first = errors.from_wire(json.loads(before))
        if error.message == first.message:
            return packed(first)
        last = type(error)(str(fields.pop(_OWN, error.message)), about=error.about, **fields)
        return pack("sentence.then", first=packed(first), second=_packed(last))
    return _packed(error)


def _packed(error: FourxlError) -> str:
    values = {name: _shown(name, value) for name, value in error.fields.items() if value is not None}
    exact, rough = f"error.{error.code}.{error.about}", f"error.{error.code}"
    if error.about and _is_complete(exact, values):
        return pack(exact, **values)
    is_told = bool(error.message) and language.code() == "en"
    if not is_told and _is_complete(rough, values):
        return pack(rough, **values)
    return error.message


def _is_complete(key: str, values: dict[str, Value]) -> bool:
    """Return whether there is such a sentence and a value for each of its places."""
    return language.has(key) and set(_PLACE.findall(say(key))) <= values.keys()


def _shown(name: str, value: Value) -> Value:
    """Return a field as a sentence holds it, in the unit that its name ends with."""
    if isinstance(value, str):
        return value.upper() if name == "format" else value
    if name.endswith("_bytes"):
        return size(int(value), pack)
    return duration(value, pack) if name.endswith("_s") else value
