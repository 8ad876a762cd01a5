"""Graphs without weights: every tensor is a place in a weights file that lies beside the graph."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx import ModelProto, NodeProto, TensorProto, helper
from safetensors.torch import save

from fourxl.network import WEIGHTS_NAME
from scripts.exporting.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.exporting.checkpoints import State

LENGTH_BYTES = 8
"""A safetensors file begins with the length of its header, little-endian."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor lies in a weights file."""

    offset_bytes: int
    """From the start of the file."""
    size_bytes: int
    shape: tuple[int, ...]


Layout = dict[str, Place]
"""Places by the official names of the tensors; the same for all weights of an architecture."""


def pack(state: State) -> bytes:
    """Return the tensors as a safetensors file in half precision, without metadata.

    Names and shapes alone decide where each tensor lies: the library orders them by name.
    Raises: ExportError when a value is too large for half precision.
    """
    halves = {key: tensor.detach().half().contiguous() for key, tensor in state.items()}
    large = [key for key, tensor in halves.items() if not tensor.isfinite().all()]
    if large:
        raise ExportError(f"{large[0]} has values that half precision cannot hold.")
    return save(halves)


def layout_of(weights: bytes) -> Layout:
    """Return where the tensors of a file of `pack` lie."""
    header_bytes = int.from_bytes(weights[:LENGTH_BYTES], "little")
    start = LENGTH_BYTES + header_bytes
    header = json.loads(weights[LENGTH_BYTES:start])
    return {
        name: Place(start + entry["data_offsets"][0], _length(entry["data_offsets"]), tuple(entry["shape"]))
        for name, entry in header.items()
    }


def externalize(model: ModelProto, layout: Mapping[str, Place]) -> ModelProto:
    """Return a copy of the model whose weights are half-precision places in the file `WEIGHTS_NAME`.

    A Cast to float32, which onnxruntime computes once when it loads the model, follows each. Initializers
    of other names stay in the graph; notes, shapes of values and what traced the graph do not.
    Raises: ExportError unless every tensor of the layout is one initializer of its size.
    """
    small = ModelProto()
    small.CopyFrom(model)
    graph = small.graph
    _check(graph.initializer, layout)
    casts = [_cast(tensor.name) for tensor in graph.initializer if tensor.name in layout]
    for tensor in graph.initializer:
        if tensor.name in layout:
            tensor.CopyFrom(_external(tensor, layout[tensor.name]))
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name in layout:
                node.input[index] = _single(name)
    nodes = [*casts, *graph.node]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    small.producer_name, small.producer_version, small.doc_string = "4XL", "", ""
    return small


def _check(initializers: list[TensorProto], layout: Mapping[str, Place]) -> None:
    sizes = {tensor.name: math.prod(tensor.dims) for tensor in initializers}
    wrong = [name for name, place in layout.items() if sizes.get(name) != math.prod(place.shape)]
    if wrong:
        raise ExportError(f"The graph has no weight {wrong[0]}, or one of another size.")


def _external(tensor: TensorProto, place: Place) -> TensorProto:
    external = TensorProto(
        name=tensor.name,
        dims=tensor.dims,
        data_type=TensorProto.FLOAT16,
        data_location=TensorProto.EXTERNAL,
    )
    entries = {"location": WEIGHTS_NAME, "offset": place.offset_bytes, "length": place.size_bytes}
    for key, value in entries.items():
        external.external_data.add(key=key, value=str(value))
    return external


def _cast(name: str) -> NodeProto:
    return helper.make_node("Cast", [name], [_single(name)], to=TensorProto.FLOAT)


def _single(name: str) -> str:
    """Return what the tensor is called in float32."""
    return f"{name}.f32"


def _length(offsets: list[int]) -> int:
    return offsets[1] - offsets[0]
