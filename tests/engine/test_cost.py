"""What a network costs a pixel: the count by its name is the count over its layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourxl import cost, manifest

MODELS = Path(__file__).parents[2] / "models"
SIDE_PX = 100_000
"""So large that swift's border, which it pads once, does not count; no pixel of it is computed."""


@pytest.mark.parametrize(
    "architecture", ["swift 32x5", "swift 16x3", "compact 64x32", "compact 64x16", "rrdb 23", "rrdb 6"]
)
def test_the_count_is_the_network_s(architecture: str) -> None:
    """Every convolution of the real network, by the shapes that go through it, adds up to what the name tells."""
    torch = pytest.importorskip("torch", reason="torch is missing: scripts/install train")
    networks = pytest.importorskip("fourxl_native.networks")
    counted = 0

    def count(layer: object, _inputs: object, output: object) -> None:
        nonlocal counted
        weight = layer.weight  # type: ignore[attr-defined]
        counted += weight.numel() * output.shape[2] * output.shape[3]  # type: ignore[attr-defined]

    network = networks.build(architecture).to("meta")
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(count)
    with torch.no_grad():
        network(torch.empty(1, 3, SIDE_PX, SIDE_PX, device="meta"))
    assert cost.macs_a_pixel(architecture) == pytest.approx(counted / SIDE_PX**2, rel=1e-3)


def test_every_model_of_the_site_is_known() -> None:
    """A model of the table that nobody can count would have no estimate."""
    table = manifest.parse((MODELS / "manifest.json").read_bytes())
    assert all(cost.macs_a_pixel(spec.architecture) for spec in table.models)


@pytest.mark.parametrize("architecture", ["own", "", "swift", "rrdb 6x2", "compact 64", "other 3x3"])
def test_what_is_unknown_has_no_cost(architecture: str) -> None:
    """A person's own network has another shape; nothing is guessed."""
    assert cost.macs_a_pixel(architecture) is None
