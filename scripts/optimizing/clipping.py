"""The Clip at a network's end: the engine clips anyway when it makes integers of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.optimizing.graphs import Graph

if TYPE_CHECKING:
    import onnx


def drop_final_clip(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` without a Clip that makes an output; clipped to [0, 1], results are exactly equal."""
    graph = Graph(model)
    for output in graph.outputs:
        node = graph.producer(output)
        if node is None or node.op_type != "Clip":
            continue
        source = graph.producer(node.input[0])
        if source is None or len(graph.readers(node.input[0])) > 1:
            continue
        graph.nodes.remove(node)
        source.output[list(source.output).index(node.input[0])] = output
    return graph.model()
