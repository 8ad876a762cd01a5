"""Our networks against Real-ESRGAN's own, layer by layer as numbers can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from fourxl_native.networks import build

if TYPE_CHECKING:
    from .reference import Reference

ARCHITECTURES = ("rrdb 23", "rrdb 6", "compact 64x32", "compact 64x16")
SIZES = ((16, 12), (9, 17), (5, 7))
"""Width and height; odd ones among them."""
TOLERANCE = 1e-5


def seeded(architecture: str) -> torch.nn.Module:
    """Return our network with weights of a seed: every layer shows in the result."""
    network = build(architecture)
    random = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for key, weight in network.named_parameters():
            gain = 0.5 if "rdb" in key else 2**0.5  # what dense blocks compute is added up
            weight.copy_(
                torch.randn(weight.shape, generator=random) * gain / max(weight[0].numel(), 8) ** 0.5
            )
    return network


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_states_have_the_official_keys_and_shapes(architecture: str, reference: Reference) -> None:
    """A published checkpoint fits without renaming anything, and nothing of it is left over."""
    ours = {key: tuple(tensor.shape) for key, tensor in build(architecture).state_dict().items()}
    assert ours == reference.shapes(architecture)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_networks_compute_the_same(architecture: str, reference: Reference) -> None:
    """With one state, pictures of any shape come out the same within 1e-5 of the values' spread."""
    network = seeded(architecture)
    for width, height in SIZES:
        tiles = np.random.default_rng(width).random((2, 3, height, width), np.float32)
        with torch.no_grad():
            ours = network(torch.from_numpy(tiles)).numpy()
        theirs = reference.run(architecture, network.state_dict(), tiles)
        assert ours.shape == theirs.shape == (2, 3, 4 * height, 4 * width)
        assert theirs.std() > 1
        assert np.abs(ours - theirs).max() < TOLERANCE * theirs.std()
