"""What can be looked at while a job runs."""

from __future__ import annotations

import numpy as np
import pytest

from fourxl.errors import DeviceLost
from fourxl.journal import Journal
from fourxl.previews import MAX_WIDTH_PX, Strip
from fourxl.testing import NearestRuntime

from .drawing import noise, png_file, reopened, slopes
from .folders import MemoryFolder, StopAt
from .jobs import Job, enlarged, model


def _strips(data: bytes, **settings) -> list[Strip]:
    told: list[Strip] = []
    Job(data, aside={"preview": told.append}, tile_px=32, **settings).run()
    return told


def _assert_whole(told: list[Strip], height: int) -> None:
    assert [strip.top for strip in told] == [0, *np.cumsum([strip.height for strip in told])[:-1]]
    assert sum(strip.height for strip in told) == height
    assert {strip.total_height for strip in told} == {height}


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_strips_are_the_picture_from_top_to_bottom(channels, depth):
    """Every row is in one of them, in colours close to the result's."""
    samples = slopes(50, 90, channels).astype(f"uint{depth}")
    if depth == 16:
        samples *= 257
    told = _strips(png_file(samples, depth))
    assert len(told) > 2
    _assert_whole(told, 360)
    whole = enlarged(slopes(50, 90, channels))
    for strip in told:
        pixels = reopened(strip.png).astype(float)
        rows = whole[strip.top : strip.top + strip.height].astype(float)
        assert pixels.shape == (-(-strip.height // 3), -(-200 // 3), channels)
        assert np.abs(pixels.mean(axis=(0, 1)) - rows.mean(axis=(0, 1))).max() < 6


@pytest.mark.parametrize("settings", [{"width": 77}, {"format": "jpeg"}, {"format": "webp", "scale": 2}])
def test_previews_are_of_the_networks_rows(settings):
    """Whatever becomes of them, shares of the height are the same."""
    _assert_whole(_strips(png_file(noise(50, 90), 8), **settings), 360)


def test_a_preview_is_at_most_so_wide():
    """However wide the picture is."""
    for width in (256, 700):
        for strip in _strips(png_file(noise(width, 60), 8)):
            assert reopened(strip.png).shape[1] <= MAX_WIDTH_PX


def test_one_strip_has_no_preview():
    """Its result is there at the same time."""
    assert _strips(png_file(noise(50, 20), 8)) == []


@pytest.mark.parametrize("settings", [{}, {"format": "jpeg"}])
def test_strips_of_an_earlier_run_are_told_again(settings):
    """Whoever looks at a job that goes on sees all that is done."""
    data, folder = png_file(noise(50, 130), 8), MemoryFolder()
    result = folder.file("result")
    told: list[Strip] = []
    aside = {"keep": Journal(folder, result), "preview": told.append}
    with pytest.raises(DeviceLost):
        Job(data, StopAt(NearestRuntime(), 7), model(), result, aside, tile_px=32, **settings).run()
    told.clear()
    done = Job(data, None, model(), result, aside, tile_px=32, **settings).run().done
    assert done.resumed_share > 0
    _assert_whole(told, 520)
