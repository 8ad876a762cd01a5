"""Nearest-neighbour enlargement, moved to where there are fewer pixels. Exact but for rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scripts.optimizing.graphs import Graph, attributes, is_plain_3x3

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray


def fold_upsampling(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` with each "enlarge k times, then 3x3" as a 3x3 at low resolution and a shuffle.

    Each of the k*k pixels that a pixel becomes sees that pixel and its neighbours through a kernel of its
    own, whose taps are sums of the taps that fall on one low-resolution pixel; zeros outside stay zeros.
    Source: W. Shi et al., "Is the deconvolution layer the same as a convolutional layer?", 2016.
    """
    graph = Graph(model)
    for conv in list(graph.nodes):
        resize = graph.producer(conv.input[0]) if is_plain_3x3(conv) else None
        factor = _enlargement(graph, resize)
        if resize is None or factor is None or len(conv.input) < 3:
            continue
        weight, bias = conv.input[1], conv.input[2]
        sums = graph.add_constant("tap_sums", _tap_sums(factor))
        kernel = graph.constant(weight)
        if kernel is None:
            continue
        outputs, inputs = kernel.shape[:2]
        name, block = conv.output[0], factor**2
        nodes = [
            _reshape(graph, weight, f"{name}_taps", [outputs, 1, inputs, 9]),
            graph.node("MatMul", [f"{name}_taps", sums], f"{name}_kernels"),
            _reshape(graph, f"{name}_kernels", f"{name}_kernel", [outputs * block, inputs, 3, 3]),
            _reshape(graph, bias, f"{name}_upright", [outputs, 1]),
            graph.node("Expand", [f"{name}_upright", _shape(graph, [outputs, block])], f"{name}_repeated"),
            _reshape(graph, f"{name}_repeated", f"{name}_bias", [outputs * block]),
            graph.node(
                "Conv",
                [resize.input[0], f"{name}_kernel", f"{name}_bias"],
                f"{name}_small",
                kernel_shape=[3, 3],
                pads=[1] * 4,
            ),
            graph.node("DepthToSpace", [f"{name}_small"], name, blocksize=factor, mode="CRD"),
        ]
        place = graph.nodes.index(conv)
        graph.nodes[place : place + 1] = nodes
    return graph.model()


def add_before_shuffle(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` with "shuffle, then add the enlarged picture" as "add its channels, then shuffle"."""
    graph = Graph(model)
    for add in [node for node in graph.nodes if node.op_type == "Add"]:
        made_by = [graph.producer(name) for name in add.input]
        shuffle = next((node for node in made_by if node and node.op_type == "DepthToSpace"), None)
        resize = next((node for node in made_by if node and node.op_type == "Resize"), None)
        if shuffle is None or resize is None or attributes(shuffle).get("mode") != b"CRD":
            continue
        factor = attributes(shuffle)["blocksize"]
        channels = graph.channels(resize.input[0])
        if _enlargement(graph, resize) != factor or channels is None:
            continue
        repeated = graph.add_constant("repeated", np.repeat(np.arange(channels), factor**2))
        name = add.output[0]
        place = graph.nodes.index(add)
        graph.nodes[place : place + 1] = [
            graph.node("Gather", [resize.input[0], repeated], f"{name}_repeated", axis=1),
            graph.node("Add", [shuffle.input[0], f"{name}_repeated"], f"{name}_sum"),
            graph.node("DepthToSpace", [f"{name}_sum"], name, blocksize=factor, mode="CRD"),
        ]
    return graph.model()


def _enlargement(graph: Graph, node: onnx.NodeProto | None) -> int | None:
    """Return how many times ``node`` enlarges by repeating pixels, or None when it does something else."""
    if node is None or node.op_type != "Resize" or attributes(node).get("mode", b"nearest") != b"nearest":
        return None
    scales = graph.constant(node.input[2]) if len(node.input) > 2 else None
    if scales is None or len(scales) != 4 or list(scales[:2]) != [1, 1] or scales[2] != scales[3]:
        return None
    options = attributes(node)
    repeats = (
        options.get("coordinate_transformation_mode") == b"asymmetric"
        and options.get("nearest_mode") == b"floor"
    )
    return int(scales[2]) if repeats and scales[2] == int(scales[2]) else None


def _tap_sums(factor: int) -> NDArray[np.float32]:
    """Return (factor², 9, 9): for each pixel of a block, which taps of the kernel fall on which neighbour.

    As a matrix product, (… , 9) taps by this gives (…, 9) taps at low resolution.
    """
    line = np.zeros((factor, 3, 3))
    for pixel in range(factor):
        for tap in range(3):
            line[pixel, tap, (pixel + tap - 1) // factor + 1] = 1
    square = np.einsum("yab,xcd->yxacbd", line, line)
    return np.asarray(square.reshape(factor**2, 9, 9), np.float32)


def _reshape(graph: Graph, source: str, target: str, shape: list[int]) -> onnx.NodeProto:
    return graph.node("Reshape", [source, _shape(graph, shape)], target)


def _shape(graph: Graph, shape: list[int]) -> str:
    return graph.add_constant("shape", np.array(shape, np.int64))
