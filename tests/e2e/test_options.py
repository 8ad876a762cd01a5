"""Size, strength and denoising, as a person sets them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from scripts.building.policy import security_headers
from scripts.serving import answering, make_server
from tests import denoising, pictures
from tests.browser import pixels

from .test_parity import command_line, largest_difference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene())
ALPHA = pictures.encoded(pictures.with_alpha(pictures.scene()))
WHITE = pictures.encoded(Image.new("RGB", (20, 16), "white"))


@pytest.fixture
def page(ready: Visit) -> Iterator[Visit]:
    """Give the booted page, and set its options back afterwards."""
    yield ready
    ready.choose(scale="4", strength="100")


@pytest.mark.parametrize("content", [SCENE, ALPHA], ids=["opaque", "transparent"])
def test_half_the_size_at_half_the_strength(content: bytes, page: Visit, tmp_path: Path) -> None:
    """2x at 50 % is what the command line makes of the same wishes, within 1 level, and is named after its size."""
    result = page.upscale("scene.png", content, scale="2", strength="50")
    expected = command_line(tmp_path, "scene.png", content, "--scale", "2", "--strength", "0.5")
    assert pixels(result).shape[:2] == (112, 144)
    assert largest_difference(result, expected) <= 1
    assert page.page.get_attribute("#download", "download") == "scene_2x.png"


def test_exact_width(page: Visit, tmp_path: Path) -> None:
    """A width in pixels is asked for only when it was chosen, and the result has just that width."""
    width = page.page.get_by_role("spinbutton", name="Width of the result in pixels")
    expect(width).to_be_hidden()
    result = page.upscale("scene.png", SCENE, scale="width", width="101")
    expect(width).to_be_visible()
    assert pixels(result).shape == (79, 101, 3)
    assert largest_difference(result, command_line(tmp_path, "scene.png", SCENE, "--width", "101")) <= 1
    assert page.page.get_attribute("#download", "download") == "scene_101w.png"
    page.choose(scale="3")
    expect(width).to_be_hidden()


def test_a_width_out_of_reach(page: Visit) -> None:
    """More than the model makes is refused with the most there is, and the next size works."""
    page.choose(scale="width", width="289").pick("scene.png", SCENE).enhance()
    assert "at most 288" in page.wait_for_error()
    assert pixels(page.upscale("scene.png", SCENE, width="288")).shape == (224, 288, 3)


def test_the_strength_is_told(page: Visit) -> None:
    """The number beside the slider is the slider's, and keys move it."""
    page.choose(strength="35")
    expect(page.page.locator("#strength-value")).to_have_text("35 %")
    page.page.locator("#strength").press("ArrowRight")
    expect(page.page.locator("#strength-value")).to_have_text("36 %")


def test_without_a_denoise_strength(page: Visit) -> None:
    """A model of one training does not show what it cannot do."""
    expect(page.page.locator("#denoise-row")).to_be_hidden()


@pytest.fixture(params=[True, False], ids=["both trainings", "one training"])
def denoising_site(
    request: pytest.FixtureRequest, built_site: Path, tmp_path: Path
) -> Iterator[tuple[str, bool]]:
    """Serve a copy of the site whose one model has a denoise strength, or lacks the training for it."""
    site = tmp_path / "dist"
    shutil.copytree(built_site, site, symlinks=True)
    shutil.rmtree(site / "models")
    denoising.write_models(site / "models", twin=request.param)
    with answering(make_server(site, headers=security_headers(), quiet=True)) as url:
        yield url, request.param


def test_denoise(visit: Visit, denoising_site: tuple[str, bool]) -> None:
    """Each strength mixes the trainings as it says, one after the other; without the twin it is fixed, with the reason."""
    url, has_twin = denoising_site
    page = visit.open(url).wait_until_ready().page
    slider, hint = page.get_by_role("slider", name="Denoise"), page.locator("#denoise-hint")
    expect(slider).to_be_visible()
    if has_twin:
        expect(hint).to_have_text("Less keeps grain and fine texture.")
        for percent, brightness in (("50", 0.5), ("0", 0.25), ("100", 0.75), ("50", 0.5)):
            result = pixels(visit.upscale("white.png", WHITE, denoise=percent))
            assert np.abs(result - 255 * brightness).max() <= 1
    else:
        expect(slider).to_be_disabled()
        expect(page.locator("#denoise-value")).to_have_text("100 %")
        assert "not on this site" in hint.inner_text()
        result = pixels(visit.upscale("white.png", WHITE))
        assert np.abs(result - 255 * 0.75).max() <= 1
    assert "denoise strength was not applied" not in page.inner_text("#report")
