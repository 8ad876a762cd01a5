"""Training, export and the released model."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: scripts/install train")

import onnx  # noqa: E402  (these need what torch's extra installs)
import onnxruntime  # noqa: E402
from PIL import Image  # noqa: E402

from fourxl import answer  # noqa: E402
from fourxl.network import Network  # noqa: E402
from fourxl_native.networks import Swift, bicubic_phases  # noqa: E402
from fourxl_native.onnx_runtime import OnnxRuntime  # noqa: E402
from scripts.exporting.onnx_file import export  # noqa: E402
from scripts.training.__main__ import main  # noqa: E402
from scripts.training.data import Crops, degrade, make_pair  # noqa: E402
from scripts.training.enlarging import by_onnxruntime, by_torch  # noqa: E402
from scripts.training.evaluate import (  # noqa: E402
    PUBLISHED_BICUBIC_DB,
    bicubic,
    flat_deviation,
    load_set,
    mean_psnr_y,
    psnr_y,
)
from scripts.training.loop import Training, run  # noqa: E402
from scripts.training.parameters import TrainingParameters  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"
SHARED = ROOT.parent / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of test data, ../shared, is absent")
TINY = TrainingParameters(
    features=8, convolutions=1, minutes=None, steps=4, batch=2, crop_px=8, drawn_pictures=2, drawn_share=0.5
)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Keep torch to one thread: for pictures this small more of them only wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small photo of noise and ramps."""
    folder = tmp_path_factory.mktemp("photos")
    ramp = np.add.outer(np.arange(96), np.arange(128))[..., None] * np.array([1, 0.5, 0.2])
    noise = np.random.default_rng(0).integers(0, 40, (96, 128, 3))
    Image.fromarray((ramp + noise).clip(0, 255).astype(np.uint8)).save(folder / "photo.png")
    return folder


def swift_entry() -> dict[str, Any]:
    """Swift's place in the manifest."""
    models = json.loads((MODELS / "manifest.json").read_text("utf-8"))["models"]
    return next(model for model in models if model["id"] == "swift")


def test_export_of_swift_is_dynamic_and_equal(tmp_path: Path) -> None:
    """One file takes any batch and size, down to one pixel, and computes what the network does."""
    network = Swift(features=8, convolutions=2)
    assert export(network, tmp_path / "swift.onnx") < 1e-4
    session = onnxruntime.InferenceSession(tmp_path / "swift.onnx", providers=["CPUExecutionProvider"])
    for shape in ((1, 3, 1, 1), (3, 3, 5, 17)):
        picture = np.random.default_rng(1).random(shape, dtype=np.float32)
        (result,) = session.run(["output"], {"input": picture})
        with torch.no_grad():
            assert np.abs(result - network(torch.from_numpy(picture)).numpy()).max() < 1e-4


def test_radius_is_the_context_a_pixel_needs() -> None:
    """A change `radius` pixels away reaches a pixel's enlargement; one a pixel further does not."""
    network = Swift(features=8, convolutions=2).eval()
    side, middle = 31, 15
    base = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        for distance, reaches in ((network.radius, True), (network.radius + 1, False)):
            changed = base.clone()
            changed[:, :, middle - distance, middle - distance] += 1
            block = slice(4 * middle, 4 * middle + 4)
            difference = (network(changed) - network(base))[:, :, block, block].abs().max()
            assert bool(difference > 0) == reaches


def test_skip_begins_as_bicubic_interpolation() -> None:
    """The phases of the skip are Pillow's bicubic enlargement, up to rounding."""
    small = np.random.default_rng(2).integers(90, 161, (12, 9, 3), dtype=np.uint8)
    image = torch.nn.functional.pad(torch.from_numpy(small.transpose(2, 0, 1)[None] / 255.0), [2] * 4)
    phases = torch.nn.functional.conv2d(image, bicubic_phases().double())
    large = torch.nn.functional.pixel_shuffle(phases, 4)[0].numpy().transpose(1, 2, 0) * 255
    difference = (large - bicubic(small))[8:-8, 8:-8]
    assert np.abs(difference).max() <= 1.5


