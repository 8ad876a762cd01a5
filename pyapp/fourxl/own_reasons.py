"""What a runtime says of a network that it does not take, in a sentence for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fourxl.errors import UnsuitableModel

if TYPE_CHECKING:
    from fourxl.errors import RuntimeFailure

_REASONS = (
    (
        ("no op registered", "not a registered", "could not find an implementation", "not implemented"),
        "operator-not-here",
        "This network needs an operator that is not here",
    ),
    (("protobuf", "no graph was found"), "no-onnx-network", "The file is no ONNX network, or is incomplete."),
    (
        ("external",),
        "weights-in-another-file",
        "This network keeps its weights in a second file; save it as one file.",
    ),
    (
        ("ir version", "is under development", "opset"),
        "newer-onnx",
        "This network was written by a newer ONNX than this program reads; export it with opset 17.",
    ),
)
"""What onnxruntime says when it loads a network, in lower case, and what that means."""

_SOURCE = re.compile(r"\S+/\S+\.(cc|h):\d+ ")


def refusal(failure: RuntimeFailure) -> UnsuitableModel:
    """Return why a network that a runtime would not load cannot be used, in a sentence."""
    words = failure.message.lower()
    about, sentence = next(
        ((about, sentence) for signs, about, sentence in _REASONS if any(sign in words for sign in signs)),
        ("cannot-be-loaded", "This network cannot be loaded"),
    )
    reason = first_line(failure.message)
    whole = sentence if sentence.endswith(".") else f"{sentence} ({reason})."
    return UnsuitableModel(whole, about=about, reason=reason)


def first_line(text: str, most: int = 240) -> str:
    """Return what a runtime says as one line of bounded length, without the places in its sources."""
    line = " ".join(_SOURCE.sub("", text.rpartition("ERROR_MESSAGE: ")[2]).split())
    return line if len(line) <= most else f"{line[:most]}…"
