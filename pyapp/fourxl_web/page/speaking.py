"""The language of the page, for Python: sentences from boot/language.mjs, numbers and plurals from the browser."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy
from pyscript.js_modules import language as chosen

from fourxl_web import language

if TYPE_CHECKING:
    from collections.abc import Callable

_callbacks: list[Callable[[], None]] = []


async def begin() -> None:
    """Return when everything can be said, and follow what a person chooses from then on."""
    await chosen.ready
    _take()
    js.document.addEventListener("4xl:language", create_proxy(_changed))


def on_change(callback: Callable[[], None]) -> None:
    """Have ``callback`` say again what it has said, whenever another language is chosen."""
    _callbacks.append(callback)


def write(target: Any, key: str) -> None:
    """Have the element ``target`` say ``key``, in any language that is chosen later too; "" empties it."""
    target.dataset.say = key
    target.textContent = language.say(key) if key else ""


def _changed(_event: Any) -> None:
    _take()
    for callback in _callbacks:
        callback()


def _take() -> None:
    spoken = chosen.spoken()
    tag = f"{spoken.code}-u-nu-latn"  # the digits of what the page does not write: file names, form fields
    plurals = js.Intl.PluralRules.new(tag)
    moments = js.Intl.DateTimeFormat.new(tag, _options(dateStyle="medium", timeStyle="short"))

    @cache
    def numbers(digits: int) -> Any:
        options = _options(minimumFractionDigits=digits, maximumFractionDigits=digits, useGrouping=False)
        return js.Intl.NumberFormat.new(tag, options)

    language.use(
        language.Language(
            spoken.code,
            json.loads(spoken.text),
            lambda n: str(plurals.select(n)),
            lambda value, digits: str(numbers(digits).format(value)),
            lambda seconds: str(moments.format(seconds * 1000)),
        )
    )


def _options(**values: Any) -> Any:
    options = js.Object.new()
    for name, value in values.items():
        setattr(options, name, value)
    return options
