"""The bundled network."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from fourxl_native.networks.compact import SCALE

SKIP_RADIUS = 2
"""Low-resolution pixels to each side that one bicubic phase of a 4x enlargement reads."""
LEAK = 0.1
"""Slope of swift's activations below zero."""


class Swift(nn.Module):
    """The bundled network: learned bicubic interpolation plus detail from narrow convolutions.

    The picture is padded once, with its own edge pixels, and no convolution pads: a flat picture stays flat
    to its border. The first kernels sum to zero, so the detail does not depend on the level of a colour, and
    the kernels of the skip sum to one. `keep_flat` restores both sums after a training step (they survive
    averaging); `cancel_flat_response` takes away the constant that is left.
    """

    def __init__(self, features: int, convolutions: int) -> None:
        """Make a network that starts close to bicubic interpolation."""
        super().__init__()
        self.first = nn.Conv2d(3, features, 3)
        self.body = nn.ModuleList(nn.Conv2d(features, features, 3) for _ in range(convolutions))
        self.detail = nn.Conv2d(features, 3 * SCALE**2, 3)
        self.skip = nn.Conv2d(3, 3 * SCALE**2, 2 * SKIP_RADIUS + 1, bias=False)
        self.radius = convolutions + 2
        for layer in (self.first, *self.body, self.detail):
            nn.init.kaiming_normal_(layer.weight, a=LEAK)
            nn.init.zeros_(cast("Tensor", layer.bias))
        with torch.no_grad():
            self.detail.weight.mul_(0.1)
            self.skip.weight.copy_(bicubic_phases())
        self.keep_flat()

    def forward(self, image: Tensor) -> Tensor:
        """Return (N, 3, 4H, 4W), not clipped, for an RGB image (N, 3, H, W) in 0..1."""
        return self.enlarge_inside(functional.pad(image, [self.radius] * 4, mode="replicate"))

    def enlarge_inside(self, image: Tensor) -> Tensor:
        """Return the enlargement of the image without its outer `radius` pixels, which are context only."""
        features = functional.leaky_relu(self.first(image), LEAK)
        for layer in self.body:
            features = functional.leaky_relu(layer(features), LEAK)
        margin = self.radius - SKIP_RADIUS
        start = self.skip(image[:, :, margin:-margin, margin:-margin])
        return functional.pixel_shuffle(self.detail(features) + start, SCALE)

    @torch.no_grad()
    def keep_flat(self) -> None:
        """Make the first kernels sum to zero and each kernel of the skip to one for its own colour."""
        self.first.weight -= self.first.weight.mean(dim=(2, 3), keepdim=True)
        own_colour = torch.eye(3).repeat_interleave(SCALE**2, dim=0)
        excess = self.skip.weight.sum(dim=(2, 3)) - own_colour
        self.skip.weight -= excess[:, :, None, None] / self.skip.weight[0, 0].numel()

    @torch.no_grad()
    def cancel_flat_response(self) -> None:
        """Take the detail of a flat picture, the same for every colour, off the last bias."""
        side = 2 * self.radius + 1
        response = functional.pixel_unshuffle(self.enlarge_inside(torch.zeros(1, 3, side, side)), SCALE)
        cast("Tensor", self.detail.bias).sub_(response.flatten())


def bicubic_phases() -> Tensor:
    """Return the kernels (48, 3, 5, 5) that make a 4x bicubic enlargement before a pixel shuffle.

    Source: R. Keys, "Cubic convolution interpolation", 1981, with a = -0.5.
    """
    taps = torch.arange(-SKIP_RADIUS, SKIP_RADIUS + 1, dtype=torch.float32)
    offsets = (torch.arange(SCALE, dtype=torch.float32) + 0.5) / SCALE - 0.5
    distance = (taps[None, :] - offsets[:, None]).abs()
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    line = torch.where(distance <= 1, near, torch.where(distance < SKIP_RADIUS, far, torch.zeros(())))
    plane = torch.einsum("yi,xj->yxij", line, line).reshape(SCALE**2, *[len(taps)] * 2)
    return torch.einsum("oc,pij->opcij", torch.eye(3), plane).reshape(3 * SCALE**2, 3, *plane.shape[1:])
