"""One model, ready to be loaded: a graph for a runtime, and the weights that lie beside it.

A graph is ONNX without weights: it says which part of the weights file each tensor is, so runtimes
with different graphs, and models of one architecture, share what is large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourxl import weights
from fourxl.errors import WeightsUnavailable

if TYPE_CHECKING:
    from fourxl.manifest import ModelSpec
    from fourxl.weights import WeightsSource

WEIGHTS_NAME = "weights.safetensors"
"""What graphs call the file of their weights, whatever its own name is."""


@dataclass(frozen=True, slots=True)
class Network:
    """The bytes of one network."""

    graph: bytes
    """ONNX."""

    weights: bytes | None = None
    """What the graph calls ``WEIGHTS_NAME`` (safetensors); None when the graph holds its weights."""


async def load(spec: ModelSpec, runtime: str, source: WeightsSource) -> Network:
    """Return the network of ``spec`` with its graph for ``runtime``, every byte checked.

    Raises:
        WeightsUnavailable: a file cannot be had, or has not been made yet.
        WeightsMismatch: a file is not the published one.
    """
    if not spec.is_ready or runtime not in spec.graphs:
        raise WeightsUnavailable(
            f"The model {spec.label} is not here yet. Whoever provides the models can add it with "
            f"scripts/export_onnx.py {spec.id}.",
            model_id=spec.id,
        )
    graph = await weights.load(spec.graphs[runtime], source)
    if spec.trained is None or spec.trained.weights is None:
        return Network(graph)
    return Network(graph, await weights.load(spec.trained.weights, source))