def test_flat_pictures_stay_flat_whatever_the_weights() -> None:
    """An untrained network with large random weights leaves flat colours flat, after cancelling."""
    network = Swift(features=8, convolutions=2)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(3)) * 0.3)
    assert flat_deviation(by_torch(network)) > 1
    network.keep_flat()
    network.cancel_flat_response()
    assert flat_deviation(by_torch(network)) == 0


def test_psnr_of_a_known_error() -> None:
    """An error of one level of grey is 48.13 dB on a grey original and 49.5 dB or so on a coloured one."""
    result = np.full((20, 20, 3), 101, dtype=np.uint8)
    assert psnr_y(result, np.full((20, 20), 100, dtype=np.uint8)) == pytest.approx(48.1308, abs=1e-3)
    assert psnr_y(result, result - 7) == pytest.approx(20 * np.log10(255 / 6), abs=1e-9)
    framed = result.copy()
    framed[:4] = framed[-4:] = framed[:, :4] = framed[:, -4:] = 0
    assert psnr_y(framed, result - 7) == psnr_y(result, result - 7)


@needs_shared
@pytest.mark.parametrize("name", sorted(PUBLISHED_BICUBIC_DB))
def test_measure_gives_the_published_bicubic_numbers(name: str) -> None:
    """Bicubic interpolation measures what the papers print, to 0.05 dB."""
    pairs = load_set(SHARED / "images" / "eval" / name)
    assert mean_psnr_y(pairs, bicubic) == pytest.approx(PUBLISHED_BICUBIC_DB[name], abs=0.05)


def test_crops_fit_their_small_versions(photos: Path) -> None:
    """A crop's large part, reduced, is the inside of its small part."""
    crops = Crops(TrainingParameters(**{**vars(TINY), "degraded_share": 0.0}), 3, photos)
    small, large = crops.batch()
    assert small.shape == (2, 3, 14, 14)
    assert large.shape == (2, 3, 32, 32)
    reduced = torch.nn.functional.avg_pool2d(large, 4)
    assert (reduced - small[:, :, 3:-3, 3:-3]).abs().mean() < 0.05


