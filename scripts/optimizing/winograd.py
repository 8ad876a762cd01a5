"""3x3 convolutions as Winograd's F(m, 3) in both directions, with all that lies between them in phases."""

from __future__ import annotations

import numpy as np
import onnx

from scripts.optimizing import functions
from scripts.optimizing.graphs import Graph, attributes, is_plain_3x3
from scripts.optimizing.toom_cook import Matrix, transforms

_LEAVE_ZERO = ("LeakyRelu", "Relu")
"""Operators of one tensor that leave zero zero, as guards need it."""


def winograd(model: onnx.ModelProto, results: int, *, keep_kernels: bool = True) -> onnx.ModelProto:
    """Return ``model`` with its 3x3 convolutions computed by F(results, 3), which is 2, 4 or 6.

    The input becomes phases once, and a picture again where an operator needs one; what lies between is
    computed in phases. Pictures that were enlarged on the way stay pictures, since phases would need four
    times the memory just where there is most to keep. Rounding: about 1e-5 of the values for 6 a layer.

    Transformed kernels are ((results + 2) / 3)² times larger than the kernels. With ``keep_kernels`` they
    are made when a session is, else anew for each tile, which costs time by their size, not by the tile's.
    """
    return _Rewriting(Graph(model), results, keep_kernels=keep_kernels).model()


