"""Pictures by other models, other graphs and mixed trainings: the same as by Real-ESRGAN's own program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from fourxl import mixing
from scripts.exporting.externalize import pack

from .cases import part
from .comparing import as_rgba, psnr
from .ours import ANIME, GENERAL, Ours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .reference import Reference, State

WANTED_DB = 55


@pytest.fixture
def photo(inputs: Path) -> bytes:
    """Return a small part of a photo."""
    return part("00003.png", 160, 60, 120, 96)(inputs)


@pytest.mark.parametrize("runtime", ["wasm", "webgpu", "onnxruntime"])
@pytest.mark.parametrize("model_id", [GENERAL, ANIME])
def test_every_graph_is_the_network(
    model_id: str, runtime: str, photo: bytes, official: Callable[[str], State], reference: Reference
) -> None:
    """What a graph was changed into, to be fast in a runtime, enlarges a photo as upstream does."""
    state = official(model_id)
    ours = Ours(pack(state), model_id, runtime)
    theirs = reference.enhance(ours.spec.architecture, [state], reference.read(photo))
    assert psnr(as_rgba(reference.read(ours.enlarge(photo))), as_rgba(theirs)) >= WANTED_DB


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_denoise_strength_mixes_as_upstream_does(
    strength: float, photo: bytes, state: State, reference: Reference
) -> None:
    """Two trainings mixed by the engine enlarge a photo as the two do in upstream's hands."""
    random = torch.Generator().manual_seed(3)
    twin = {
        key: (tensor * (1 + 0.05 * torch.randn(tensor.shape, generator=random))).half().float()
        for key, tensor in state.items()
    }
    ours = Ours(mixing.mix(pack(state), pack(twin), strength))
    theirs = as_rgba(
        reference.enhance(ours.spec.architecture, [state, twin], reference.read(photo), strength=strength)
    )
    other = as_rgba(
        reference.enhance(ours.spec.architecture, [state, twin], reference.read(photo), strength=1 - strength)
    )
    result = as_rgba(reference.read(ours.enlarge(photo)))
    assert psnr(result, theirs) >= WANTED_DB
    assert psnr(result, other) < WANTED_DB, "the two trainings are too alike to tell which is which"
