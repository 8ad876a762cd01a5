"""A denoise strength: two trainings of one network, mixed tensor by tensor.

Deep network interpolation (Wang et al., CVPR 2019): weights on the line between two trainings of one
network give results between theirs, which is how Real-ESRGAN's denoise strength works.

Weights are safetensors: eight bytes that tell the header's length, a JSON header that tells where each
tensor lies, the tensors one after the other. Graphs point into that file by offsets, so the mixture has
the very same header.
"""

from __future__ import annotations

import json
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from fourxl.errors import BrokenWeights

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LENGTH_BYTES = 8
_SAMPLE_BYTES = 2


def mix(trained: bytes, weak: bytes, strength: float) -> bytes:
    """Return ``strength * trained + (1 - strength) * weak`` as safetensors of the same layout.

    Both are safetensors of float16 tensors with one and the same header. Sums are made in float32;
    a strength of 1 or 0 gives back one of the two, bit for bit.

    Raises:
        BrokenWeights: a file is no such safetensors, or the two are not of one layout.
    """
    start = _data_start(trained)
    if trained[:start] != weak[:start] or len(trained) != len(weak):
        raise BrokenWeights(
            "The two weights files of the denoise strength do not belong to one network. "
            "Whoever provides the models should make both again.",
            about="two-networks",
        )
    share = np.float32(strength)
    mixed = _values(trained, start)
    mixed *= share
    mixed += _values(weak, start) * (np.float32(1) - share)
    return trained[:start] + mixed.astype("<f2").tobytes()


def _values(data: bytes, start: int) -> NDArray[np.float32]:
    """Return all values behind ``start``, tensor after tensor, as float32."""
    return np.frombuffer(data, "<f2", offset=start).astype(np.float32)


def _data_start(data: bytes) -> int:
    """Return where the tensors begin, after checking that float16 tensors fill the file from there on."""
    start = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "little")
    if not _LENGTH_BYTES < start <= len(data):
        raise _broken(f"a header that ends at byte {start} of {len(data)}")
    try:
        header = json.loads(data[_LENGTH_BYTES:start])
        spans = sorted(_span(entry) for name, entry in header.items() if name != "__metadata__")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise _broken(f"a header that cannot be read: {type(exc).__name__}: {exc}") from exc
    reached = 0
    for begin, end in spans:
        if begin != reached:
            raise _broken(f"a gap or an overlap at byte {reached} of its tensors")
        reached = end
    if reached != len(data) - start:
        raise _broken(f"{len(data) - start} bytes of tensors where the header tells of {reached}")
    return start


def _span(entry: dict[str, Any]) -> tuple[int, int]:
    """Return where a float16 tensor begins and ends.

    Raises:
        ValueError: it has another type, or its shape does not fill its place.
    """
    begin, end = entry["data_offsets"]
    sides = entry["shape"]
    if entry["dtype"] != "F16" or any(type(number) is not int or number < 0 for number in (*sides, begin)):
        raise ValueError(f"a tensor {entry['dtype']} of shape {sides}")
    size_bytes = prod(sides) * _SAMPLE_BYTES
    if end != begin + size_bytes:
        raise ValueError(f"a shape of {sides} from byte {begin} to {end}")
    return begin, begin + size_bytes


def _broken(fault: str) -> BrokenWeights:
    return BrokenWeights(
        f"A weights file of the denoise strength is damaged ({fault}). "
        "Whoever provides the models should make it again.",
        about="damaged-weights",
        reason=fault,
    )
