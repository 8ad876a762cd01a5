"""What of a model is loaded: its graph for the runtime, and the trainings that its denoise strength needs."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from fourxl import network
from fourxl.errors import WeightsUnavailable
from fourxl.manifest import Checkpoint, ModelFile, ModelSpec, Trained

from .jobs import model

CONTENT = {
    "a.onnx": b"a graph",
    "t.safetensors": save({"w": np.full(3, 1, np.float16)}),
    "w.safetensors": save({"w": np.full(3, 3, np.float16)}),
}
CHECKPOINT = Checkpoint("https://example.org/a.pth", 1, "0" * 64)


def file(name: str) -> ModelFile:
    """Return the description of one of the files."""
    return ModelFile(name, len(CONTENT[name]), hashlib.sha256(CONTENT[name]).hexdigest())


TRAINED = Trained(CHECKPOINT, file("t.safetensors"))
WEAK = Trained(CHECKPOINT, file("w.safetensors"))
BOTH = replace(model(), graphs={"wasm": file("a.onnx")}, trained=TRAINED, weak_denoise=WEAK)
NO_TWIN_YET = replace(BOTH, weak_denoise=Trained(CHECKPOINT, None))
ONE_TRAINING = replace(BOTH, weak_denoise=None)
ALL_IN_GRAPH = replace(BOTH, trained=None, weak_denoise=None)
NOT_MADE = replace(BOTH, trained=Trained(CHECKPOINT, None))


class _Shelf:
    """Gives the files and remembers which were asked for."""

    def __init__(self) -> None:
        self.read_names: list[str] = []

    async def read(self, file: ModelFile, *, fresh: bool) -> bytes:
        assert not fresh
        self.read_names.append(file.path)
        return CONTENT[file.path]


def loaded(spec: ModelSpec, denoise: float) -> tuple[network.Network, list[str]]:
    """Return what is loaded, and the names of what was read for it."""
    shelf = _Shelf()
    return asyncio.run(network.load(spec, "wasm", shelf, denoise=denoise)), shelf.read_names


@pytest.mark.parametrize(
    ("denoise", "weight", "names"),
    [
        (1.0, 1.0, ["a.onnx", "t.safetensors"]),
        (0.0, 3.0, ["a.onnx", "w.safetensors"]),
        (0.5, 2.0, ["a.onnx", "t.safetensors", "w.safetensors"]),
        (0.25, 2.5, ["a.onnx", "t.safetensors", "w.safetensors"]),
    ],
)
def test_denoise_strength(denoise, weight, names):
    """The weights lie where the strength says, and at its ends only one training is read."""
    found, read = loaded(BOTH, denoise)
    assert found.graph == CONTENT["a.onnx"]
    assert found.weights is not None
    assert (load(found.weights)["w"] == weight).all()
    assert sorted(read) == names
    assert network.notes(BOTH, denoise) == ()


@pytest.mark.parametrize("spec", [NO_TWIN_YET, ONE_TRAINING])
def test_without_the_twin_it_is_the_trained_one(spec):
    """A model with one training here runs with that, whatever strength is asked for."""
    for denoise in (0.0, 0.5, 1.0):
        found, read = loaded(spec, denoise)
        assert found.weights == CONTENT["t.safetensors"]
        assert read == ["a.onnx", "t.safetensors"]
        assert network.effective_denoise(spec, denoise) == 1


def test_a_strength_that_could_not_be_set_is_told():
    """A missing twin is told in a sentence, unless the strength asked for is the one that is there."""
    (note,) = network.notes(NO_TWIN_YET, 0.5)
    assert "denoise strength was not applied" in note.sentence
    assert note.to_wire() == {
        "about": "full-strength-only",
        "label": NO_TWIN_YET.label,
        "model_id": NO_TWIN_YET.id,
    }
    assert network.notes(NO_TWIN_YET, 1.0) == ()
    assert network.notes(ONE_TRAINING, 0.5) == network.notes(ALL_IN_GRAPH, 0.5) == ()


def test_a_graph_that_holds_its_weights():
    """A model of one file is that file."""
    found, read = loaded(ALL_IN_GRAPH, 0.5)
    assert (found, read) == (network.Network(CONTENT["a.onnx"]), ["a.onnx"])


def test_what_has_not_been_made_is_not_loaded():
    """A model without weights, or without a graph for the runtime, is told with the way to get it."""
    for spec, runtime in ((NOT_MADE, "wasm"), (BOTH, "webgpu"), (replace(BOTH, graphs={}), "wasm")):
        shelf = _Shelf()
        with pytest.raises(WeightsUnavailable, match="export_onnx"):
            asyncio.run(network.load(spec, runtime, shelf))
        assert shelf.read_names == []
