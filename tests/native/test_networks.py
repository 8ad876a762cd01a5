"""Real-ESRGAN's networks: official names, shapes and sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: scripts/install train")

from PIL import Image  # noqa: E402  (these need what torch's extra installs)

from fourxl_native.networks import build  # noqa: E402
from scripts.exporting.checkpoints import load  # noqa: E402
from scripts.training.enlarging import by_torch  # noqa: E402
from scripts.training.evaluate import load_set  # noqa: E402

SHARED = Path(__file__).parents[3] / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of test data, ../shared, is absent")


@pytest.mark.parametrize(("convolutions", "parameters"), [(32, 1_213_296), (16, 621_424)])
def test_compact_networks_have_the_official_state(convolutions: int, parameters: int) -> None:
    """Keys run body.0 … body.N, convolutions and PReLU by turns, and the count is the published one."""
    state = build(f"compact 64x{convolutions}").state_dict()
    last = 2 * convolutions + 2
    assert sum(weight.numel() for weight in state.values()) == parameters
    assert state["body.0.weight"].shape == (64, 3, 3, 3)
    assert state["body.1.weight"].shape == (64,)
    assert state[f"body.{last}.weight"].shape == (48, 64, 3, 3)
    assert set(state) == {f"body.{n}.weight" for n in range(last + 1)} | {
        f"body.{n}.bias" for n in range(0, last + 1, 2)
    }


@pytest.mark.parametrize(("blocks", "parameters"), [(23, 16_697_987), (6, 4_467_779)])
def test_large_networks_have_the_official_state(blocks: int, parameters: int) -> None:
    """Blocks of three dense blocks of five growing convolutions; the counts fit the published files."""
    state = build(f"rrdb {blocks}").state_dict()
    dense = {f"body.{b}.rdb{d}.conv{c}" for b in range(blocks) for d in (1, 2, 3) for c in (1, 2, 3, 4, 5)}
    around = {f"conv_{name}" for name in ("first", "body", "up1", "up2", "hr", "last")}
    assert set(state) == {f"{layer}.{part}" for layer in dense | around for part in ("weight", "bias")}
    assert sum(weight.numel() for weight in state.values()) == parameters
    assert [state[f"body.0.rdb2.conv{c}.weight"].shape[:2] for c in (1, 2, 3, 4, 5)] == [
        (32, 64), (32, 96), (32, 128), (32, 160), (64, 192),
    ]  # fmt: skip


def test_large_networks_add_a_fifth_of_what_blocks_compute() -> None:
    """A dense block whose last convolution gives ones adds 0.2, a whole block 0.2 of its three."""
    network = build("rrdb 1")
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if "rdb" in name:
                weight.fill_(1.0 if name.endswith("conv5.bias") else 0.0)
        block = network.body[0]
        features = torch.rand(1, 64, 5, 4)
        assert torch.allclose(block.rdb1(features), features + 0.2)
        assert torch.allclose(block(features), features + 0.2 * (features + 0.6))


@pytest.mark.parametrize("name", ["compact 64", "rrdb 1x2", "swift 32", "rrdb", ""])
def test_unknown_architectures_are_refused(name: str) -> None:
    """The message names what there is."""
    with pytest.raises(ValueError, match="rrdb 23"):
        build(name)


@needs_shared
@pytest.mark.parametrize(
    ("name", "architecture"),
    [("realesr-general-x4v3", "compact 64x32"), ("realesr-animevideov3", "compact 64x16")],
)
def test_official_weights_fit_and_enlarge(name: str, architecture: str) -> None:
    """The official weights load as float32 and give an enlargement of the picture they were given."""
    network = load(SHARED / "weights" / f"{name}.safetensors", architecture)
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}
    small = load_set(SHARED / "images" / "eval" / "Set5")[2].small[:40, :40]
    large = Image.fromarray(by_torch(network)(small))
    again = np.asarray(large.resize((40, 40), Image.Resampling.BICUBIC)).astype(int)
    correlation = np.corrcoef(again.ravel(), small.ravel())[0, 1]
    assert correlation > 0.9