def test_small_pictures_are_antialiased() -> None:
    """Stripes finer than the small picture can hold become grey, not coarser stripes."""
    stripes = np.zeros((64, 64, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    assert np.ptp(make_pair(Image.fromarray(stripes)).small[4:-4, 4:-4]) <= 2


def test_degradation_is_mild_and_repeatable() -> None:
    """A degraded crop keeps its size and stays close to the original; the same generator gives the same."""
    crop = np.random.default_rng(4).integers(90, 160, (40, 40, 3), dtype=np.uint8)
    many = [degrade(crop, np.random.default_rng(seed)) for seed in range(20)]
    again = [degrade(crop, np.random.default_rng(seed)) for seed in range(20)]
    assert all(np.array_equal(one, same) for one, same in zip(many, again, strict=True))
    assert all(one.shape == crop.shape for one in many)
    assert max(np.abs(one.astype(int) - crop).mean() for one in many) < 25
    assert any(not np.array_equal(one, crop) for one in many)


def trained(photos: Path, checkpoint: Path, stop: int | None = None) -> Training:
    """A tiny run to its end, or stopped and taken up again after `stop` steps."""
    training = Training(TINY)
    crops = Crops(TINY, training.network.radius, photos)
    if stop is not None:
        for _ in range(stop):
            training.step(*crops.batch())
        state = training.state(crops)
        training = Training(TINY)
        crops = Crops(TINY, training.network.radius, photos)
        training.restore(state, crops)
    losses: list[float] = []
    run(training, crops, checkpoint, lambda _, loss: losses.append(loss), 1)
    assert np.isfinite(losses).all()
    return training


def test_training_repeats_also_after_a_stop(photos: Path, tmp_path: Path) -> None:
    """The same seed gives the same network; so does a run that was stored and taken up again."""
    whole = trained(photos, tmp_path / "whole.pt").average.state_dict()
    stopped = trained(photos, tmp_path / "stopped.pt", stop=2).average.state_dict()
    start = Training(TINY).average.state_dict()
    assert all(torch.equal(whole[key], stopped[key]) for key in whole)
    assert not torch.equal(whole["first.weight"], start["first.weight"])
    stored = torch.load(tmp_path / "whole.pt", weights_only=True)
    assert stored["step_count"] == TINY.steps
    assert TrainingParameters(**stored["parameters"]) == TINY


def test_training_learns(photos: Path) -> None:
    """Learning one batch over and over brings its loss down."""
    training = Training(TrainingParameters(**{**vars(TINY), "steps": 60}))
    batch = Crops(TINY, training.network.radius, photos).batch()
    losses = [training.step(*batch) for _ in range(60)]
    assert losses[-1] < 0.97 * losses[0]


def test_a_run_needs_one_length() -> None:
    """Neither no length nor two are accepted."""
    with pytest.raises(ValueError, match="either minutes or steps"):
        TrainingParameters(minutes=None)
    with pytest.raises(ValueError, match="either minutes or steps"):
        TrainingParameters(minutes=1.0, steps=1)


@pytest.mark.parametrize("command", ["train", "evaluate", "release"])
def test_commands_name_what_is_missing(command: str, tmp_path: Path) -> None:
    """Without the pictures each command ends with a sentence that names the folder and the option."""
    with pytest.raises(SystemExit, match=r"no folder .*absent; .*--images"):
        main([command, "--images", str(tmp_path / "absent")])
    with pytest.raises(SystemExit, match=r"no photos|No such file|no NNN_HR"):
        main([command, "--images", str(tmp_path), "--checkpoint", str(tmp_path / "none.pt")])


def test_released_file_is_what_the_manifest_says() -> None:
    """Size, hash, limits, opset, names and free dimensions of models/swift.onnx."""
    (file,) = {file["path"]: file for file in swift_entry()["graphs"].values()}.values()
    content = (MODELS / file["path"]).read_bytes()
    assert len(content) == file["size_bytes"] < 1_000_000
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert {entry.domain: entry.version for entry in model.opset_import}[""] >= 17
    (taken,), (given,) = model.graph.input, model.graph.output
    assert (taken.name, given.name) == ("input", "output")
    for value in (taken, given):
        dimensions = value.type.tensor_type.shape.dim
        assert [bool(dimension.dim_param) for dimension in dimensions] == [True, False, True, True]
    assert not {node.op_type for node in model.graph.node} - {
        "Pad", "Slice", "Conv", "LeakyRelu", "Add", "DepthToSpace",
    }  # fmt: skip


def test_released_answer_is_what_the_file_computes() -> None:
    """The known answer in the manifest is what the released file makes of the known tile."""
    entry = swift_entry()
    content = (MODELS / entry["answer"]["path"]).read_bytes()
    assert len(content) == entry["answer"]["size_bytes"]
    assert hashlib.sha256(content).hexdigest() == entry["answer"]["sha256"]
    swift = OnnxRuntime(Network((MODELS / "swift.onnx").read_bytes()))
    asyncio.run(answer.check(swift, content))


def test_released_file_needs_no_more_than_its_halo() -> None:
    """The enlargement of a part with `halo_px` around it is that part of the whole's."""
    halo = swift_entry()["halo_px"]
    enlarge = by_onnxruntime(MODELS / "swift.onnx")
    whole = np.random.default_rng(5).integers(0, 256, (60, 70, 3), dtype=np.uint8)
    part = enlarge(whole[20 - halo : 40 + halo, 30 - halo : 50 + halo])
    inside = slice(4 * halo, 4 * (halo + 20))
    expected = enlarge(whole)[80:160, 120:200].astype(int)
    assert np.abs(part[inside, inside] - expected).max() <= 1


def test_released_file_keeps_flat_flat() -> None:
    """Greys and colours stay within one level, to the border."""
    assert flat_deviation(by_onnxruntime(MODELS / "swift.onnx")) <= 1


@needs_shared
def test_released_file_beats_bicubic_on_set14() -> None:
    """The gain over bicubic interpolation is at least 0.8 dB PSNR-Y."""
    pairs = load_set(SHARED / "images" / "eval" / "Set14")
    enlarge = by_onnxruntime(MODELS / "swift.onnx")
    assert mean_psnr_y(pairs, enlarge) >= mean_psnr_y(pairs, bicubic) + 0.8
