"""One model, ready to be loaded: a graph for a runtime, and the weights that lie beside it.

A graph is ONNX without weights: it says which part of the weights file each tensor is, so runtimes
with different graphs, and models of one architecture, share what is large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourxl import mixing, weights
from fourxl.errors import WeightsUnavailable
from fourxl.notes import Note

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


async def load(spec: ModelSpec, runtime: str, source: WeightsSource, *, denoise: float = 1.0) -> Network:
    """Return the network of ``spec`` with its graph for ``runtime``, every byte checked.

    ``denoise`` mixes the two trainings of a model that has them: 1 is the trained one, 0 the weak one,
    and only what is needed is read. Other models are as they are; ``notes`` tells of it.

    Raises:
        WeightsUnavailable: a file cannot be had, or has not been made yet.
        WeightsMismatch: a file is not the published one.
        BrokenWeights: the two trainings are not of one network.
    """
    if not spec.is_ready or runtime not in spec.graphs:
        raise WeightsUnavailable(
            f"The model {spec.label} is not here yet. {spec.how_to_add}",
            about="model-not-here",
            label=spec.label,
            how_to_add=spec.how_to_add,
            model_id=spec.id,
        )
    graph = await weights.load(spec.graphs[runtime], source)
    return Network(graph, await _weights(spec, source, effective_denoise(spec, denoise)))


def effective_denoise(spec: ModelSpec, denoise: float) -> float:
    """Return the denoise strength that ``spec`` runs with when ``denoise`` is asked for."""
    return denoise if spec.can_denoise else 1.0


def notes(spec: ModelSpec, denoise: float) -> tuple[Note, ...]:
    """Return what a person should know of the network: a denoise strength that could not be set."""
    if spec.weak_denoise is None or effective_denoise(spec, denoise) == denoise:
        return ()
    sentence = (
        f"The denoise strength was not applied: {spec.label} is here with its full strength only. "
        f"Whoever provides the models can add the rest with scripts/export_onnx.py {spec.id}."
    )
    return (Note("full-strength-only", sentence, {"label": spec.label, "model_id": spec.id}),)


async def _weights(spec: ModelSpec, source: WeightsSource, share: float) -> bytes | None:
    if spec.trained is None or spec.trained.weights is None:
        return None
    if share == 1 or spec.weak_denoise is None or spec.weak_denoise.weights is None:
        return await weights.load(spec.trained.weights, source)
    weak = await weights.load(spec.weak_denoise.weights, source)
    if share == 0:
        return weak
    return mixing.mix(await weights.load(spec.trained.weights, source), weak, share)
