"""3x3 convolutions as Winograd's F(m, 3), with all that lies between them in phases."""

from __future__ import annotations

import numpy as np
import onnx

from scripts.optimizing.emitting import Emitter
from scripts.optimizing.forms import Form
from scripts.optimizing.graphs import Graph, attributes, is_plain_3x3
from scripts.optimizing.toom_cook import Matrix, transforms
from scripts.optimizing.views import View, cut_of, frame_of, shuffle_of

_LEAVE_ZERO = ("LeakyRelu", "Relu")
"""Operators of one tensor that leave zero zero, as guards need it."""

_MOST_DIMENSIONS = 8


def winograd(
    model: onnx.ModelProto, results: int, *, directions: int = 2, keep_kernels: bool = True
) -> onnx.ModelProto:
    """Return ``model`` with its 3x3 convolutions computed by F(results, 3), which is 2, 4 or 6.

    With two ``directions`` a tile is square, with one it is as wide and one row high. The input, or what a
    first Pad makes of it, becomes phases once, and a picture again where an operator needs one; what lies
    between is computed in phases, and what is cut off a shuffled picture is cut while it is put together.
    Pictures that were enlarged on the way stay pictures, since phases would need several times the memory
    just where there is most to keep. Rounding: about 1e-5 of the values for 6 a layer.

    Transformed kernels are (results + 2) / 3 times larger than the kernels for each direction. With
    ``keep_kernels`` they are made when a session is, else anew for each tile, which costs time by their
    size, not by the tile's.
    """
    return _Rewriting(Graph(model), Form(results, directions), keep_kernels=keep_kernels).model()


