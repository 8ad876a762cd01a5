"""The graph of an architecture: ONNX whose weights bear the official names and can be exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from onnx import ModelProto, numpy_helper

from fourxl_native.networks import build
from scripts.exporting.errors import ExportError
from scripts.exporting.onnx_file import trace

if TYPE_CHECKING:
    from torch import Tensor, nn

    from scripts.exporting.checkpoints import State

SEED = 4


def draw(architecture: str) -> nn.Module:
    """Return the network with random weights, always the same: no two of its tensors are equal."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(SEED)
        network = build(architecture)
        for weight in network.parameters():
            weight.add_(torch.rand_like(weight) - 0.5, alpha=0.01)  # torch starts all slopes of PReLU alike
    return network


def trace_named(architecture: str) -> ModelProto:
    """Return the architecture as ONNX, with the weights of `draw` under their official names.

    torch reshapes some weights and gives those a name of its own; they are known by their values. A
    shape in the graph may therefore have ones that the official shape lacks.
    Raises: ExportError when a weight is not found exactly once.
    """
    network = draw(architecture)
    model = trace(network)
    official = {_values(weight.detach().numpy()): key for key, weight in network.named_parameters()}
    names = {
        initializer.name: official.pop(values)
        for initializer in model.graph.initializer
        if (values := _values(numpy_helper.to_array(initializer))) in official
    }
    if official:
        raise ExportError(f"torch exported {architecture} without {', '.join(sorted(official.values()))}.")
    for initializer in model.graph.initializer:
        initializer.name = names.get(initializer.name, initializer.name)
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = names.get(name, name)
    return model


def fill(model: ModelProto, state: State) -> ModelProto:
    """Return a copy of the model whose weights are those of the state, in float32."""
    filled = ModelProto()
    filled.CopyFrom(model)
    for initializer in filled.graph.initializer:
        if initializer.name in state:
            initializer.raw_data = _float32(state[initializer.name]).tobytes()
    return filled


def _float32(tensor: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.ascontiguousarray(tensor.detach().float().numpy())


def _values(array: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    return array.tobytes()
