"""What one training run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingParameters:
    """One run, complete: the same values on the same machine, counted in steps, give the same network."""

    features: int = 32
    """Channels of swift's convolutions; a multiple of 8 keeps every runtime's kernels full."""
    convolutions: int = 5
    """3x3 convolutions between the first and the last."""
    minutes: float | None = 35.0
    """How long to train; None where `steps` counts."""
    steps: int | None = None
    """How many steps to train; None where `minutes` counts."""
    seed: int = 1
    """Start of every random draw: weights, drawn pictures, crops, degradation."""
    batch: int = 8
    """Crops in one step."""
    crop_px: int = 48
    """Side of the part of a crop that is compared, in low-resolution pixels."""
    learning_rate: float = 2e-3
    """Adam's step size after the warm-up; it falls to zero along a half cosine."""
    warmup: float = 0.02
    """Part of the run in which the step size rises from zero."""
    average_decay: float = 0.999
    """How much of the averaged network stays at each step."""
    drawn_pictures: int = 32
    """Pictures that are drawn for the run."""
    drawn_share: float = 0.15
    """Part of the crops that come from drawn pictures."""
    degraded_share: float = 0.15
    """Part of the crops that are lightly blurred, noisy or JPEG-compressed before they are enlarged."""

    def __post_init__(self) -> None:
        """Refuse a run whose length is missing or named twice.

        Raises: ValueError.
        """
        if (self.minutes is None) == (self.steps is None):
            raise ValueError("give either minutes or steps")
