"""What gets into the log of an error: its class and the place in the code, nothing that a caller has sent.

Gradio prints the traceback of whatever fails, and with it arguments and names of files. It has no setting for that,
so what it and all others write with is replaced: ``traceback.print_exc``, and how ``logging`` makes its records.
Their messages are left out too, since libraries write values into them.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

_KNOWN = ("backend", "fourxl", "fourxl_native", "gradio")
"""Packages in which a place says most."""


def keep_values_out() -> None:
    """Have everything in this process that writes of errors or warnings leave out messages and values.

    Warnings of Python's are not written at all.
    """
    traceback.print_exc = _print_place
    logging.setLogRecordFactory(_record)
    logging.captureWarnings(capture=True)


def describe(error: BaseException) -> str:
    """Return the class of an error and where it arose, in our modules or Gradio's where it came through any."""
    places = list(_places(error.__traceback__))
    known = [place for place in places if place.partition(".")[0].partition(":")[0] in _KNOWN]
    return f"{type(error).__name__} in {(known or places or ['?'])[-1]}"


def _places(trace: TracebackType | None) -> list[str]:
    """Return module and line of every frame, the innermost last."""
    places = []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places


def _print_place(*_: object, **__: object) -> None:
    """Take the place of ``traceback.print_exc``."""
    error = sys.exception()
    if error is not None:
        sys.stderr.write(f"{describe(error)}\n")


def _record(name: str, level: int, path: str, line: int, *rest: Any, **more: Any) -> logging.LogRecord:
    """Take the place of ``logging``'s factory of records; ``rest`` are message, arguments, error, function, stack."""
    _, _, error, function, *_ = (*rest, None)
    words = describe(error[1]) if error and error[1] else f"{name}, line {line}"
    return logging.LogRecord(name, level, path, line, words, (), None, function, **more)
