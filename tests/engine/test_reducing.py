"""Smaller results in strips: what Pillow's Lanczos makes of the whole picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from fourxl.geometry import Size
from fourxl.reducing import Reducer

from .drawing import noise, pillow, slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZES = [
    ((4, 4), (1, 1)), ((4, 360), (2, 180)), ((360, 4), (270, 3)), ((80, 80), (80, 79)), ((300, 420), (1, 1)),
    ((128, 256), (64, 128)), ((132, 500), (99, 375)), ((200, 400), (77, 154)), ((240, 700), (239, 697)),
    ((60, 1400), (17, 397)), ((500, 40), (13, 1)), ((9, 890), (8, 791)),
]  # fmt: skip
"""Source and target: halves, three quarters, odd ones, nearly the same, down to a dot."""


def reduced(samples: NDArray[Any], target: tuple[int, int], strip: int) -> NDArray[Any]:
    """Return what comes out of a ``Reducer`` that was given strips of so many rows."""
    parts: list[NDArray[Any]] = []
    height, width, _channels = samples.shape
    reducer = Reducer(Size(width, height), Size(*target), parts.append)
    for row in range(0, height, strip):
        reducer.write(samples[row : row + strip])
    return np.concatenate(parts)


def whole_8(samples: NDArray[Any], target: tuple[int, int]) -> NDArray[Any]:
    """Return the picture as Pillow reduces it in one go; transparent ones premultiplied, which is its way too."""
    result = np.asarray(pillow(samples).resize(target, Image.Resampling.LANCZOS))
    return result.reshape(target[1], target[0], -1)


def whole_16(samples: NDArray[Any], target: tuple[int, int]) -> NDArray[Any]:
    """Return the planes, colours times opacity, as Pillow reduces them in one go in float, divided again."""
    planes = samples.astype(np.float64)
    has_alpha = samples.shape[2] in (2, 4)
    if has_alpha:
        planes[..., :-1] *= planes[..., -1:] / 65535
    small = [
        Image.fromarray(plane.astype(np.float32)).resize(target, Image.Resampling.LANCZOS)
        for plane in planes.transpose(2, 0, 1)
    ]
    result = np.stack([np.asarray(plane, np.float64) for plane in small], axis=2)
    if has_alpha:
        visible = np.rint(result[..., -1:]) > 0
        result[..., :-1] *= visible * 65535 / np.where(visible, result[..., -1:], 1)
    return np.floor(result.clip(0, 65535) + 0.5).astype(np.uint16)


def seen(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Return what an eye gets of samples with alpha: colours times opacity, and the opacity."""
    found = samples.astype(np.float64)
    if samples.shape[2] in (2, 4):
        found[..., :-1] *= found[..., -1:] / (255 if samples.dtype == np.uint8 else 65535)
    return found


def largest(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the largest difference between what is seen of two pictures of one shape."""
    assert (one.shape, one.dtype) == (other.shape, other.dtype)
    return float(np.abs(seen(one) - seen(other)).max())


@pytest.mark.parametrize(("source", "target"), SIZES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_8_bits_are_those_of_the_whole_picture(source, target, channels):
    """Whatever the sizes and the strips, 8 bits are within a level of Pillow's (with alpha: 2, both are rounded)."""
    samples = noise(*source, channels)
    expected = whole_8(samples, target)
    for strip in (1, 7, 100, 2000):
        result = reduced(samples, target, strip)
        assert largest(result, expected) <= (1 if channels in (1, 3) else 2)
        assert np.count_nonzero(result != expected) <= max(1, expected.size / 500)


@pytest.mark.parametrize(("whole", "part"), [(2, 1), (4, 3)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_halves_and_three_quarters_are_exact(whole, part, channels):
    """2x and 3x out of 4x are Pillow's bit for bit, under transparency too."""
    samples = noise(40 * whole, 131 * whole, channels)
    target = (40 * part, 131 * part)
    expected = whole_8(samples, target)
    for strip in (whole, 90, 1000):
        assert np.array_equal(reduced(samples, target, strip), expected)


@pytest.mark.parametrize(("source", "target"), SIZES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_are_those_of_the_whole_picture(source, target, channels):
    """16 bits are within a level of 65535 of Pillow's float planes, premultiplied where there is alpha."""
    samples = noise(*source, channels, 16)
    if channels in (2, 4):
        samples[: source[1] // 3, : source[0] // 2, -1] = 0
    expected = whole_16(samples, target)
    for strip in (1, 7, 100, 2000):
        assert largest(reduced(samples, target, strip), expected) <= (1 if channels in (1, 3) else 2)


@pytest.mark.parametrize("depth", [8, 16])
def test_nothing_unseen_shows(depth):
    """A red shape on transparent green is red wherever it is visible, however soft its edge has become."""
    top = 2**depth - 1
    samples = np.zeros((90, 120, 4), np.uint8 if depth == 8 else np.uint16)
    samples[..., 1] = top
    samples[20:71, 31:80] = (top, 0, 0, top)
    result = reduced(samples, (47, 35), 30)
    visible = result[..., 3] > top // 20
    assert len(np.unique(result[..., 3])) > 8
    assert (result[visible][:, 0] >= top * 0.9).all()
    assert (result[visible][:, 1:3] <= top * 0.1).all()


@pytest.mark.parametrize("tone", [0, 1, 200, 255])
def test_a_flat_picture_stays_flat(tone):
    """One tone has no seams and no ringing."""
    assert (reduced(np.full((301, 203, 3), tone, np.uint8), (91, 135), 40) == tone).all()


@pytest.mark.parametrize(("source", "target"), [((64, 4000), (32, 2000)), ((64, 4000), (5, 313))])
def test_rows_leave_when_they_are_complete(source, target):
    """No more rows wait than the filter needs and a step or two, so memory does not grow with the height."""
    emitted = 0

    def count(rows: NDArray[Any]) -> None:
        nonlocal emitted
        emitted += len(rows)

    ratio = source[1] / target[1]
    reducer = Reducer(Size(*source), Size(*target), count)
    for row in range(0, source[1], 10):
        reducer.write(slopes(source[0], 10))
        assert row + 10 - emitted * ratio <= 3 * ratio + 64 + 2 * ratio + 10
        assert max(layer.height for layer in reducer._layers) <= 6 * ratio + 64 + 4 * ratio + 20
    assert emitted == target[1]
