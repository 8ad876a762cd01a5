"""A provider that computes the known tile wrongly is not used, and the page says so."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import onnx
import pytest

from scripts.building.policy import security_headers
from scripts.serving import answering, make_server
from tests import pictures, stand_ins
from tests.browser import pixels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene(36, 28))
WRONG = "the GPU gave wrong numbers for a known tile (a test's own GPU)."


TRUSTING = """
from dataclasses import replace
from fourxl_web.worker import providers

_probe_gpu = providers.probe_gpu

async def _probe():
    return replace(await _probe_gpu(), software=False, label="a test's own GPU")

providers.probe_gpu = _probe
"""


def wrong_swift(models: Path) -> bytes:
    """Return swift with one row of one kernel left out: what a faulty GPU would compute."""
    model = onnx.load(models / "swift.onnx")
    weight = next(tensor for tensor in model.graph.initializer if tensor.name == "body.2.weight")
    kernel = onnx.numpy_helper.to_array(weight).copy()
    kernel[16, :, 1] = 0
    weight.CopyFrom(onnx.numpy_helper.from_array(kernel, weight.name))
    content: bytes = model.SerializeToString()
    return content


@pytest.fixture
def site(built_site: Path, tmp_path: Path) -> Path:
    """Return a copy of the site that takes the software adapter for a GPU, and so tries it first."""
    copy = Path(shutil.copytree(built_site, tmp_path / "dist"))
    with (copy / "app" / "engine_main.py").open("a") as program:
        program.write(TRUSTING)
    return copy


@pytest.fixture
def url(site: Path) -> Iterator[str]:
    """Serve that site, isolated."""
    with answering(make_server(site, headers=security_headers(), quiet=True)) as address:
        yield address


def test_right_numbers_are_used(url: str, visit: Visit) -> None:
    """A GPU that gives the known answer computes the picture, and the badge says GPU."""
    visit.open(url).upscale("scene.png", SCENE)
    assert visit.badge == ("GPU", "Computed by WebGPU (a test's own GPU).")


def test_wrong_gpu_is_left_out(site: Path, url: str, visit: Visit) -> None:
    """A GPU with wrong numbers is replaced by the processor for the visit: right pixels, and the badge says why."""
    models = site / "models"
    right = (models / "swift.onnx").read_bytes()
    liar = stand_ins.publish(models, "liar.onnx", wrong_swift(models))
    honest = stand_ins.publish(models, "swift.onnx", right)
    stand_ins.change(models, "swift", graphs={"webgpu": liar, "wasm": honest})
    first = visit.open(url).upscale("scene.png", SCENE)
    word, reason = visit.badge
    assert word == "CPU"
    assert reason.startswith("Computed on the processor (")
    assert reason.endswith(WRONG)
    assert "wasm" in visit.page.inner_text("#report")
    second = visit.upscale("scene.png", SCENE, tile="32")
    assert visit.badge[1].endswith(WRONG), "the GPU stays out"
    assert (abs(pixels(first) - pixels(second)) <= 1).all()


def test_wrong_everywhere_is_an_error(site: Path, url: str, visit: Visit) -> None:
    """When no provider gives the known answer, the page says by how much it is off, and shows no result."""
    models = site / "models"
    other = pictures.encoded(pictures.scene(96, 96))
    stand_ins.change(models, "swift", answer=stand_ins.publish(models, "answers/other.png", other))
    told = visit.open(url).pick("scene.png", SCENE).enhance().wait_for_error()
    assert told.startswith("wasm on this device computes wrong numbers for a known tile (off by up to ")
    assert "Choose another device, or another model." in told
    assert visit.page.locator("#result").is_hidden()
    told = visit.choose(device="gpu").enhance().wait_for_error()
    assert told.startswith("webgpu on this device computes wrong numbers for a known tile")
