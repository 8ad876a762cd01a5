"""What all models of one architecture share: the graph for each runtime, without weights."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import onnx

from fourxl.network import WEIGHTS_NAME
from scripts.exporting.externalize import externalize, layout_of, pack
from scripts.exporting.graphs import draw, fill, trace_named
from scripts.exporting.onnx_file import check
from scripts.optimize_onnx import variants

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn


@dataclass(frozen=True)
class Architecture:
    """One architecture, exported once for all its models."""

    name: str
    model: onnx.ModelProto
    """With drawn weights, under their official names."""
    reference: bytes
    """The graph as torch traced it, without weights."""
    graphs: dict[str, bytes]
    """The optimised graph without weights, by runtime."""

    @property
    def slug(self) -> str:
        """What its files are called."""
        return self.name.replace(" ", "-")

    def path(self, runtime: str) -> str:
        """Return where the graph for a runtime lies in the folder of models."""
        return f"graphs/{self.slug}.{runtime}.onnx"

    def write_plain(self, network: nn.Module, path: Path, picture: NDArray[np.float32]) -> float:
        """Write the network as one ONNX file with its weights in float32.

        Returns the largest difference between torch and the file, over noise and the picture.
        Raises: ExportError when it is 1e-4 or more.
        """
        onnx.save(fill(self.model, network.state_dict()), path)
        return check(network, path, [picture])


def prepare(name: str) -> Architecture:
    """Return the architecture, traced and optimised.

    Raises: ExportError when torch or the optimiser lost a weight; ValueError for an unknown name.
    """
    model = trace_named(name)
    weights = pack(draw(name).state_dict())
    layout = layout_of(weights)
    graphs = {runtime: externalize(variant, layout) for runtime, variant in variants(model).items()}
    reference = externalize(model, layout)
    for graph in (reference, *graphs.values()):
        _check(graph, weights)
    return Architecture(
        name,
        model,
        reference.SerializeToString(deterministic=True),
        {runtime: graph.SerializeToString(deterministic=True) for runtime, graph in graphs.items()},
    )


def _check(graph: onnx.ModelProto, weights: bytes) -> None:
    """Raise onnx.checker.ValidationError unless the graph is valid beside its weights."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, WEIGHTS_NAME).write_bytes(weights)
        path = Path(name, "graph.onnx")
        onnx.save(graph, path)
        onnx.checker.check_model(path, full_check=True)
