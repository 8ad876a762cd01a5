"""The passes over ONNX graphs: what a network computes stays as it was, within a stated bound."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from scripts.optimize_onnx import variants
from scripts.optimizing.clipping import drop_final_clip
from scripts.optimizing.toom_cook import transforms
from scripts.optimizing.upsampling import add_before_shuffle, fold_upsampling
from scripts.optimizing.winograd import winograd

SIZES = [(1, 1, 1), (1, 2, 7), (1, 6, 6), (2, 5, 13), (1, 12, 4), (3, 7, 1)]
"""(batch, height, width): less than a Winograd tile, just one, some more, several pictures."""

_TO_THE_END = 2**63 - 1
"""What torch writes where a Slice leaves nothing out at the end."""


class _Net:
    """An ONNX network, written down node by node, with small random weights."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: Any) -> str:
        """Keep ``value`` under ``name``."""
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, kind: str, inputs: str, output: str, **options: Any) -> _Net:
        """Append a node; ``inputs`` are names with spaces between."""
        self._nodes.append(helper.make_node(kind, inputs.split(), [output], **options))
        return self

    def conv(self, source: str, output: str, shape: tuple[int, int]) -> _Net:
        """Append a 3x3 convolution to (channels made, channels given)."""
        weight = self._random.normal(scale=0.3, size=(*shape, 3, 3)).astype(np.float32)
        bias = self._random.normal(scale=0.3, size=shape[0]).astype(np.float32)
        self.constant(f"{output}.weight", weight), self.constant(f"{output}.bias", bias)
        inputs = f"{source} {output}.weight {output}.bias"
        return self.add("Conv", inputs, output, kernel_shape=[3, 3], pads=[1] * 4)

    def model(self, channels: int = 3) -> onnx.ModelProto:
        """Return the network, for pictures of any size and batch."""
        free = ["batch", channels, "height", "width"]
        graph = helper.make_graph(
            self._nodes,
            "net",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, free)],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", None, None, None])],
            self._constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def _compact() -> onnx.ModelProto:
    """Return a network like Real-ESRGAN's compact ones."""
    net = _Net().conv("input", "a", (6, 3)).conv("b", "c", (5, 6)).conv("d", "e", (12, 5))
    net.constant("slopes", np.linspace(-0.5, 0.5, 6, dtype=np.float32).reshape(6, 1, 1))
    net.constant("scales", np.array([1, 1, 2, 2], np.float32))
    net.add("PRelu", "a slopes", "b").add("Relu", "c", "d").add(
        "DepthToSpace", "e", "f", blocksize=2, mode="CRD"
    )
    return _ordered(_enlarging(net, "input", "g").add("Add", "f g", "output").model())


def _dense() -> onnx.ModelProto:
    """Return a network like Real-ESRGAN's large ones: dense blocks, residuals, enlargements within."""
    net = (
        _Net().conv("input", "a", (4, 3)).conv("a", "b", (2, 4)).conv("d", "e", (4, 6)).conv("h", "i", (4, 4))
    )
    net.conv("j", "output", (3, 4)).constant("scales", np.array([1, 1, 2, 2], np.float32))
    net.constant("fifth", np.float32(0.2))
    net.add("LeakyRelu", "b", "c", alpha=0.2).add("Concat", "a c", "d", axis=1).add("Mul", "e fifth", "f")
    net.add("Add", "f a", "g").add("LeakyRelu", "i", "j", alpha=0.2)
    return _ordered(_enlarging(net, "g", "h").model())


