"""Real-ESRGAN's compact network."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

SCALE = 4


class SRVGGNetCompact(nn.Module):
    """Real-ESRGAN's compact network; its state has the official keys (`body.N.weight` …).

    A row of 3x3 convolutions with PReLU at low resolution, one pixel shuffle, and the input repeated
    (nearest neighbour) added to the result. Source: Real-ESRGAN v0.2.5.0, "realesr-general-x4v3".
    """

    def __init__(self, features: int, convolutions: int) -> None:
        """Make the layers, with torch's own random start."""
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for _ in range(convolutions + 1):
            layers += [nn.Conv2d(channels, features, 3, padding=1), nn.PReLU(features)]
            channels = features
        layers.append(nn.Conv2d(features, 3 * SCALE**2, 3, padding=1))
        self.body = nn.ModuleList(layers)

    def forward(self, image: Tensor) -> Tensor:
        """Return (N, 3, 4H, 4W), not clipped, for an RGB image (N, 3, H, W) in 0..1."""
        features = image
        for layer in self.body:
            features = layer(features)
        detail = functional.pixel_shuffle(features, SCALE)
        return detail + functional.interpolate(image, scale_factor=float(SCALE), mode="nearest")
