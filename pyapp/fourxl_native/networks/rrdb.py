"""Real-ESRGAN's large network."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURES = 64
"""Channels between the blocks."""
GROWTH = 32
"""Channels that each convolution of a dense block adds."""
LEAK = 0.2
"""Slope of the activations below zero."""
RESIDUAL_SCALE = 0.2
"""How much of what a block computes is added to what it was given."""


class DenseBlock(nn.Module):
    """Five 3x3 convolutions, each of which reads the block's input and all results before its own."""

    def __init__(self) -> None:
        """Make the layers, with torch's own random start."""
        super().__init__()
        self.conv1 = nn.Conv2d(FEATURES, GROWTH, 3, padding=1)
        self.conv2 = nn.Conv2d(FEATURES + GROWTH, GROWTH, 3, padding=1)
        self.conv3 = nn.Conv2d(FEATURES + 2 * GROWTH, GROWTH, 3, padding=1)
        self.conv4 = nn.Conv2d(FEATURES + 3 * GROWTH, GROWTH, 3, padding=1)
        self.conv5 = nn.Conv2d(FEATURES + 4 * GROWTH, FEATURES, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape (N, 64, H, W)."""
        known = [features]
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
            known.append(functional.leaky_relu(layer(torch.cat(known, 1)), LEAK))
        change: Tensor = self.conv5(torch.cat(known, 1))
        return change * RESIDUAL_SCALE + features


class ResidualBlock(nn.Module):
    """Three dense blocks one after another, added to what they were given."""

    def __init__(self) -> None:
        """Make the layers, with torch's own random start."""
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = DenseBlock(), DenseBlock(), DenseBlock()

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape (N, 64, H, W)."""
        change: Tensor = self.rdb3(self.rdb2(self.rdb1(features)))
        return change * RESIDUAL_SCALE + features


class RRDBNet(nn.Module):
    """Real-ESRGAN's large network; its state has the official keys (`body.N.rdbM.convK.weight` …).

    Residual-in-residual dense blocks at low resolution, then twice: every pixel doubled and a convolution.
    Source: Wang et al., "ESRGAN", 2018; Real-ESRGAN v0.1.0, "RealESRGAN_x4plus".
    """

    def __init__(self, blocks: int) -> None:
        """Make the layers, with torch's own random start."""
        super().__init__()
        self.conv_first = nn.Conv2d(3, FEATURES, 3, padding=1)
        self.body = nn.Sequential(*(ResidualBlock() for _ in range(blocks)))
        self.conv_body = nn.Conv2d(FEATURES, FEATURES, 3, padding=1)
        self.conv_up1 = nn.Conv2d(FEATURES, FEATURES, 3, padding=1)
        self.conv_up2 = nn.Conv2d(FEATURES, FEATURES, 3, padding=1)
        self.conv_hr = nn.Conv2d(FEATURES, FEATURES, 3, padding=1)
        self.conv_last = nn.Conv2d(FEATURES, 3, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        """Return (N, 3, 4H, 4W), not clipped, for an RGB image (N, 3, H, W) in 0..1."""
        first = self.conv_first(image)
        features = first + self.conv_body(self.body(first))
        for layer in (self.conv_up1, self.conv_up2):
            doubled = functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = functional.leaky_relu(layer(doubled), LEAK)
        fine: Tensor = self.conv_last(functional.leaky_relu(self.conv_hr(features), LEAK))
        return fine
