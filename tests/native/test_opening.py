"""Models of the table, opened with every runtime of this computer: one picture, one result."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourxl import image, manifest, pipeline, settings, weights
from fourxl.errors import WeightsMismatch, WrongNumbers
from fourxl_native import opening, provider
from tests import denoising, pictures
from tests.stand_ins import change, publish

from .command import MODELS, main

if TYPE_CHECKING:
    from fourxl.runtime import TileRuntime

GENERAL = "realesr-general-x4v3"
WEIGHTS = Path(__file__).parents[3] / "shared" / "weights" / f"{GENERAL}.safetensors"
OTHERS = (provider.OPENVINO, provider.TORCH)


def chosen(name: str) -> provider.NativeProvider:
    """Return the runtime of that name, on the processor, or skip where it is not installed."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is missing: scripts/install {name}")
    return provider.NativeProvider(name, "CPU", "It was asked for.")


def find(folder: Path, model_id: str) -> manifest.ModelSpec:
    """Return a model of the table in ``folder``."""
    return manifest.parse((folder / "manifest.json").read_bytes()).find(model_id)


async def opened(folder: Path, model_id: str, name: str, **options: Any) -> TileRuntime:
    """Return a runtime for a model of the table in ``folder``."""
    spec, source = find(folder, model_id), weights.FolderSource(folder)
    return await opening.open_model(spec, source, chosen(name), **options)


def enlarged(folder: Path, model_id: str, name: str, tile_px: int | None) -> np.ndarray[Any, Any]:
    """Return the levels of the drawn scene, enlarged by a whole job with that runtime."""
    sink = io.BytesIO()
    job = settings.JobSettings(model_id=model_id, tile_px=tile_px)
    picture = pictures.encoded(pictures.scene(90, 70))
    spec = find(folder, model_id)
    work = pipeline.upscale(picture, job, spec, lambda: opened(folder, model_id, name), sink, lambda _: None)
    asyncio.run(work)
    return image.decode(sink.getvalue()).planes.astype(int)


@pytest.fixture(scope="module")
def with_general(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of models in which realesr-general-x4v3 has its weights, or skip without them."""
    pytest.importorskip("torch", reason="torch is missing: scripts/install train")
    if not WEIGHTS.exists():
        pytest.skip("the official weights (../shared/weights) are not on this machine")
    from safetensors.torch import load_file  # noqa: PLC0415 - after the check

    from scripts.exporting.externalize import pack  # noqa: PLC0415

    folder = Path(shutil.copytree(MODELS, tmp_path_factory.mktemp("general") / "models"))
    file = publish(folder, "general.safetensors", pack(load_file(WEIGHTS)))
    checkpoint = {"url": "https://example.org/general.pth", "size_bytes": 1, "sha256": "0" * 64}
    change(folder, GENERAL, trained={"checkpoint": checkpoint, "weights": file}, weak_denoise=None)
    return folder


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("tile_px", [None, 40])
def test_same_pixels(name: str, tile_px: int | None) -> None:
    """Every runtime makes of a picture what onnxruntime makes of it, within one level of 255."""
    expected = enlarged(MODELS, "swift", provider.ONNXRUNTIME, tile_px)
    assert np.abs(enlarged(MODELS, "swift", name, tile_px) - expected).max() <= 1


@pytest.mark.parametrize("name", OTHERS)
def test_same_pixels_by_official_weights(name: str, with_general: Path) -> None:
    """So do they with Real-ESRGAN's own weights, which lie beside the graph."""
    expected = enlarged(with_general, GENERAL, provider.ONNXRUNTIME, 80)
    assert np.abs(enlarged(with_general, GENERAL, name, 80) - expected).max() <= 1


@pytest.mark.parametrize("name", [provider.ONNXRUNTIME, *OTHERS])
def test_tells_why(name: str) -> None:
    """A runtime bears its provider's name, device and reason, and takes a photo of 512 px in one tile."""
    runtime = asyncio.run(opened(MODELS, "swift", name))
    assert (runtime.name, runtime.device, runtime.reason) == (name, "CPU", "It was asked for.")
    assert runtime.tile_px == 512


@pytest.mark.parametrize("name", [provider.ONNXRUNTIME, provider.OPENVINO])
@pytest.mark.parametrize(("strength", "brightness"), [(1.0, 0.75), (0.5, 0.5), (0.0, 0.25)])
def test_denoise_strength(name: str, strength: float, brightness: float, tmp_path: Path) -> None:
    """A denoise strength mixes the two trainings, whatever computes them."""
    denoising.write_models(tmp_path)

    async def scenario() -> np.ndarray[Any, Any]:
        runtime = await opened(tmp_path, "even", name, denoise=strength)
        return await runtime.run(np.ones((1, 3, 16, 16), np.float32))

    assert np.allclose(asyncio.run(scenario()), brightness)


@pytest.mark.parametrize("name", [provider.ONNXRUNTIME, *OTHERS])
def test_wrong_numbers(name: str, models: Path) -> None:
    """A model that does not give its known answer is not opened."""
    wrong = pictures.encoded(pictures.scene(96, 96))
    change(models, "swift", answer=publish(models, "answers/swift.png", wrong))
    with pytest.raises(WrongNumbers):
        asyncio.run(opened(models, "swift", name))


@pytest.mark.parametrize("name", [provider.ONNXRUNTIME, *OTHERS])
def test_only_published_bytes(name: str, models: Path) -> None:
    """A file that is not the published one is loaded by no runtime."""
    path = models / "swift.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(WeightsMismatch):
        asyncio.run(opened(models, "swift", name))


@pytest.mark.parametrize("name", provider.WANTED)
def test_command_line_chooses(name: str, photo: Path) -> None:
    """``--runtime`` takes every name, and the result is there."""
    if name != provider.AUTO:
        chosen(name)
    assert main(photo, "--runtime", name) == 0
    assert image.decode(photo.with_name("photo_4x.png").read_bytes()).size.width == 288


def test_command_line_tells_what_is_missing(
    photo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runtime that is not installed ends the command with how to install it."""
    monkeypatch.setattr(provider, "find_spec", lambda name: None if name == "openvino" else name)
    assert main(photo, "--runtime", "openvino") == 1
    assert "scripts/install openvino" in capsys.readouterr().err
