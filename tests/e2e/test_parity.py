"""One picture, one model, one tile plan: the page and the command line give the same pixels."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fourxl import png16
from tests import pictures
from tests.browser import pixels

if TYPE_CHECKING:
    from tests.browser import Visit

SHARED = (
    "00003.png",
    "00017_gray.png",
    "0014.jpg",
    "0030.jpg",
    "ADE_val_00000114.jpg",
    "OST_009.png",
    "children-alpha.png",
    "tree_alpha_16bit.png",
    "wolf_gray.jpg",
)

OWN = {
    "scene.png": pictures.encoded(pictures.scene()),
    "scene.jpg": pictures.encoded(pictures.scene(), "JPEG", quality=90),
    "scene.webp": pictures.encoded(pictures.scene(), "WEBP", quality=90),
    "alpha.png": pictures.encoded(pictures.with_alpha(pictures.scene())),
    "grey.png": pictures.encoded(pictures.scene().convert("L")),
    "palette.png": pictures.encoded(pictures.scene().quantize(32)),
    "dot.png": pictures.encoded(pictures.scene(1, 1)),
}


def command_line(folder: Path, name: str, content: bytes, *arguments: str) -> bytes:
    """Return the file that ``fourxl`` makes of a picture."""
    source, target = folder / name, folder / "result.png"
    source.write_bytes(content)
    command = Path(sys.executable).with_name("fourxl")
    subprocess.run([command, source, "-o", target, "--quiet", *arguments], check=True)
    return target.read_bytes()


def largest_difference(one: bytes, other: bytes) -> int:
    """Return the largest difference of any sample of two pictures of the same size and mode."""
    first, second = pixels(one), pixels(other)
    assert first.shape == second.shape
    return int(np.abs(first - second).max())


@pytest.mark.parametrize("name", OWN)
def test_own_pictures(name: str, ready: Visit, tmp_path: Path) -> None:
    """Each kind of file gives the same result in the page and on the command line, within 1 level."""
    expected = command_line(tmp_path, name, OWN[name])
    assert largest_difference(ready.upscale(name, OWN[name]), expected) <= 1


@pytest.mark.parametrize("name", SHARED)
def test_photos(name: str, ready: Visit, shared_images: Path, tmp_path: Path) -> None:
    """Each reference photo gives the same result in the page and on the command line, within 1 level."""
    content = (shared_images / "inputs" / name).read_bytes()
    expected = command_line(tmp_path, name, content)
    assert largest_difference(ready.upscale(name, content), expected) <= 1


def test_16_bits_arrive(ready: Visit, shared_images: Path, tmp_path: Path) -> None:
    """A 16-bit photo comes back in 16 bits, alpha included, as the command line makes it."""
    name = "tree_alpha_16bit.png"
    content = (shared_images / "inputs" / name).read_bytes()
    result = png16.read(ready.upscale(name, content)).astype(np.int32)
    expected = png16.read(command_line(tmp_path, name, content)).astype(np.int32)
    assert np.unique(result & 255).size > 200, "the low bytes carry detail"
    assert np.abs(result - expected).max() <= 257, "one of 255 levels"


def test_tiles(ready: Visit, tmp_path: Path) -> None:
    """In 32 px tiles, the result is still the same in both places."""
    content = OWN["scene.png"]
    expected = command_line(tmp_path, "scene.png", content, "--tile", "32")
    result = ready.upscale("scene.png", content, tile="32")
    ready.choose(tile="")
    assert largest_difference(result, expected) <= 1


def test_webgpu(ready: Visit, tmp_path: Path) -> None:
    """WebGPU (emulated in software here) gives the command line's pixels, and the badge says what it is."""
    content = pictures.encoded(pictures.scene(36, 28))
    expected = command_line(tmp_path, "small.png", content, "--tile", "32")
    result = ready.upscale("small.png", content, device="gpu", tile="32")
    word, reason = ready.badge
    ready.choose(device="auto", tile="")
    assert largest_difference(result, expected) <= 1
    assert "webgpu" in ready.page.inner_text("#report")
    assert word == "CPU"
    assert "emulated" in reason


def test_plain_host_and_browser(visit_without_gpu: Visit, plain_url: str, tmp_path: Path) -> None:
    """On a plain static host, under a prefix, without a graphics adapter, one thread computes the same pixels.

    (Several threads on such a host are what tests/e2e/test_isolation.py is about.)
    """
    visit = visit_without_gpu
    content = OWN["scene.png"]
    expected = command_line(tmp_path, "scene.png", content)
    result = visit.open(f"{plain_url}?isolation=off").upscale("scene.png", content)
    assert largest_difference(result, expected) <= 1
    assert visit.badge[0] == "CPU"
    assert "1 thread" in visit.badge[1]
    assert "WebGPU" in visit.badge[1]
    assert not visit.page.evaluate("crossOriginIsolated")


def test_with_isolation(ready: Visit) -> None:
    """Served by scripts/serve the page is isolated, and WebAssembly uses more than one thread."""
    ready.upscale("scene.png", OWN["scene.png"])
    assert ready.page.evaluate("crossOriginIsolated")
    if ready.page.evaluate("navigator.hardwareConcurrency") > 1:
        assert "threads" in ready.badge[1]
