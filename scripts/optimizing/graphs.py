"""A graph that is being rewritten: who makes a tensor, who reads it, and new nodes with fresh names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


class Graph:
    """The nodes of a model, in order, and its named constants; ``model`` gives them back as ONNX."""

    def __init__(self, model: onnx.ModelProto) -> None:
        """Take a copy of ``model`` apart."""
        self._model = onnx.ModelProto()
        self._model.CopyFrom(model)
        self.nodes = list(self._model.graph.node)
        self.inputs = [value.name for value in model.graph.input]
        self.outputs = [value.name for value in model.graph.output]
        self._constants = {tensor.name: tensor for tensor in self._model.graph.initializer}
        self._functions: dict[str, onnx.FunctionProto] = {f.name: f for f in model.functions}
        self._shapes: dict[tuple[int, ...], str] = {}
        self._names = {name for node in self.nodes for name in node.output} | set(self._constants)

    def is_constant(self, name: str, elements: int | None = None) -> bool:
        """Say whether ``name`` is an initializer, and of so many elements."""
        tensor = self._constants.get(name)
        return tensor is not None and elements in (None, math.prod(tensor.dims))

    def constant(self, name: str) -> NDArray[Any]:
        """Return the value of an initializer.

        Raises: KeyError when ``name`` is computed.
        """
        return numpy_helper.to_array(self._constants[name])

    def channels(self, name: str) -> int:
        """Return how many channels an input of the model has; 0 when any number will do.

        Raises: KeyError when ``name`` is no input.
        """
        value = {value.name: value for value in self._model.graph.input}[name]
        return int(value.type.tensor_type.shape.dim[1].dim_value)

    def producer(self, name: str) -> onnx.NodeProto | None:
        """Return the node that makes ``name``, or None."""
        return next((node for node in self.nodes if name in node.output), None)

    def readers(self, name: str) -> list[onnx.NodeProto]:
        """Return the nodes that read ``name``."""
        return [node for node in self.nodes if name in node.input]

    def add_constant(self, hint: str, value: NDArray[Any]) -> str:
        """Keep ``value`` as an initializer and return its name."""
        name = self.fresh(hint)
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def shape(self, sizes: tuple[int, ...]) -> str:
        """Return the name of an initializer that holds ``sizes``, the same for the same sizes."""
        if sizes not in self._shapes:
            self._shapes[sizes] = self.add_constant("shape", np.array(sizes, np.int64))
        return self._shapes[sizes]

    def add_function(self, text: str) -> str:
        """Keep a model-local function, given in ONNX's textual form, and return its name."""
        function = onnx.parser.parse_function(text)
        self._functions[function.name] = function
        return str(function.name)

    def function(self, name: str) -> onnx.FunctionProto:
        """Return a model-local function.

        Raises: KeyError when there is none.
        """
        return self._functions[name]

    def fresh(self, hint: str) -> str:
        """Return a name that nothing has yet."""
        name, count = hint, 1
        while name in self._names:
            name, count = f"{hint}_{count}", count + 1
        self._names.add(name)
        return name

    def node(
        self, kind: str, inputs: Iterable[str], outputs: Iterable[str], **options: Any
    ) -> onnx.NodeProto:
        """Return a node that is not in the graph yet."""
        return helper.make_node(kind, list(inputs), list(outputs), **options)

    def model(self) -> onnx.ModelProto:
        """Return the graph as a model, without nodes and constants that nothing reads.

        Raises:
            onnx.checker.ValidationError: what has become of the graph is no valid ONNX.
        """
        self.nodes = _needed(self.nodes, self.outputs)
        read = {name for node in self.nodes for name in node.input}
        model, graph = self._model, self._model.graph
        del graph.node[:], graph.initializer[:], graph.value_info[:], model.functions[:]
        graph.node.extend(self.nodes)
        graph.initializer.extend(tensor for name, tensor in self._constants.items() if name in read)
        kinds = {node.op_type for node in self.nodes}
        called = [function for name, function in self._functions.items() if name in kinds]
        model.functions.extend(called)
        for domain in {function.domain for function in called} - {
            entry.domain for entry in model.opset_import
        }:
            model.opset_import.append(helper.make_opsetid(domain, 1))
        onnx.checker.check_model(model, full_check=True)
        return model


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """Return a node's attributes by name."""
    return {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}


def is_plain_3x3(node: onnx.NodeProto) -> bool:
    """Say whether ``node`` is a 3x3 convolution with one pixel of zeros around, and nothing else."""
    options = attributes(node)
    return (
        node.op_type == "Conv"
        and options.get("kernel_shape") == [3, 3]
        and options.get("pads") == [1, 1, 1, 1]
        and options.get("strides", [1, 1]) == [1, 1]
        and options.get("dilations", [1, 1]) == [1, 1]
        and options.get("group", 1) == 1
    )


def _needed(nodes: list[onnx.NodeProto], outputs: Iterable[str]) -> list[onnx.NodeProto]:
    """Return the nodes on which ``outputs`` depend, in their order."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    return kept[::-1]