def _framed(
    frame: tuple[int, ...] = (3, 3, 3, 3), cut: tuple[int, ...] = (6, 6, 6, 6), mode: str = "edge"
) -> onnx.ModelProto:
    """Return a network like ours, which frames the picture and cuts the frame off: top, left, bottom, right."""
    top, left, bottom, right = frame
    net = _Net().conv("a", "b", (4, 3)).conv("c", "d", (5, 4)).conv("f", "g", (12, 8))
    net.constant("frame", np.array([0, 0, top, left, 0, 0, bottom, right]))
    net.add("Pad", "input frame", "a", mode=mode).add("LeakyRelu", "b", "c", alpha=0.1)
    net.add("LeakyRelu", "d", "e", alpha=0.1).add("Concat", "e a", "f", axis=1)
    net.add("DepthToSpace", "g", "h", blocksize=2, mode="CRD")
    _slicing(net, "h", "i", 2, cut[0], -cut[2] or _TO_THE_END)
    return _ordered(_slicing(net, "i", "output", 3, cut[1], -cut[3] or _TO_THE_END).model())


def _slicing(net: _Net, source: str, output: str, axis: int, start: int, end: int, step: int = 1) -> _Net:
    values = {"start": start, "end": end, "axis": axis, "step": step}
    names = [net.constant(f"{output}.{name}", np.array([value])) for name, value in values.items()]
    return net.add("Slice", " ".join([source, *names]), output)


def _enlarging(net: _Net, source: str, output: str) -> _Net:
    return net.add(
        "Resize", f"{source}  scales".replace("  ", " NONE "), output,
        mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor",
    )  # fmt: skip


