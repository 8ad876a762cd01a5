"""Two trainings of one network, mixed: the line between them, and nothing that is not one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from fourxl import mixing
from fourxl.errors import BrokenWeights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[np.float16]]


def tensors(seed: int) -> Tensors:
    """Return the tensors of a small network, one of them empty."""
    rng = np.random.default_rng(seed)
    shapes = {"body.0.weight": (8, 3, 3, 3), "body.0.bias": (8,), "body.1.weight": (8,), "none": (0, 4)}
    return {name: rng.normal(0, 0.3, shape).astype(np.float16) for name, shape in shapes.items()}


def file(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    """Return a safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


TRAINED, WEAK = tensors(1), tensors(2)
ONE, OTHER = save(TRAINED), save(WEAK)


@pytest.mark.parametrize("strength", [0.0, 0.1, 0.5, 0.75, 1.0])
def test_every_tensor_is_mixed(strength):
    """Each tensor is the weighted sum in float32, rounded to float16, as another reader of the file finds it."""
    mixed = load(mixing.mix(ONE, OTHER, strength))
    assert mixed.keys() == TRAINED.keys()
    share = np.float32(strength)
    for name, found in mixed.items():
        one, other = TRAINED[name].astype(np.float32), WEAK[name].astype(np.float32)
        expected = (share * one + (1 - share) * other).astype(np.float16)
        assert (found.dtype, found.shape) == (np.float16, expected.shape)
        assert np.array_equal(found, expected)


def test_the_ends_are_the_files_themselves():
    """At 1 and at 0 one of the two comes back, byte for byte."""
    assert mixing.mix(ONE, OTHER, 1) == ONE
    assert mixing.mix(ONE, OTHER, 0) == OTHER


def test_the_layout_stays():
    """The header is the same to the byte, so a graph that points into one file points into the mixture."""
    start = len(ONE) - sum(tensor.nbytes for tensor in TRAINED.values())
    mixed = mixing.mix(ONE, OTHER, 0.3)
    assert (mixed[:start], len(mixed)) == (ONE[:start], len(ONE))
    noted = [save(each, metadata={"of": "a network"}) for each in (TRAINED, WEAK)]
    assert load(mixing.mix(*noted, 0.5)).keys() == TRAINED.keys()


@pytest.mark.parametrize("strength", [0.2, 0.5, 0.7])
def test_mixing_is_linear(strength):
    """Twice the tensors mix to twice the mixture, and a file mixed with itself stays what it is."""
    doubled = [save({name: tensor * 2 for name, tensor in each.items()}) for each in (TRAINED, WEAK)]
    single, double = load(mixing.mix(ONE, OTHER, strength)), load(mixing.mix(*doubled, strength))
    for name in TRAINED:
        assert np.allclose(double[name], single[name] * 2, rtol=2e-3, atol=1e-6)
    itself = load(mixing.mix(ONE, ONE, strength))
    assert all(np.allclose(itself[name], TRAINED[name], rtol=1e-3) for name in TRAINED)
    there, back = mixing.mix(ONE, OTHER, strength), mixing.mix(OTHER, ONE, 1 - strength)
    assert all(np.allclose(load(there)[name], load(back)[name], rtol=2e-3, atol=1e-6) for name in TRAINED)


@pytest.mark.parametrize("other", [
    save(TRAINED | {"none": np.zeros((0, 5), np.float16)}),
    save(TRAINED | {"body.0.bias": np.zeros((2, 4), np.float16)}),
    save({name: tensor for name, tensor in TRAINED.items() if name != "body.0.bias"}),
    save({"renamed": TRAINED["body.0.bias"]} | {n: t for n, t in TRAINED.items() if n != "body.0.bias"}),
    OTHER[:-2], OTHER + b"\0\0", b"",
])  # fmt: skip
def test_files_that_differ_in_layout_are_refused(other):
    """Another tensor, shape, name or length: the two are of no one network, in either order."""
    for pair in ((ONE, other), (other, ONE)):
        with pytest.raises(BrokenWeights, match="denoise"):
            mixing.mix(*pair, 0.5)


TENSOR = {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}
BROKEN = {
    "nothing": b"",
    "no length": b"\x08\0\0",
    "no header": file(b""),
    "longer than the file": file({}, length=10**6),
    "longer than any file": b"\xff" * 8 + b"{}",
    "no JSON": file(b"<!doctype html>"),
    "no text": file(b"\xff\xfe{}"),
    "nested without end": file(b"[" * 100_000),
    "a list": file([TENSOR], bytes(4)),
    "no object": file({"a": 3}, bytes(4)),
    "no shape": file({"a": {"dtype": "F16", "data_offsets": [0, 4]}}, bytes(4)),
    "float32": file({"a": {**TENSOR, "dtype": "F32", "shape": [1]}}, bytes(4)),
    "negative side": file({"a": {**TENSOR, "shape": [-1, -2]}}, bytes(4)),
    "fraction of a side": file({"a": {**TENSOR, "shape": [2.0]}}, bytes(4)),
    "too small for its shape": file({"a": {**TENSOR, "shape": [3]}}, bytes(4)),
    "three offsets": file({"a": {**TENSOR, "data_offsets": [0, 2, 4]}}, bytes(4)),
    "backwards": file({"a": {**TENSOR, "data_offsets": [4, 0]}}, bytes(4)),
    "a gap": file({"a": {**TENSOR, "data_offsets": [2, 6]}}, bytes(6)),
    "an overlap": file({"a": TENSOR, "b": {**TENSOR, "data_offsets": [2, 6]}}, bytes(6)),
    "bytes of nobody": file({"a": TENSOR}, bytes(6)),
    "bytes that are missing": file({"a": TENSOR}, bytes(2)),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused(kind):
    """Whatever is wrong with a file, also when both are wrong alike, it is told in our words."""
    with pytest.raises(BrokenWeights, match="damaged"):
        mixing.mix(BROKEN[kind], BROKEN[kind], 0.5)
