"""New nodes of a graph, one after the other: operators, and calls of functions by what they call their inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.optimizing.functions import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    import onnx

    from scripts.optimizing.graphs import Graph


class Emitter:
    """Writes ``nodes`` that are to replace those of ``graph``."""

    def __init__(self, graph: Graph) -> None:
        """Begin without nodes."""
        self.nodes: list[onnx.NodeProto] = []
        self._graph = graph

    def emit(self, kind: str, inputs: list[str], hint: str, **options: object) -> str:
        """Apply an operator and return the name of its result, which is ``hint`` or close to it."""
        name = self._graph.fresh(hint)
        self.nodes.append(self._graph.node(kind, inputs, [name], **options))
        return name

    def call(self, function: str, values: dict[str, str], hint: str) -> str:
        """Return the only result of a function."""
        (name,) = self.call_many(function, values, hint).values()
        return name

    def call_many(self, function: str, values: dict[str, str], hint: str) -> dict[str, str]:
        """Return a function's results by what it calls them, as ``hint`` does with {} in it."""
        results = self._graph.function(function).output
        names = {result: self._graph.fresh(hint.replace("{}", result)) for result in results}
        self.call_as(function, values, names.values())
        return names

    def call_as(self, function: str, values: dict[str, str], outputs: Iterable[str]) -> None:
        """Call a function with those of the named values that it takes, and name its results ``outputs``."""
        inputs = [values[name] for name in self._graph.function(function).input]
        self.nodes.append(self._graph.node(function, inputs, outputs, domain=DOMAIN))
