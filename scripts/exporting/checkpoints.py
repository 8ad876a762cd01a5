"""The tensors of a checkpoint, read without running anything in it, and fitted into a network."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from fourxl_native.networks import build
from scripts.exporting.errors import ExportError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

State = Mapping[str, Tensor]
"""Tensors by their official names."""

WRAPPERS = ("params_ema", "params")
"""Under which Real-ESRGAN's files keep the tensors, the best first: `params_ema` is the average of training."""
NAMED = 3
"""How many names of tensors a message lists."""


def load(path: Path, architecture: str) -> nn.Module:
    """Return the network of that name with the tensors of a checkpoint, in float32.

    Raises: ExportError when the file cannot be read, or is of another network.
    """
    network = build(architecture)
    fit(network, read_state(path), architecture)
    return network


def read_state(path: Path) -> State:
    """Return the tensors of a .pth file (as upstream writes them) or of a .safetensors file.

    Raises: ExportError when there are none, or the file holds anything but tensors: it is never run.
    """
    try:
        if path.suffix == ".safetensors":
            raw: Any = load_file(path)
        else:
            raw = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise ExportError(f"There is no file {path}.") from error
    except (pickle.UnpicklingError, SafetensorError, RuntimeError, EOFError, OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0] or "it ends too soon"
        raise ExportError(
            f"{path} cannot be read as a checkpoint and was not used ({type(error).__name__}: {reason})."
        ) from error
    wrapper = next((name for name in WRAPPERS if isinstance(raw, Mapping) and name in raw), None)
    state = raw[wrapper] if wrapper else raw
    if not isinstance(state, Mapping) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise ExportError(f"{path} holds no table of tensors; a checkpoint of Real-ESRGAN does.")
    return state


def fit(network: nn.Module, state: State, architecture: str) -> None:
    """Give the network the tensors of the state, as float32.

    Raises: ExportError unless names and shapes are the network's and every number is finite; the network
    is left unchanged.
    """
    wanted = network.state_dict()
    faults = [
        *_listed("lacks", wanted.keys() - state.keys()),
        *_listed("has the unknown", state.keys() - wanted.keys()),
        *_listed(
            "has other shapes of",
            {key for key in wanted.keys() & state.keys() if wanted[key].shape != state[key].shape},
        ),
        *_listed("has values that are no numbers in", {k for k in state if not state[k].isfinite().all()}),
    ]
    if faults:
        raise ExportError(
            f"The checkpoint is not of the architecture {architecture}: it {'; it '.join(faults)}."
        )
    network.load_state_dict({key: tensor.float() for key, tensor in state.items()})


def _listed(words: str, names: set[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [f"{words} {', '.join(sorted(names)[:NAMED])}{more}"]
