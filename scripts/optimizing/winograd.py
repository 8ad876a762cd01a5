"""3x3 convolutions as Winograd's F(m, 3) in both directions, with all that lies between them in phases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scripts.optimizing import functions
from scripts.optimizing.graphs import Graph, attributes, is_plain_3x3
from scripts.optimizing.toom_cook import Matrix, transforms

if TYPE_CHECKING:
    import onnx

_POINTWISE = ("PRelu", "LeakyRelu", "Relu")
"""Operators of one picture that leave zero zero, as guards need it."""


def winograd(model: onnx.ModelProto, results: int) -> onnx.ModelProto:
    """Return ``model`` with its 3x3 convolutions computed by F(results, 3), which is 2, 4 or 6.

    A picture becomes phases before the first convolution and a picture again where an operator needs one;
    what lies between is computed in phases. Rounding differs: about 1e-6 of the largest value a layer
    for 4 and 1e-5 for 6.
    """
    return _Rewriting(Graph(model), results).model()


@dataclass
class _Space:
    """What is common to all tensors of one height and width."""

    like: str
    """A picture of that height and width."""
    side: str
    grid: str
    mask: str


@dataclass
class _Rewriting:
    graph: Graph
    m: int
    out: list[onnx.NodeProto] = field(default_factory=list)
    phases: dict[str, str] = field(default_factory=dict)
    """Name of the picture to the name of its phases."""
    channels_of: dict[str, list[str]] = field(default_factory=dict)
    """Name of a concatenated picture to those it is made of."""
    space_of: dict[str, _Space] = field(default_factory=dict)
    spreads: dict[str, str] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)

    def model(self) -> onnx.ModelProto:
        graph, m = self.graph, self.m
        matrices = transforms(m)
        add = graph.add_constant
        self.matrix_spread = add("spread", matrices.spread.astype(np.float32))
        self.matrix_kernel = add("kernel", _square(matrices.kernel).astype(np.float32))
        self.matrix_output = add("output_matrix", matrices.output.astype(np.float32))
        for text in (functions.to_phases(m), functions.spread(m), functions.kernel(m), functions.gathered(m)):
            graph.add_function(text)
        self.pictures.update(graph.inputs)
        for node in graph.nodes:
            self._rewrite(node)
        for name in graph.outputs:
            self._need_picture(name)
        graph.nodes = self.out
        return graph.model()

    def _rewrite(self, node: onnx.NodeProto) -> None:
        kind, (target, *_) = node.op_type, node.output
        known = [name for name in node.input if name in self.phases]
        if is_plain_3x3(node) and len(node.input) == 3:
            self._convolve(node)
        elif kind in _POINTWISE and known:
            self._pointwise(node)
        elif kind == "Mul" and known and self._is_scalar(node.input[1]):
            self._emit_phases(node, [self.phases[node.input[0]], node.input[1]])
        elif kind == "Add" and known and all(self.graph.constant(name) is None for name in node.input):
            self._emit_phases(node, [self._need_phases(name, known[0]) for name in node.input])
        elif kind == "Concat" and len(known) == len(node.input) and attributes(node)["axis"] == 1:
            self.channels_of[target] = list(node.input)
            self._emit_phases(node, [self.phases[name] for name in node.input])
        elif kind == "Gather" and known and attributes(node).get("axis", 0) == 1:
            self._emit_phases(node, [self.phases[node.input[0]], node.input[1]])
        elif kind == "DepthToSpace" and known and attributes(node).get("mode") == b"CRD":
            self._join(node.input[0], target, attributes(node)["blocksize"])
        else:
            for name in node.input:
                self._need_picture(name)
            self.out.append(node)
            self.pictures.update(node.output)

    def _convolve(self, node: onnx.NodeProto) -> None:
        source, weight, bias = node.input
        (target,) = node.output
        space = self._space(source)
        products = self._spread(source)
        factors = self._emit("Kernel", [weight, self.matrix_kernel], f"{target}_factors")
        inputs = [products, factors, bias, space.mask, self.matrix_output]
        self.phases[target] = self._emit("Gathered", inputs, f"{target}_phases")
        self.space_of[target] = space

    def _pointwise(self, node: onnx.NodeProto) -> None:
        inputs = [self.phases[node.input[0]], *node.input[1:]]
        if node.op_type == "PRelu":
            upright = self._constant("upright", [-1, 1])
            inputs[1] = self._emit("Reshape", [node.input[1], upright], f"{node.input[1]}_upright")
        self._emit_phases(node, inputs)

    def _emit_phases(self, node: onnx.NodeProto, inputs: list[str]) -> None:
        """Emit ``node`` on phases instead of pictures."""
        (target,) = node.output
        self.phases[target] = self._emit(
            node.op_type, inputs, f"{target}_phases", domain=node.domain, **attributes(node)
        )
        self.space_of[target] = self.space_of[next(name for name in node.input if name in self.space_of)]

    def _spread(self, source: str) -> str:
        """Return the transformed input, made once for a tensor and out of its parts when it has parts."""
        if source not in self.spreads:
            parts = self.channels_of.get(source)
            name = f"{source}_products"
            if parts:
                self.spreads[source] = self._emit(
                    "Concat", [self._spread(part) for part in parts], name, axis=1
                )
            else:
                phases = self._need_phases(source, source)
                inputs = [phases, self._space(source).side, self.matrix_spread]
                self.spreads[source] = self._emit("Spread", inputs, name)
        return self.spreads[source]

    def _space(self, name: str) -> _Space:
        if name not in self.space_of:
            self._need_phases(name, name)
        return self.space_of[name]

    def _need_phases(self, name: str, neighbour: str) -> str:
        """Return the phases of ``name``, made from its picture when there are none."""
        if name not in self.phases:
            picture = self._need_picture(name)
            phases, side, grid = (self.graph.fresh(f"{name}_{part}") for part in ("phases", "side", "grid"))
            call = self.graph.node("Phases", [picture], phases, domain=functions.DOMAIN)
            call.output.extend([side, grid])
            self.out.append(call)
            self.phases[name] = phases
            known = self.space_of.get(neighbour)
            self.space_of[name] = known or _Space(name, side, grid, self._mask(name))
        return self.phases[name]

    def _mask(self, like: str) -> str:
        """Return phases of ones, which are zero outside the picture."""
        graph = self.graph
        starts, ends, axes = (
            self._constant(n, v) for n, v in (("first", [0]), ("next", [1]), ("channel", [1]))
        )
        one_channel = self._emit("Slice", [like, starts, ends, axes], f"{like}_one")
        shape = self._emit("Shape", [one_channel], f"{like}_shape")
        ones = self._emit(
            "Expand", [graph.add_constant("unit", np.ones((1, 1, 1, 1), np.float32)), shape], f"{like}_ones"
        )
        mask, side, grid = (graph.fresh(f"{like}_mask{part}") for part in ("", "_side", "_grid"))
        call = graph.node("Phases", [ones], mask, domain=functions.DOMAIN)
        call.output.extend([side, grid])
        self.out.append(call)
        return mask

    def _need_picture(self, name: str) -> str:
        """Return ``name`` after its phases, if that is all there is, have been joined."""
        if name in self.phases and name not in self.pictures:
            self._join(name, name, 1)
        return name

    def _join(self, source: str, target: str, shuffle: int) -> None:
        space = self.space_of[source]
        self.graph.add_function(functions.from_phases(self.m, shuffle))
        inputs = [self.phases[source], space.like, space.grid]
        self.out.append(self.graph.node(f"Picture{shuffle}", inputs, target, domain=functions.DOMAIN))
        self.pictures.add(target)

    def _is_scalar(self, name: str) -> bool:
        value = self.graph.constant(name)
        return value is not None and value.size == 1

    def _constant(self, hint: str, values: list[int]) -> str:
        return self.graph.add_constant(hint, np.array(values, np.int64))

    def _emit(self, kind: str, inputs: list[str], hint: str, **attributes: object) -> str:
        own = kind in ("Spread", "Kernel", "Gathered")
        name = self.graph.fresh(hint)
        options = {"domain": functions.DOMAIN, **attributes} if own else attributes
        self.out.append(self.graph.node(kind, inputs, name, **options))
        return name


def _square(line: Matrix) -> Matrix:
    """Return the transform of a kernel in both directions: (horizontal, vertical) from its 9 taps by row."""
    side, taps = line.shape
    return np.asarray(np.einsum("xj,yi->xyij", line, line).reshape(side**2, taps**2))
