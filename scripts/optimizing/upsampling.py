"""Nearest-neighbour enlargement, moved to where there are fewer pixels. Exact but for rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scripts.optimizing.graphs import Graph, attributes, is_plain_3x3

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray


def fold_upsampling(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` with each "enlarge k times, then 3x3" as k*k small convolutions and a shuffle.

    Each of the k*k pixels that a pixel becomes sees at most 2x2 pixels at low resolution, so its kernel
    has 4 taps at most, each the sum of those taps of 9 that fall on one pixel. Zeros outside stay zeros.
    Source: W. Shi et al., "Is the deconvolution layer the same as a convolutional layer?", 2016.
    """
    graph = Graph(model)
    for conv in [node for node in graph.nodes if is_plain_3x3(node)]:
        resize = graph.producer(conv.input[0])
        factor = _enlargement(graph, resize)
        if resize is None or factor is None or not graph.is_constant(conv.input[1]):
            continue
        name = conv.output[0]
        by_tap = graph.shape((*graph.constant(conv.input[1]).shape[:2], 9))
        nodes = [graph.node("Reshape", [conv.input[1], by_tap], [f"{name}_taps"])]
        for row in range(factor):
            for column in range(factor):
                nodes += _one_of_block(graph, conv, resize.input[0], (row, column), factor)
        parts = [node.output[0] for node in nodes if node.op_type == "Conv"]
        nodes += [
            graph.node("Concat", parts, [f"{name}_parts"], axis=1),
            graph.node("DepthToSpace", [f"{name}_parts"], [name], blocksize=factor, mode="DCR"),
        ]
        place = graph.nodes.index(conv)
        graph.nodes[place : place + 1] = nodes
    return graph.model()


def _one_of_block(
    graph: Graph, conv: onnx.NodeProto, source: str, pixel: tuple[int, int], factor: int
) -> list[onnx.NodeProto]:
    """Return the convolution that makes the pixel (row, column) of every block, and its kernel."""
    name = f"{conv.output[0]}_{pixel[0]}{pixel[1]}"
    (top, rows), (left, columns) = (_tap_sums(place, factor) for place in pixel)
    shape = (rows.shape[1], columns.shape[1])
    sums = np.einsum("ay,bx->abyx", rows, columns).reshape(9, -1).astype(np.float32)
    square = graph.shape((*graph.constant(conv.input[1]).shape[:2], *shape))
    tap_sums = graph.add_constant("tap_sums", sums)
    pads = [-top, -left, shape[0] - 1 + top, shape[1] - 1 + left]
    inputs = [source, f"{name}_kernel", *conv.input[2:]]
    return [
        graph.node("MatMul", [f"{conv.output[0]}_taps", tap_sums], [f"{name}_sums"]),
        graph.node("Reshape", [f"{name}_sums", square], [f"{name}_kernel"]),
        graph.node("Conv", inputs, [name], kernel_shape=list(shape), pads=pads),
    ]


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
        channels = graph.channels(resize.input[0]) if resize.input[0] in graph.inputs else 0
        if _enlargement(graph, resize) != factor or not channels:
            continue
        repeated = graph.add_constant("repeated", np.repeat(np.arange(channels), factor**2))
        name = add.output[0]
        place = graph.nodes.index(add)
        graph.nodes[place : place + 1] = [
            graph.node("Gather", [resize.input[0], repeated], [f"{name}_repeated"], axis=1),
            graph.node("Add", [shuffle.input[0], f"{name}_repeated"], [f"{name}_sum"]),
            graph.node("DepthToSpace", [f"{name}_sum"], [name], blocksize=factor, mode="CRD"),
        ]
    return graph.model()


def _enlargement(graph: Graph, node: onnx.NodeProto | None) -> int | None:
    """Return how many times ``node`` enlarges by repeating pixels, or None when it does something else."""
    if node is None or node.op_type != "Resize" or attributes(node).get("mode", b"nearest") != b"nearest":
        return None
    if len(node.input) <= 2 or not graph.is_constant(node.input[2], elements=4):
        return None
    scales = graph.constant(node.input[2])
    if list(scales[:2]) != [1, 1] or scales[2] != scales[3]:
        return None
    options = attributes(node)
    repeats = (
        options.get("coordinate_transformation_mode") == b"asymmetric"
        and options.get("nearest_mode") == b"floor"
    )
    return int(scales[2]) if repeats and scales[2] == int(scales[2]) else None


def _tap_sums(place: int, factor: int) -> tuple[int, NDArray[np.float32]]:
    """Return the first neighbour that this pixel of a block sees, and (3, n): which tap falls on which."""
    neighbours = [(place + tap - 1) // factor for tap in range(3)]
    first = neighbours[0]
    sums = np.zeros((3, neighbours[-1] - first + 1), np.float32)
    for tap, neighbour in enumerate(neighbours):
        sums[tap, neighbour - first] = 1
    return first, sums
