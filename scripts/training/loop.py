"""The training loop: losses, schedule, averaged network, checkpoints."""

from __future__ import annotations

import math
import time
from copy import deepcopy
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch

from fourxl_native.networks import Swift

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scripts.training.data import Crops
    from scripts.training.parameters import TrainingParameters

SOFTNESS = 1e-3
"""Where the Charbonnier loss turns from quadratic to linear, in 0..1 levels."""
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in brightness (BT.601)."""


class Training:
    """One run that can be stopped, stored and taken up again."""

    def __init__(self, parameters: TrainingParameters) -> None:
        """Make the network, its running average and the optimiser."""
        torch.manual_seed(parameters.seed)
        self.parameters = parameters
        self.network = Swift(parameters.features, parameters.convolutions)
        self.average = deepcopy(self.network).requires_grad_(requires_grad=False)
        self.optimiser = torch.optim.Adam(self.network.parameters(), betas=(0.9, 0.99))
        self.step_count = 0
        self.elapsed_s = 0.0

    def progress(self) -> float:
        """Return how much of the run is done, 0..1, by steps or by time."""
        if self.parameters.steps is not None:
            return min(1.0, self.step_count / self.parameters.steps)
        return min(1.0, self.elapsed_s / (60.0 * (self.parameters.minutes or 0.0)))

    def step(self, small: torch.Tensor, large: torch.Tensor) -> float:
        """Return the loss of one batch after learning from it."""
        started = time.perf_counter()
        for group in self.optimiser.param_groups:
            group["lr"] = self.parameters.learning_rate * _schedule(self.progress(), self.parameters.warmup)
        self.optimiser.zero_grad()
        value = loss(self.network.enlarge_inside(small), large)
        value.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.network.keep_flat()
        self._follow()
        self.step_count += 1
        self.elapsed_s += time.perf_counter() - started
        return float(value.detach())

    def released(self) -> Swift:
        """Return the averaged network, flat on flat pictures."""
        network = deepcopy(self.average)
        network.cancel_flat_response()
        return network.eval()

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the network; early on it follows faster."""
        decay = min(self.parameters.average_decay, (1 + self.step_count) / (10 + self.step_count))
        for average, weight in zip(self.average.parameters(), self.network.parameters(), strict=True):
            average.lerp_(weight, 1 - decay)

    def state(self, crops: Crops) -> dict[str, Any]:
        """Return everything that `restore` needs."""
        return {
            "parameters": asdict(self.parameters),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step_count": self.step_count,
            "elapsed_s": self.elapsed_s,
            "crops": crops.generator.bit_generator.state,
        }

    def restore(self, state: dict[str, Any], crops: Crops | None = None) -> None:
        """Take up the run, and the crops if there are more to come, where `state` left them."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step_count = state["step_count"]
        self.elapsed_s = state["elapsed_s"]
        if crops is not None:
            crops.generator.bit_generator.state = state["crops"]


def loss(enlarged: torch.Tensor, large: torch.Tensor) -> torch.Tensor:
    """Return the Charbonnier distance of the colours and, again as much, of the brightness."""
    difference = enlarged - large
    brightness = torch.einsum("nchw,c->nhw", difference, torch.tensor(LUMA))
    return _charbonnier(difference) + _charbonnier(brightness)


def run(
    training: Training, crops: Crops, checkpoint: Path, report: Callable[[Training, float], None], every: int
) -> None:
    """Train to the end; each `every` steps report the mean loss and store a checkpoint."""
    total = 0.0
    while training.progress() < 1.0:
        started = time.perf_counter()
        small, large = crops.batch()
        training.elapsed_s += time.perf_counter() - started
        total += training.step(small, large)
        if training.step_count % every == 0:
            report(training, total / every)
            total = 0.0
            store(training.state(crops), checkpoint)
    store(training.state(crops), checkpoint)


def store(state: dict[str, Any], checkpoint: Path) -> None:
    """Write a checkpoint whole: a run that is killed while it writes leaves the one before."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    unfinished = checkpoint.with_suffix(".part")
    torch.save(state, unfinished)
    unfinished.replace(checkpoint)


def _charbonnier(difference: torch.Tensor) -> torch.Tensor:
    """Return the mean of a smooth absolute value."""
    return torch.sqrt(difference**2 + SOFTNESS**2).mean()


def _schedule(progress: float, warmup: float) -> float:
    """Return the part of the full step size at this point of the run."""
    if progress < warmup:
        return max(progress / warmup, 0.01)
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