def _ordered(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` with its nodes in an order in which they can be computed."""
    for node in model.graph.node:
        node.input[:] = ["" if name == "NONE" else name for name in node.input]
    known = {"", "input", *(tensor.name for tensor in model.graph.initializer)}
    waiting, nodes = list(model.graph.node), []
    while waiting:
        ready = next(node for node in waiting if known.issuperset(node.input))
        waiting.remove(ready)
        nodes.append(ready)
        known.update(ready.output)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _run(model: onnx.ModelProto, picture: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return np.asarray(session.run(None, {"input": picture})[0])


def _worst(model: onnx.ModelProto, other: onnx.ModelProto, channels: int = 3) -> float:
    """Return the largest difference over all sizes."""
    random, worst = np.random.default_rng(1), 0.0
    for batch, height, width in SIZES:
        picture = random.random((batch, channels, height, width), dtype=np.float32)
        wanted, result = _run(model, picture), _run(other, picture)
        assert result.shape == wanted.shape
        worst = max(worst, float(np.abs(result - wanted).max()))
    return worst


def _kinds(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


@pytest.mark.parametrize("results", [2, 4, 6])
def test_fast_convolution_is_convolution(results):
    """F(m, 3) gives what sliding the filter gives, for any numbers."""
    random = np.random.default_rng(0)
    matrices = transforms(results)
    for _ in range(20):
        taps, values = random.normal(size=3), random.normal(size=results + 2)
        products = (matrices.kernel @ taps) * (matrices.spread @ values)
        np.testing.assert_allclose(
            matrices.output @ products, np.correlate(values, taps, "valid"), atol=1e-12
        )


@pytest.mark.parametrize(
    ("network", "results", "directions", "keep_kernels"),
    list(itertools.product([_compact, _dense, _framed], [2, 4, 6], [1, 2], [True, False])),
)
def test_winograd_computes_the_same(network, results, directions, keep_kernels):
    """Any size and batch gives what the plain network gives, within 3e-5."""
    model = network()
    fast = winograd(model, results, directions=directions, keep_kernels=keep_kernels)
    assert _worst(model, fast) < 3e-5


def test_winograd_replaces_the_convolutions_at_the_inputs_size():
    """No convolution is left before the first enlargement; those after it stay as they are."""
    assert "Conv" not in _kinds(winograd(_compact(), 6))
    kinds = _kinds(winograd(_dense(), 6))
    assert kinds.count("Gathered") == 3
    assert kinds.count("Conv") == 2
    assert kinds.index("Resize") < kinds.index("Conv")


@pytest.mark.parametrize("results", [4, 6])
@pytest.mark.parametrize("mode", ["edge", "constant"])
@pytest.mark.parametrize(
    ("frame", "cut"),
    [
        ((5, 5, 5, 5), (10, 10, 10, 10)),
        ((1, 2, 3, 4), (4, 3, 2, 1)),
        ((2, 0, 0, 3), (0, 0, 0, 7)),
        ((0,) * 4,) * 2,
    ],
)
def test_frames_are_seen_through(frame, cut, mode, results):
    """Whatever is put around the picture and cut off the result, it is one Pad and one step to the result."""
    model = _framed(frame, cut, mode)
    fast = winograd(model, results)
    assert _worst(model, fast) < 3e-5
    kinds = _kinds(fast)
    assert "Conv" not in kinds
    assert "DepthToSpace" not in kinds
    assert kinds.count("Pad") == 1
    assert kinds[-1] == ("Inside2" if any(cut) else "Picture2")


def test_cutting_everything_off_leaves_nothing():
    """Of a result that is smaller than what is cut off, nothing is left, as without Winograd."""
    model = _framed((0,) * 4, (3, 3, 3, 3))
    picture = np.zeros((1, 3, 1, 2), np.float32)
    assert _run(winograd(model, 6), picture).shape == _run(model, picture).shape == (1, 3, 0, 0)


@pytest.mark.parametrize(
    ("axis", "start", "end", "step"),
    [(1, 1, -1, 1), (2, 0, -1, 2), (3, -4, -1, 1), (3, 0, 2, 1), (0, 0, 1, 1)],
)
def test_other_cuts_are_left_alone(axis, start, end, step):
    """What depends on the picture's size, leaves out lines or takes channels stays a Slice."""
    net = _Net().conv("input", "a", (12, 3)).add("DepthToSpace", "a", "b", blocksize=2, mode="CRD")
    model = _ordered(_slicing(net, "b", "output", axis, start, end, step).model())
    fast = winograd(model, 6)
    assert _worst(model, fast) < 3e-5
    assert _kinds(fast)[-2:] == ["Picture2", "Slice"]


@pytest.mark.parametrize("frame", [[0, 1, 1, 1, 0, 0, 1, 1], [0, 0, 1, 1, 1, 0, 1, 1]])
def test_other_frames_are_left_alone(frame):
    """What adds channels or pictures is no frame: the input itself would become phases."""
    net = _Net().conv("a", "output", (3, 3 + frame[1]))
    net.constant("frame", np.array(frame))
    model = _ordered(net.add("Pad", "input frame", "a", mode="constant").model())
    fast = winograd(model, 6)
    assert _worst(model, fast) == 0
    assert _kinds(fast) == ["Pad", "Conv"]


def test_both_the_picture_and_its_frame_may_be_read():
    """What reads the picture without its frame gets it."""
    net = _Net().conv("a", "b", (3, 3)).conv("input", "c", (3, 3))
    net.constant("frame", np.array([0, 0, 1, 1, 0, 0, 1, 1]))
    net.add("Pad", "input frame", "a", mode="edge").add("AveragePool", "b", "d", kernel_shape=[3, 3])
    model = _ordered(net.add("Add", "c d", "output").model())
    assert _worst(model, winograd(model, 6)) < 3e-5


def test_winograd_transforms_each_input_once():
    """What a dense block reads again and again is transformed when it is made, not when it is read."""
    kinds = _kinds(winograd(_dense(), 6))
    assert kinds.count("Spread") == len(("input", "a", "c"))


def test_kernels_are_kept_or_made_anew():
    """Kept kernels are constants of the session; the others depend on the tile, so nothing folds them."""
    model = _compact()
    for keep_kernels, made_late in ((True, False), (False, True)):
        fast = winograd(model, 6, keep_kernels=keep_kernels)
        (kernel_matrix,) = {node.input[1] for node in fast.graph.node if node.op_type == "Kernel"}
        computed = {name for node in fast.graph.node for name in node.output}
        assert (kernel_matrix in computed) is made_late


@pytest.mark.parametrize(("directions", "taps"), [(1, 3), (2, 9)])
def test_kernels_are_transformed_in_as_many_directions(directions, taps):
    """In one direction 3 taps become 8 factors, in both 9 become 64: kept kernels grow by that."""
    fast = winograd(_compact(), 6, directions=directions)
    (name,) = {node.input[1] for node in fast.graph.node if node.op_type == "Kernel"}
    (matrix,) = [tensor for tensor in fast.graph.initializer if tensor.name == name]
    assert list(matrix.dims) == [8**directions, taps]


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_folded_enlargement_computes_the_same(factor):
    """Enlarging and then convolving equals a few small convolutions and a shuffle, also at the border."""
    net = _Net().conv("a", "output", (4, 3))
    net.constant("scales", np.array([1, 1, factor, factor], np.float32))
    model = _ordered(_enlarging(net, "input", "a").model())
    folded = fold_upsampling(model)
    assert _worst(model, folded) < 1e-5
    assert "Resize" not in _kinds(folded)
    kernels = [
        entry.ints for node in folded.graph.node for entry in node.attribute if entry.name == "kernel_shape"
    ]
    assert len(kernels) == factor**2
    assert max(max(kernel) for kernel in kernels) == 2


@pytest.mark.parametrize("changes", [
    {"nearest_mode": "ceil"}, {"coordinate_transformation_mode": "half_pixel"}, {"mode": "linear"},
])  # fmt: skip
def test_other_enlargements_are_left_alone(changes):
    """Only an enlargement that repeats pixels is folded; any other stays, and so does what is computed."""
    net = _Net().conv("a", "output", (4, 3))
    net.constant("scales", np.array([1, 1, 2, 2], np.float32))
    model = _ordered(_enlarging(net, "input", "a").model())
    for entry in model.graph.node[0].attribute:
        entry.s = changes.get(entry.name, entry.s.decode()).encode()
    assert _kinds(fold_upsampling(model)) == _kinds(model)


def test_picture_added_before_the_shuffle_gives_the_same():
    """Adding the enlarged picture after a shuffle equals adding its repeated channels before, exactly."""
    model = _compact()
    moved = add_before_shuffle(model)
    assert _worst(model, moved) == 0
    assert "Resize" not in _kinds(moved)
    assert _kinds(moved)[-1] == "DepthToSpace"


def test_final_clip_is_dropped():
    """Without it, results clipped to its range are exactly the same."""
    net = _Net().conv("input", "a", (3, 3))
    net.constant("least", np.float32(0)), net.constant("most", np.float32(1))
    model = net.add("Clip", "a least most", "output").model()
    dropped = drop_final_clip(model)
    assert _kinds(dropped) == ["Conv"]
    picture = np.random.default_rng(0).normal(size=(1, 3, 8, 8)).astype(np.float32)
    np.testing.assert_array_equal(np.clip(_run(dropped, picture), 0, 1), _run(model, picture))


def test_other_clips_are_kept():
    """A Clip inside the network is part of what it computes, and so is one whose input is read elsewhere."""
    inside = _Net().conv("a", "output", (3, 3))
    inside.constant("least", np.float32(0))
    model = _ordered(inside.add("Clip", "input least", "a").model())
    assert _kinds(drop_final_clip(model)) == ["Clip", "Conv"]


@pytest.mark.parametrize("network", [_compact, _dense, _framed])
def test_each_runtime_gets_a_graph_that_computes_the_same(network):
    """All graphs take what the network takes and give what it gives, within 1e-4."""
    model = network()
    graphs = variants(model)
    assert sorted(graphs) == ["onnxruntime", "wasm", "webgpu"]
    for graph in graphs.values():
        assert _worst(model, graph) < 1e-4
        assert [value.name for value in graph.graph.input] == ["input"]
        assert [value.name for value in graph.graph.output] == ["output"]
    assert "Gathered" in _kinds(graphs["wasm"])
    assert "Gathered" not in _kinds(graphs["webgpu"])
