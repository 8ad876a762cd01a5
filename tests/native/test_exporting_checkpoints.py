"""Checkpoints: read without running what is in them, and fitted exactly or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is missing: scripts/install train")

from safetensors.torch import save_file  # noqa: E402  (these need what torch's extra installs)

from fourxl_native.networks import build  # noqa: E402
from scripts.exporting.checkpoints import fit, load, read_state  # noqa: E402
from scripts.exporting.errors import ExportError  # noqa: E402

SMALL = "compact 8x2"


def state(value: float) -> dict[str, torch.Tensor]:
    """A state of the small network whose numbers are all the same."""
    return {key: torch.full_like(tensor, value) for key, tensor in build(SMALL).state_dict().items()}


@pytest.mark.parametrize(
    "content",
    [
        {"params": state(1), "params_ema": state(2)},
        {"params_ema": state(2), "iteration": 7},
        {"params": state(2)},
        state(2),
    ],
    ids=["averaged and last", "averaged", "last", "bare"],
)
def test_tensors_are_found_where_upstream_puts_them(tmp_path: Path, content: dict[str, Any]) -> None:
    """The averaged ones win, as in Real-ESRGAN's own loader."""
    torch.save(content, tmp_path / "a.pth")
    network = load(tmp_path / "a.pth", SMALL)
    assert {float(value) for weight in network.parameters() for value in weight.detach().unique()} == {2.0}


def test_half_precision_becomes_float32(tmp_path: Path) -> None:
    """A safetensors file in half precision gives a network in single precision."""
    save_file({key: tensor.half() for key, tensor in state(0.5).items()}, tmp_path / "a.safetensors")
    network = load(tmp_path / "a.safetensors", SMALL)
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}


class Harmful:
    """An object whose unpickling leaves a trace."""

    def __init__(self, trace: Path) -> None:
        """Remember what to make."""
        self.trace = trace

    def __reduce__(self) -> Any:
        """Ask the reader to make a folder."""
        return (Path.mkdir, (self.trace,))


@pytest.mark.parametrize("as_zip", [True, False])
def test_nothing_in_a_checkpoint_is_run(tmp_path: Path, as_zip: bool) -> None:
    """A file that holds a call is refused in both of torch's formats, and the call is not made."""
    path, trace = tmp_path / "a.pth", tmp_path / "trace"
    torch.save({"params": Harmful(trace)}, path, _use_new_zipfile_serialization=as_zip)
    with pytest.raises(ExportError, match="was not used"):
        read_state(path)
    assert not trace.exists()
    torch.load(path, weights_only=False)
    assert trace.exists(), "the file is harmless: this test cannot fail"


@pytest.mark.parametrize("content", [b"", b"<!doctype html>", b"PK\3\4 and no more"])
@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
def test_broken_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    """Neither format lets an exception of its library through."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExportError, match="cannot be read as a checkpoint"):
        read_state(tmp_path / name)


@pytest.mark.parametrize("content", [[1, 2], {"params": 3}, {"params_ema": {"body.0.weight": 1.5}}])
def test_files_without_tensors_are_refused(tmp_path: Path, content: Any) -> None:
    """A table of something else is no checkpoint."""
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(ExportError, match="no table of tensors"):
        read_state(tmp_path / "a.pth")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """In the words of the command line."""
    with pytest.raises(ExportError, match=r"no file .*a\.pth"):
        read_state(tmp_path / "a.pth")


def broken(fault: str) -> dict[str, torch.Tensor]:
    """A state of the small network with one fault."""
    tensors = state(1)
    match fault:
        case "lacks body.6.bias":
            del tensors["body.6.bias"]
        case "unknown conv_last.bias":
            tensors["conv_last.bias"] = torch.zeros(3)
        case "other shapes of body.1.weight":
            tensors["body.1.weight"] = torch.zeros(1)
        case "no numbers in body.2.weight":
            tensors["body.2.weight"][0, 0, 0, 0] = torch.nan
    return tensors


@pytest.mark.parametrize(
    "fault",
    [
        "lacks body.6.bias",
        "unknown conv_last.bias",
        "other shapes of body.1.weight",
        "no numbers in body.2.weight",
    ],
)
def test_a_state_fits_whole_or_not_at_all(fault: str) -> None:
    """The fault is told by the tensor's name, and the network keeps what it had."""
    network = build(SMALL)
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    with pytest.raises(ExportError, match=fault):
        fit(network, broken(fault), SMALL)
    assert all(torch.equal(before[key], tensor) for key, tensor in network.state_dict().items())