class _Rewriting:
    """One pass over the nodes; ``phases`` and ``pictures`` say in which form each tensor is there."""

    def __init__(self, graph: Graph, form: Form, *, keep_kernels: bool) -> None:
        self._graph, self._form = graph, form
        self._new = Emitter(graph)
        self._pictures = set(graph.inputs)
        self._phases: dict[str, str] = {}
        self._products: dict[str, str] = {}
        self._parts: dict[str, list[str]] = {}
        """What a concatenated tensor is made of."""
        self._views: dict[str, View] = {}
        """Pictures that are made of phases, as soon as something needs them."""
        self._channels: dict[str, int] = {}
        self._shifts: dict[int, dict[str, str]] = {}
        matrices = transforms(form.results)
        self._spread_matrix = self._matrix("spread_matrix", matrices.spread)
        self._kernel_matrix = self._matrix("kernel_matrix", form.kernel())
        self._output_matrix = self._matrix("output_matrix", matrices.output)
        for text in form.functions():
            graph.add_function(text)
        self._first = self._framed()
        self._sizes = self._cut(self._first)
        self._phases[self._first] = self._sizes.pop("phases")
        self._mask = self._cut(self._ones())["phases"]
        self._late_shapes: dict[tuple[int, ...], str] = {}
        self._late_end = self._new.emit(
            "Add", [self._sizes["side"], self._shape(_MOST_DIMENSIONS)], "late_end"
        )
        if not keep_kernels:
            self._kernel_matrix = self._known_late(self._kernel_matrix)

    def model(self) -> onnx.ModelProto:
        for node in self._graph.nodes:
            self._rewrite(node)
        for name in self._graph.outputs:
            self._need_picture(name)
        self._graph.nodes = self._new.nodes
        return self._graph.model()

    def _rewrite(self, node: onnx.NodeProto) -> None:
        kind, options = node.op_type, attributes(node)
        in_phases = [name in self._phases for name in node.input]
        view = self._view(node)
        if view:
            self._views[node.output[0]] = view
        elif not any(in_phases[:1]):
            self._keep(node)
        elif is_plain_3x3(node) and len(node.input) == len(("picture", "weight", "bias")):
            self._convolve(node)
        elif kind == "PRelu":
            slope = self._new.emit("Reshape", [node.input[1], self._shape(-1, 1)], f"{node.input[1]}_upright")
            self._compute(node, [self._phases[node.input[0]], slope])
        elif kind == "Gather" and options.get("axis") == 1:
            indices = self._graph.constant(node.input[1])
            self._compute(node, [self._phases[node.input[0]], node.input[1]], len(indices))
        elif kind in _LEAVE_ZERO or self._scales(node):
            self._compute(node, [self._phases[node.input[0]], *node.input[1:]])
        elif kind == "Add" and all(in_phases):
            self._compute(node, [self._phases[name] for name in node.input])
        elif kind == "Concat" and options["axis"] == 1 and all(in_phases):
            self._parts[node.output[0]] = list(node.input)
            together = sum(self._channels[name] for name in node.input)
            self._compute(node, [self._phases[name] for name in node.input], together)
        else:
            self._keep(node)

    def _keep(self, node: onnx.NodeProto) -> None:
        """Emit ``node`` as it was, on pictures."""
        for name in node.input:
            self._need_picture(name)
        self._new.nodes.append(node)
        self._pictures.update(node.output)

    def _compute(self, node: onnx.NodeProto, inputs: list[str], channels: int | None = None) -> None:
        """Emit ``node`` on phases instead of pictures."""
        target = node.output[0]
        self._phases[target] = self._new.emit(node.op_type, inputs, f"{target}_phases", **attributes(node))
        self._channels[target] = channels or self._channels[node.input[0]]

    def _convolve(self, node: onnx.NodeProto) -> None:
        source, weight, bias = node.input
        target = node.output[0]
        made, given = self._graph.constant(weight).shape[:2]
        form, q = self._form, self._form.across
        kernel = {
            "weight": weight,
            "matrix": self._kernel_matrix,
            "by_tap": self._shape(-1, form.taps),
            "full": self._shape(*form.factors(made, given)),
        }
        features = {
            "factors": self._new.call("Kernel", kernel, f"{target}_factors"),
            "products": self._spread(source),
            "bias": bias,
            "mask": self._mask,
            "matrix": self._output_matrix,
            "by_column": self._late(q, -1),
            "by_row": self._late(q, q, -1),
            "full": self._late(form.phases, made, -1),
            "upright": self._shape(-1, 1),
        }
        self._phases[target] = self._new.call("Gathered", self._sizes | features, f"{target}_phases")
        self._channels[target] = made

    def _spread(self, source: str) -> str:
        """Return the transformed input: made once for a tensor, and out of its parts when it has parts."""
        if source not in self._products:
            name, parts = f"{source}_products", self._parts.get(source)
            if parts:
                made = self._new.emit("Concat", [self._spread(part) for part in parts], name, axis=1)
            else:
                q, channels = self._form.across, self._channels[source]
                features = {
                    **self._shifts_of(source),
                    "phases": self._phases[source],
                    "matrix": self._spread_matrix,
                    "one": self._shape(1),
                    "flat": self._late(-1),
                    "by_column": self._late(q, -1),
                    "by_row": self._late(q, q, -1),
                    "full": self._late(self._form.products, channels, -1),
                }
                made = self._new.call("Spread", self._sizes | features, name)
            self._products[source] = made
        return self._products[source]

    def _shifts_of(self, source: str) -> dict[str, str]:
        """Return where to slice tensors of as many channels as ``source``."""
        channels = self._channels[source]
        if channels not in self._shifts:
            values = self._sizes | {"phases": self._phases[source]}
            self._shifts[channels] = self._new.call_many("Shifts", values, f"{{}}_{channels}")
        return self._shifts[channels]

    def _view(self, node: onnx.NodeProto) -> View | None:
        """Return what ``node`` makes, if that is a picture of which only the phases need be there."""
        source = node.input[0] if node.input else ""
        shuffle, cut = shuffle_of(node), cut_of(self._graph, node)
        if shuffle and source in self._phases:
            return View(source, shuffle)
        if cut and source in self._views:
            return self._views[source].without(*cut)
        return None

    def _need_picture(self, name: str) -> None:
        """Join the phases of ``name`` if they are all there is."""
        if name in self._pictures or not (name in self._views or name in self._phases):
            return
        view = self._views.get(name, View(name))
        values = self._sizes | {"phases": self._phases[view.features], "like": self._first}
        if view.is_whole:
            text = self._form.picture(view.shuffle)
        else:
            text = self._form.inside(view.shuffle)
            values |= {"before": self._shape(*view.before), "after": self._shape(*view.after)}
        self._new.call_as(self._graph.add_function(text), values, [name])
        self._pictures.add(name)

    def _cut(self, picture: str) -> dict[str, str]:
        """Return a picture's phases, side, grid and what else the form has, by what they are."""
        return self._new.call_many("Phases", {"picture": picture}, f"{picture}_{{}}")

    def _framed(self) -> str:
        """Return the picture that becomes phases: the input, or what a first Pad makes of it."""
        first: str = self._graph.inputs[0]
        channels = self._graph.channels(first)
        frame = frame_of(self._graph, first)
        if frame:
            self._graph.nodes.remove(frame)
            self._keep(frame)
            first = frame.output[0]
        self._channels[first] = channels
        return first

    def _ones(self) -> str:
        """Return a picture of one channel, as large as what becomes phases, all ones."""
        one = self._shape(1)
        channel = self._new.emit("Slice", [self._first, self._shape(0), one, one], "one_channel")
        shape = self._new.emit("Shape", [channel], "one_channel_shape")
        unit = self._graph.add_constant("unit", np.ones((1, 1, 1, 1), np.float32))
        return self._new.emit("Expand", [unit, shape], "ones")

    def _known_late(self, constant: str) -> str:
        """Return ``constant`` times a one that is known only when a tile is: nothing folds it beforehand."""
        one = self._new.emit("Div", [self._sizes["side"], self._sizes["side"]], "late_one")
        scale = self._new.emit("Cast", [one], "late_scale", to=onnx.TensorProto.FLOAT)
        return self._new.emit("Mul", [constant, scale], f"late_{constant}")

    def _scales(self, node: onnx.NodeProto) -> bool:
        """Say whether ``node`` multiplies by one number."""
        return node.op_type == "Mul" and self._graph.is_constant(node.input[1], elements=1)

    def _matrix(self, name: str, matrix: Matrix) -> str:
        return self._graph.add_constant(name, matrix.astype(np.float32))

    def _shape(self, *sizes: int) -> str:
        """Return the name of whole numbers, kept once."""
        return self._graph.shape(sizes)

    def _late(self, *sizes: int) -> str:
        """Return the name of whole numbers that are known only when a tile is, and so is how many they are.

        What has such a shape has no known rank, so onnxruntime's planner does not compare it with all that
        was there before in search of memory of the same size: time by the square of a network's depth.
        """
        if sizes not in self._late_shapes:
            inputs = [self._shape(*sizes), self._shape(0), self._late_end]
            self._late_shapes[sizes] = self._new.emit("Slice", inputs, "late_shape")
        return self._late_shapes[sizes]