class _Rewriting:
    """One pass over the nodes; ``phases`` and ``pictures`` say in which form each tensor is there."""

    def __init__(self, graph: Graph, results: int, *, keep_kernels: bool) -> None:
        self._graph, self._m = graph, results
        self._out: list[onnx.NodeProto] = []
        self._pictures = set(graph.inputs)
        self._phases: dict[str, str] = {}
        self._products: dict[str, str] = {}
        self._parts: dict[str, list[str]] = {}
        """What a concatenated tensor is made of."""
        matrices = transforms(results)
        kernel = _square(matrices.kernel)
        names = ("spread_matrix", "kernel_matrix", "output_matrix")
        self._spread_matrix, self._kernel_matrix, self._output_matrix = (
            graph.add_constant(name, matrix.astype(np.float32))
            for name, matrix in zip(names, (matrices.spread, kernel, matrices.output), strict=True)
        )
        for function in (functions.to_phases, functions.spread, functions.kernel, functions.gathered):
            graph.add_function(function(results))
        (self._input,) = graph.inputs
        self._phases[self._input], self._side, self._grid = self._cut(self._input)
        self._mask, *_ = self._cut(self._ones())
        if not keep_kernels:
            self._kernel_matrix = self._known_late(self._kernel_matrix)

    def model(self) -> onnx.ModelProto:
        for node in self._graph.nodes:
            self._rewrite(node)
        for name in self._graph.outputs:
            self._need_picture(name)
        self._graph.nodes = self._out
        return self._graph.model()

    def _rewrite(self, node: onnx.NodeProto) -> None:
        kind, options = node.op_type, attributes(node)
        first = self._phases.get(node.input[0]) if node.input else None
        if first is None:
            self._keep(node)
        elif is_plain_3x3(node) and len(node.input) == len(("picture", "weight", "bias")):
            self._convolve(node)
        elif kind == "PRelu":
            upright = self._graph.add_constant("upright", np.array([-1, 1]))
            slope = self._emit("Reshape", [node.input[1], upright], f"{node.input[1]}_upright")
            self._compute(node, [first, slope])
        elif kind in _LEAVE_ZERO or (kind == "Gather" and options.get("axis") == 1) or self._scales(node):
            self._compute(node, [first, *node.input[1:]])
        elif all(name in self._phases for name in node.input) and (
            kind == "Add" or (kind == "Concat" and options["axis"] == 1)
        ):
            self._compute(node, [self._phases[name] for name in node.input])
            if kind == "Concat":
                self._parts[node.output[0]] = list(node.input)
        elif kind == "DepthToSpace" and options.get("mode") == b"CRD":
            self._join(node.input[0], node.output[0], options["blocksize"])
        else:
            self._keep(node)

    def _keep(self, node: onnx.NodeProto) -> None:
        """Emit ``node`` as it was, on pictures."""
        for name in node.input:
            self._need_picture(name)
        self._out.append(node)
        self._pictures.update(node.output)

    def _compute(self, node: onnx.NodeProto, inputs: list[str]) -> None:
        """Emit ``node`` on phases instead of pictures."""
        target = node.output[0]
        self._phases[target] = self._emit(node.op_type, inputs, f"{target}_phases", **attributes(node))

    def _convolve(self, node: onnx.NodeProto) -> None:
        source, weight, bias = node.input
        target = node.output[0]
        factors = self._call("Kernel", [weight, self._kernel_matrix], f"{target}_factors")
        inputs = [self._spread(source), factors, bias, self._mask, self._output_matrix]
        self._phases[target] = self._call("Gathered", inputs, f"{target}_phases")

    def _spread(self, source: str) -> str:
        """Return the transformed input: made once for a tensor, and out of its parts when it has parts."""
        if source not in self._products:
            name, parts = f"{source}_products", self._parts.get(source)
            if parts:
                made = self._emit("Concat", [self._spread(part) for part in parts], name, axis=1)
            else:
                made = self._call("Spread", [self._phases[source], self._side, self._spread_matrix], name)
            self._products[source] = made
        return self._products[source]

    def _need_picture(self, name: str) -> None:
        """Join the phases of ``name`` if they are all there is."""
        if name in self._phases and name not in self._pictures:
            self._join(name, name, 1)

    def _join(self, source: str, target: str, shuffle: int) -> None:
        self._graph.add_function(functions.from_phases(self._m, shuffle))
        inputs = [self._phases[source], self._input, self._grid]
        self._out.append(self._graph.node(f"Picture{shuffle}", inputs, target, domain=functions.DOMAIN))
        self._pictures.add(target)

    def _cut(self, picture: str) -> tuple[str, ...]:
        """Return the names of a picture's phases, side and grid."""
        names = tuple(self._graph.fresh(f"{picture}_{part}") for part in ("phases", "side", "grid"))
        call = self._graph.node("Phases", [picture], names[0], domain=functions.DOMAIN)
        call.output.extend(names[1:])
        self._out.append(call)
        return names

    def _ones(self) -> str:
        """Return a picture of one channel, as large as the input, all ones."""
        add = self._graph.add_constant
        first, second = add("first", np.array([0])), add("second", np.array([1]))
        channel = self._emit("Slice", [self._input, first, second, second], "one_channel")
        shape = self._emit("Shape", [channel], "one_channel_shape")
        return self._emit("Expand", [add("unit", np.ones((1, 1, 1, 1), np.float32)), shape], "ones")

    def _known_late(self, constant: str) -> str:
        """Return ``constant`` times a one that is known only when a tile is: nothing folds it beforehand."""
        one = self._emit("Div", [self._side, self._side], "late_one")
        scale = self._emit("Cast", [one], "late_scale", to=onnx.TensorProto.FLOAT)
        return self._emit("Mul", [constant, scale], f"late_{constant}")

    def _scales(self, node: onnx.NodeProto) -> bool:
        """Say whether ``node`` multiplies by one number."""
        factor = self._graph.constant(node.input[1]) if node.op_type == "Mul" else None
        return factor is not None and factor.size == 1

    def _call(self, function: str, inputs: list[str], hint: str) -> str:
        return self._emit(function, inputs, hint, domain=functions.DOMAIN)

    def _emit(self, kind: str, inputs: list[str], hint: str, **options: object) -> str:
        name = self._graph.fresh(hint)
        self._out.append(self._graph.node(kind, inputs, name, **options))
        return name


def _square(line: Matrix) -> Matrix:
    """Return the transform of a kernel in both directions: (horizontal, vertical) from its 9 taps by row."""
    side, taps = line.shape
    return np.asarray(np.einsum("xj,yi->xyij", line, line).reshape(side**2, taps**2))
