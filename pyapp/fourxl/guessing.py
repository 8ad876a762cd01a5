"""What a result will weigh, before it is made: from small parts of the picture, enlarged without the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from fourxl import encode, image, metadata, sizing
from fourxl.geometry import Size
from fourxl.image import Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fourxl.settings import JobSettings

_SIDE_PX = 128
"""Of a part, in the source: larger than what compression looks at together."""

_PLACES = ((1, 1), (3, 1), (2, 2), (1, 3), (3, 3))
"""Middles of the parts, in quarters of width and height."""

_FLAT = Size(16, 16)
"""A picture of this size and of one colour is all frame: what every file has once."""

_MORE_THAN_PLAIN = {"png": 1.1, "jpeg": 1.06, "webp": 1.1}
"""How many times more the network's result weighs than the plain enlargement: the middle of what Swift made
of 59 pictures, with PNG and qualities of 75 and 92; of all but three it was within 1.4 times of this."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Parts of a picture."""

    size: Size
    """Of the whole."""

    parts: tuple[Picture, ...]
    icc: bytes | None
    exif: bytes | None


def take(data: bytes) -> Samples:
    """Return parts of the picture in the bytes of a file: small, so that they can be kept.

    Raises:
        InputError: as ``image.decode``.
    """
    whole = image.decode(data)
    corners = {_corner(whole.size, x, y) for x, y in _PLACES}
    return Samples(whole.size, tuple(_part(whole, *corner) for corner in corners), whole.icc, whole.exif)


def size_bytes(samples: Samples, scale: int, settings: JobSettings) -> int:
    """Return about how long the result's file will be, with a model of ``scale``.

    Within 1.5 times of the truth for most photos; noise and drawings can be further off.

    Raises:
        InvalidSettings: larger than the network makes it.
    """
    target = sizing.target(samples.size, scale, settings)
    parts = [_of_depth(part, encode.result_depth(part, settings)) for part in samples.parts]
    frame = _weigh(_flat(parts[0]), settings)
    weight = pixels = 0
    for part in parts:
        enlarged = _enlarged(part, target.width / samples.size.width)
        weight += max(_weigh(enlarged, settings) - frame, 0)
        pixels += enlarged.size.pixels
    more = 1 + (_MORE_THAN_PLAIN[settings.format] - 1) * settings.strength
    whole = metadata.for_result(
        Picture(samples.parts[0].planes, None, samples.icc, samples.exif, ()), settings
    )
    return (
        round(weight * more * target.pixels / pixels) + frame + len(whole.icc or b"") + len(whole.exif or b"")
    )


def _corner(size: Size, x: int, y: int) -> tuple[int, int]:
    left, top = size.width * x // 4 - _SIDE_PX // 2, size.height * y // 4 - _SIDE_PX // 2
    return max(0, min(left, size.width - _SIDE_PX)), max(0, min(top, size.height - _SIDE_PX))


def _part(whole: Picture, left: int, top: int) -> Picture:
    where = slice(top, top + _SIDE_PX), slice(left, left + _SIDE_PX)
    alpha = None if whole.alpha is None else whole.alpha[where].copy()
    return Picture(whole.planes[:, *where].copy(), alpha, None, None, ())


def _flat(part: Picture) -> Picture:
    shape = (_FLAT.height, _FLAT.width)
    alpha = None if part.alpha is None else np.zeros(shape, part.alpha.dtype)
    return Picture(np.zeros((len(part.planes), *shape), part.planes.dtype), alpha, None, None, ())


def _enlarged(part: Picture, times: float) -> Picture:
    size = Size(max(1, round(part.size.width * times)), max(1, round(part.size.height * times)))
    planes = np.stack([_resized(plane, size) for plane in part.planes])
    alpha = None if part.alpha is None else _resized(part.alpha, size)
    return Picture(planes, alpha, None, None, ())


def _resized(plane: NDArray[Any], size: Size) -> NDArray[Any]:
    levels = Image.fromarray(plane.astype(np.float32)).resize(
        (size.width, size.height), Image.Resampling.BICUBIC
    )
    most = np.iinfo(plane.dtype).max
    rounded: NDArray[Any] = np.rint(np.asarray(levels).clip(0, most)).astype(plane.dtype)
    return rounded


def _weigh(part: Picture, settings: JobSettings) -> int:
    """Return how many bytes ``part`` is as a file."""
    sink = _Scale()
    encoder = encode.open_encoder(sink, part.size, part, settings)
    planes = part.planes if part.alpha is None else np.concatenate([part.planes, part.alpha[None]])
    rows = planes.transpose(1, 2, 0)
    encoder.write(np.ascontiguousarray(rows))
    encoder.finish()
    return sink.size_bytes


def _of_depth(part: Picture, depth: int) -> Picture:
    """Return ``part`` in the result's depth before it is enlarged, since what is between two levels counts too."""

    def turned(samples: NDArray[Any]) -> NDArray[Any]:
        if samples.dtype.itemsize * 8 == depth:
            return samples
        if depth == 16:  # noqa: PLR2004 - bits
            return samples.astype(np.uint16) * np.uint16(257)
        return ((samples.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)

    alpha = None if part.alpha is None else turned(part.alpha)
    return Picture(turned(part.planes), alpha, None, None, ())


class _Scale:
    """Counts bytes, and keeps none."""

    def __init__(self) -> None:
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        self.size_bytes += len(data)
