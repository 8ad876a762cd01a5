"""Which runtime computes on this computer, and why: the best of what is installed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fourxl.errors import RuntimeUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

AUTO, ONNXRUNTIME, OPENVINO, TORCH = "auto", "onnxruntime", "openvino", "torch"

WANTED = (AUTO, ONNXRUNTIME, OPENVINO, TORCH)
"""What may be asked for."""

_NAMES = {ONNXRUNTIME: "onnxruntime", OPENVINO: "OpenVINO", TORCH: "PyTorch"}
"""As people write them."""

_PACKAGES = {ONNXRUNTIME: (ONNXRUNTIME,), OPENVINO: (OPENVINO,), TORCH: (TORCH, "onnx", "safetensors")}
"""What each needs; the extra of its name in pyproject.toml installs it."""

_DRIVER = Path("/proc/driver/nvidia")
"""There when Linux drives a graphics card of NVIDIA's."""


@dataclass(frozen=True, slots=True)
class NativeProvider:
    """A runtime, and where it computes."""

    name: str
    """``onnxruntime``, ``openvino`` or ``torch``."""

    device: str
    """``GPU`` or ``CPU``."""

    reason: str
    """Why this one, in a sentence."""


@dataclass(frozen=True, slots=True)
class Computer:
    """What a choice depends on."""

    installed: frozenset[str]
    """Names of runtimes that can be imported."""

    has_cuda: Callable[[], bool]
    """Whether PyTorch can compute on a graphics card; may take seconds, and is asked only if need be."""

    lends_gpu: bool
    """Whether a graphics card is lent for each job (ZeroGPU), and not there in between."""


def choose(wanted: str = AUTO, computer: Computer | None = None) -> NativeProvider:
    """Return the runtime of that name, or with ``auto`` the fastest there is: PyTorch for a graphics card, OpenVINO.

    Raises:
        RuntimeUnavailable: it is not installed, or there is none of that name.
    """
    computer = computer or look_around()
    if wanted == AUTO:
        return _best(computer)
    if wanted not in _NAMES:
        raise RuntimeUnavailable(f"There is no runtime {wanted!r}. Choose one of: {', '.join(WANTED)}.")
    name = _NAMES[wanted]
    if wanted not in computer.installed:
        raise RuntimeUnavailable(
            f"{name} is not installed here. Install it with scripts/install {wanted}, or choose another runtime.",
            runtime=wanted,
        )
    if wanted == TORCH and (computer.lends_gpu or computer.has_cuda()):
        return NativeProvider(wanted, "GPU", f"{name} was asked for, and computes on the graphics card.")
    return NativeProvider(wanted, "CPU", f"{name} was asked for, and computes on the processor.")


def _best(computer: Computer) -> NativeProvider:
    if TORCH in computer.installed:
        if computer.lends_gpu:
            return NativeProvider(TORCH, "GPU", "A graphics card is lent for each job here.")
        if computer.has_cuda():
            return NativeProvider(TORCH, "GPU", "PyTorch computes on this computer's graphics card.")
        why = "PyTorch has no graphics card to compute on here"
    else:
        why = "PyTorch, which could use a graphics card, is not installed here"
    name = OPENVINO if OPENVINO in computer.installed else ONNXRUNTIME
    return NativeProvider(name, "CPU", f"{why}, so {_NAMES[name]} computes on the processor.")


def look_around() -> Computer:
    """Return what is on this computer, without importing any of it."""
    found = (name for name, packages in _PACKAGES.items() if all(map(find_spec, packages)))
    return Computer(frozenset(found), _has_cuda, lends_gpu=bool(os.environ.get("SPACES_ZERO_GPU")))


def _has_cuda() -> bool:
    """Return what torch says, which takes seconds to import, but False at once where there is no driver."""
    if not _DRIVER.exists() and shutil.which("nvidia-smi") is None:
        return False
    import torch  # noqa: PLC0415 - see above

    return torch.cuda.is_available()
