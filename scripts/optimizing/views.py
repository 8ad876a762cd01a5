"""Pictures that a network cuts out of, or shuffles from, features that are there in another form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.optimizing.graphs import attributes

if TYPE_CHECKING:
    import onnx

    from scripts.optimizing.graphs import Graph

_SPATIAL = {2: 0, 3: 1, -2: 0, -1: 1}
"""Whether an axis of a picture is its height, 0, or its width, 1."""

_TO_THE_END = 2**31 - 1
"""Ends from here on mean all there is."""


@dataclass(frozen=True)
class View:
    """A picture that nothing has computed yet."""

    features: str
    """The tensor whose channels it is made of."""

    shuffle: int = 1
    """How many times larger it is than the features, in both directions: DepthToSpace, mode CRD."""

    before: tuple[int, int] = (0, 0)
    """How many pixels are cut off above and to the left."""

    after: tuple[int, int] = (0, 0)
    """How many pixels are cut off below and to the right."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is cut off."""
        return not any((*self.before, *self.after))

    def without(self, before: tuple[int, int], after: tuple[int, int]) -> View:
        """Return the view with so many more pixels cut off."""
        return View(self.features, self.shuffle, _sum(self.before, before), _sum(self.after, after))


def frame_of(graph: Graph, picture: str) -> onnx.NodeProto | None:
    """Return the node that pads ``picture`` by known numbers of pixels and adds no channels, or None."""
    for node in graph.readers(picture):
        given = [name for name in node.input[1:] if name]
        if node.op_type != "Pad" or node.input[0] != picture or not all(map(graph.is_constant, given)):
            continue
        if len(node.input) < len(("picture", "pads", "value", "axes")) and not any(
            graph.constant(node.input[1])[[0, 1, 4, 5]]
        ):
            return node
    return None


def cut_of(graph: Graph, node: onnx.NodeProto) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return how many pixels a Slice cuts off before and after a picture, whatever its size, or None."""
    if node.op_type != "Slice" or not all(map(graph.is_constant, node.input[1:])):
        return None
    starts, ends, *more = ([int(number) for number in graph.constant(name)] for name in node.input[1:])
    axes = more[0] if more else range(len(starts))
    steps = more[1] if len(more) > 1 else [1] * len(starts)
    before, after = [0, 0], [0, 0]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if axis not in _SPATIAL or step != 1 or start < 0 or 0 <= end < _TO_THE_END:
            return None
        before[_SPATIAL[axis]] = start
        after[_SPATIAL[axis]] = -min(end, 0)
    return (before[0], before[1]), (after[0], after[1])


def shuffle_of(node: onnx.NodeProto) -> int | None:
    """Return how many times DepthToSpace enlarges, when channels of one colour lie together, else None."""
    options = attributes(node)
    is_shuffle = node.op_type == "DepthToSpace" and options.get("mode") == b"CRD"
    return int(options["blocksize"]) if is_shuffle else None


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]
