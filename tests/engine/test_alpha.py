"""Colours grown under what is transparent."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from fourxl import alpha

from .drawing import noise

SIZES = tuple(product((1, 2, 3, 8, 13), (1, 2, 5, 16)))


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_visible_pixels_keep_their_colour(channels, depth):
    """A pixel with any opacity at all keeps its colour."""
    for width, height in SIZES:
        planes = noise(width, height, channels, depth).transpose(2, 0, 1)
        opacity = noise(width, height, 1, depth, seed=1)[..., 0] % 3
        bled = alpha.bleed(planes, opacity)
        assert (bled.dtype, bled.shape) == (planes.dtype, planes.shape)
        assert np.array_equal(bled[:, opacity > 0], planes[:, opacity > 0])


@pytest.mark.parametrize("depth", [8, 16])
def test_one_visible_colour_spreads_everywhere(depth):
    """When all that is visible has one colour, everything gets exactly that colour, however little is visible."""
    colour = np.array([2**depth - 1, 7, 2**depth // 3])
    for (width, height), share in product(SIZES, (0.02, 0.3, 0.9)):
        planes = noise(width, height, 3, depth).transpose(2, 0, 1).copy()
        visible = np.random.default_rng((width, height)).random((height, width)) < share
        visible[height // 2, width // 2] = True
        planes[:, visible] = colour[:, None]
        bled = alpha.bleed(planes, visible.astype(planes.dtype))
        assert (bled == colour[:, None, None]).all()


def test_hidden_pixels_take_the_colours_near_them():
    """With red on the left and blue on the right, what is hidden between them is red near red and blue near blue."""
    planes = np.zeros((3, 16, 32), np.uint8)
    planes[0, :, :4], planes[2, :, -4:] = 255, 255
    planes[1, :, 4:-4] = 255  # green lies under what is transparent and must not show
    opacity = np.zeros((16, 32), np.uint8)
    opacity[:, :4] = opacity[:, -4:] = 255
    red, green, blue = alpha.bleed(planes, opacity)
    assert (green == 0).all()
    assert (red[:, :8] == 255).all()
    assert (blue[:, -8:] == 255).all()


@pytest.mark.parametrize("level", [0, 1, 255])
def test_without_both_kinds_nothing_changes(level):
    """All visible or all hidden: there is nothing to fill, or nothing to fill from."""
    planes = noise(6, 5).transpose(2, 0, 1)
    assert np.array_equal(alpha.bleed(planes, np.full((5, 6), level, np.uint8)), planes)


def test_the_source_is_not_written():
    """The picture that was given stays as it is."""
    planes = noise(6, 5).transpose(2, 0, 1)
    before = planes.copy()
    alpha.bleed(planes, noise(6, 5, 1, seed=3)[..., 0] % 2)
    assert np.array_equal(planes, before)
