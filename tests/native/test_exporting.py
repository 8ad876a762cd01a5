"""scripts/export_onnx.py, from a published checkpoint on a host to files that the engine loads."""

from __future__ import annotations

import asyncio
import hashlib
import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: scripts/install train")

import onnx  # noqa: E402  (these need what torch's extra installs)
import onnxruntime  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from fourxl import answer, manifest, network, weights  # noqa: E402
from fourxl.errors import WrongNumbers  # noqa: E402
from fourxl_native.networks import build  # noqa: E402
from fourxl_native.onnx_runtime import OnnxRuntime  # noqa: E402
from scripts import model_table  # noqa: E402
from scripts.exporting import release  # noqa: E402
from scripts.exporting.command import main  # noqa: E402
from scripts.exporting.errors import ExportError  # noqa: E402
from scripts.exporting.externalize import externalize, layout_of, pack  # noqa: E402
from scripts.exporting.graphs import draw  # noqa: E402
from scripts.exporting.jobs import prepare  # noqa: E402
from scripts.exporting.onnx_file import enlarged  # noqa: E402
from scripts.exporting.pictures import psnr, read_photo  # noqa: E402
from tests.release_server import Host, running  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
SMALL = "compact 8x2"
RUNTIMES = ("wasm", "webgpu", "onnxruntime")
NAMES = ("photo", "photo-wdn", "drawing")
"""Checkpoints on the host: of a model, of its weak training, and of a second model like the first."""


def trained(name: str) -> dict[str, torch.Tensor]:
    """The state that the checkpoint of that name holds; half precision cannot hold it exactly."""
    generator = torch.Generator().manual_seed(len(name))
    return {
        key: tensor + torch.randn(tensor.shape, generator=generator) * 0.01
        for key, tensor in draw(SMALL).state_dict().items()
    }


def as_network(name: str) -> torch.nn.Module:
    """The network with that state."""
    built = build(SMALL)
    built.load_state_dict(trained(name))
    return built


@pytest.fixture(scope="module")
def checkpoints() -> dict[str, bytes]:
    """The published files."""
    files = {}
    for name in NAMES:
        file = io.BytesIO()
        torch.save({"params": draw(SMALL).state_dict(), "params_ema": trained(name)}, file)
        files[f"{name}.pth"] = file.getvalue()
    return files


@pytest.fixture
def host(checkpoints: dict[str, bytes]) -> Iterator[Host]:
    """A host that has them."""
    with running() as host:
        host.files = dict(checkpoints)
        yield host


@pytest.fixture
def folder(tmp_path: Path, host: Host) -> Path:
    """A folder of models in which nothing has been made yet."""
    folder = tmp_path / "models"
    folder.mkdir()
    like = next(model for model in model_table.read(model_table.MODELS) if model["trained"])
    for model_id, weak in (("drawing", None), ("photo", "photo-wdn")):
        entry = {
            **like,
            "id": model_id,
            "architecture": SMALL,
            "source": "Stand-ins v1",
            "graphs": {},
            "trained": published(host, model_id),
            "weak_denoise": weak and published(host, weak),
            "answer": None,
        }
        model_table.put(folder, entry)
    return folder


def published(host: Host, name: str) -> dict[str, Any]:
    """What the table says of a training that nobody has exported yet."""
    content = host.files[f"{name}.pth"]
    return {
        "checkpoint": {
            "url": f"{host.address}/v1/{name}.pth",
            "size_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
        "weights": None,
    }


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small picture that is not the one the network knows."""
    path = tmp_path / "photo.png"
    levels = np.random.default_rng(8).integers(0, 256, (20, 28, 3), dtype=np.uint8)
    Image.fromarray(levels).resize((56, 40), Image.Resampling.BICUBIC).save(path)
    return path


def export(folder: Path, *arguments: str | Path) -> None:
    """Run the command in this process, with a cache and a photo of the test's own."""
    options = ["--models", folder, "--cache", folder.parent / "cache", "--photo", folder.parent / "photo.png"]
    main([str(word) for word in (*arguments, *options)])


def spec_of(folder: Path, model_id: str) -> manifest.ModelSpec:
    """The model in the folder's table."""
    return manifest.parse((folder / "manifest.json").read_bytes()).find(model_id)


def result_of(folder: Path, model_id: str, runtime: str, denoise: float, picture: Any) -> Any:
    """What the engine makes of a picture with the files of the folder."""

    async def run() -> Any:
        source = weights.FolderSource(folder)
        loaded = await network.load(spec_of(folder, model_id), runtime, source, denoise=denoise)
        return await OnnxRuntime(loaded).run(picture)

    return asyncio.run(run())


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("photo")
def test_all_models_come_from_their_host(
    folder: Path, host: Host, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No name given, every model is made, with its weak training; each graph computes what torch does."""
    export(folder)
    assert sorted(name for name, _ in host.asked) == ["drawing.pth", "photo-wdn.pth", "photo.pth"]
    picture = read_photo(photo)
    for model_id, name, denoise in (
        ("photo", "photo", 1),
        ("photo", "photo-wdn", 0),
        ("drawing", "drawing", 1),
    ):
        wanted = enlarged(as_network(name), picture)
        for runtime in RUNTIMES:
            assert psnr(result_of(folder, model_id, runtime, denoise, picture), wanted) >= 60
    assert sorted(snapshot(folder)) == [
        "answers/drawing.png", "answers/photo.png", "drawing.safetensors",
        *(f"graphs/compact-8x2.{runtime}.onnx" for runtime in sorted(RUNTIMES)),
        "manifest.json", "photo-wdn.safetensors", "photo.safetensors",
    ]  # fmt: skip
    said = capsys.readouterr().out
    assert "largest difference of ONNX from torch" in said
    assert "weak_denoise, " in said


@pytest.mark.usefixtures("photo")
def test_one_model_leaves_the_others(folder: Path) -> None:
    """The others of its architecture get its graphs, and nothing else changes; they are not ready."""
    before = {entry["id"]: entry for entry in model_table.read(folder)}
    export(folder, "photo")
    after = {entry["id"]: entry for entry in model_table.read(folder)}
    assert {**after["drawing"], "graphs": {}} == before["drawing"]
    assert after["drawing"]["graphs"] == after["photo"]["graphs"]
    assert [spec_of(folder, name).is_ready for name in ("photo", "drawing")] == [True, False]
    same = ("label", "purpose", "licence", "source", "halo_px")
    assert [after["photo"][key] for key in same] == [before["photo"][key] for key in same]


@pytest.mark.usefixtures("photo")
def test_making_a_model_again_gives_the_same_bytes(folder: Path, host: Host) -> None:
    """The second run downloads nothing and changes nothing."""
    export(folder, "--model", "photo")
    before, host.files = snapshot(folder), {}
    export(folder, "photo", "photo")
    assert snapshot(folder) == before


@pytest.mark.usefixtures("photo")
def test_the_answer_is_of_the_stored_weights(folder: Path) -> None:
    """It is what the network with rounded weights makes of the known tile, to half a level."""
    export(folder, "photo")
    rounded = build(SMALL)
    rounded.load_state_dict({key: tensor.half().float() for key, tensor in trained("photo").items()})
    with Image.open(folder / "answers/photo.png") as picture:
        stored = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1)
    wanted = enlarged(rounded, answer.tile())[0].clip(0, 1) * 255
    assert np.abs(stored - wanted).max() < 0.51


@pytest.mark.usefixtures("photo")
def test_a_model_is_made_without_its_weak_training(
    folder: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    """When only that cannot be had the model works, without a denoise strength, and the run says so."""
    del host.files["photo-wdn.pth"]
    with pytest.raises(SystemExit) as raised:
        export(folder, "photo")
    assert raised.value.code == 1
    assert "photo was made without a denoise strength" in capsys.readouterr().err
    assert spec_of(folder, "photo").is_ready
    assert not spec_of(folder, "photo").can_denoise


@pytest.mark.usefixtures("photo")
def test_one_failure_does_not_stop_the_rest(
    folder: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other models are made; the sentence names the one that was not."""
    host.files["photo.pth"] = b"!" + host.files["photo.pth"][1:]
    with pytest.raises(SystemExit):
        export(folder)
    assert "photo was not made" in capsys.readouterr().err
    assert [spec_of(folder, name).is_ready for name in ("photo", "drawing")] == [False, True]


@pytest.mark.usefixtures("photo")
def test_published_files_may_be_here_already(folder: Path, host: Host, tmp_path: Path) -> None:
    """Named in any order, each goes where its hash belongs, and the host is not asked."""
    files, host.files = dict(host.files), {}
    options = []
    for number, name in enumerate(("photo-wdn", "photo")):
        (tmp_path / f"{number}.pth").write_bytes(files[f"{name}.pth"])
        options += ["--checkpoint", tmp_path / f"{number}.pth"]
    export(folder, "photo", *options)
    assert spec_of(folder, "photo").can_denoise
    assert host.asked == []
    picture = answer.tile()
    for name, denoise in (("photo", 1), ("photo-wdn", 0)):
        wanted = enlarged(as_network(name), picture)
        assert psnr(result_of(folder, "photo", "wasm", denoise, picture), wanted) >= 60


@pytest.mark.usefixtures("photo")
@pytest.mark.parametrize("models", [["drawing"], []])
def test_other_files_are_refused(folder: Path, host: Host, tmp_path: Path, models: list[str]) -> None:
    """A file that is no published checkpoint of the models is not used, and nothing is made."""
    (tmp_path / "a.pth").write_bytes(host.files["photo.pth"] + b"!")
    before = snapshot(folder)
    with pytest.raises(SystemExit, match="not a published checkpoint"):
        export(folder, *models, "--checkpoint", tmp_path / "a.pth")
    with pytest.raises(SystemExit, match="no file"):
        export(folder, *models, "--checkpoint", tmp_path / "none.pth")
    assert snapshot(folder) == before
    assert host.asked == []


@pytest.mark.usefixtures("photo")
def test_a_checkpoint_of_another_network_changes_nothing(
    folder: Path, host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also when its hash is the published one."""
    torch.save({"params": build("compact 8x1").state_dict()}, tmp_path / "other.pth")
    host.files["photo.pth"] = (tmp_path / "other.pth").read_bytes()
    model_table.change(folder, {"photo": {"trained": published(host, "photo")}})
    before = snapshot(folder)
    with pytest.raises(SystemExit):
        export(folder, "photo")
    assert "lacks body.5.weight, body.6.bias, body.6.weight" in capsys.readouterr().err
    assert snapshot(folder) == before


def test_a_graph_that_computes_something_else_is_not_published(folder: Path, photo: Path) -> None:
    """Two weights that have changed places are noticed, and the folder is left as it was."""
    prepared = prepare(SMALL)
    layout = layout_of(pack(trained("photo")))
    layout["body.2.weight"], layout["body.4.weight"] = layout["body.4.weight"], layout["body.2.weight"]
    swapped = externalize(prepared.model, layout).SerializeToString()
    wrong = replace(prepared, graphs={**prepared.graphs, "wasm": swapped})
    before = snapshot(folder)
    picture = read_photo(photo)
    with pytest.raises(WrongNumbers):
        release.add_model(folder, "photo", "", wrong, {"trained": as_network("photo")}, picture)
    with pytest.raises(ExportError, match="60 dB are required"):
        release.add_graphs(folder, wrong, picture)
    assert snapshot(folder) == before


@pytest.mark.usefixtures("photo")
def test_graphs_need_no_checkpoint(folder: Path, host: Host) -> None:
    """They are the ones that a model's export writes, and the models stay without weights."""
    export(folder, "--graphs-only")
    graphs = snapshot(folder / "graphs")
    assert host.asked == []
    assert not spec_of(folder, "photo").is_ready
    export(folder, "photo")
    assert snapshot(folder / "graphs") == graphs


@pytest.mark.usefixtures("photo")
def test_one_plain_file_for_other_programs(folder: Path, tmp_path: Path) -> None:
    """With --output the folder of models is left alone; the file holds its weights in float32."""
    before = snapshot(folder)
    export(folder, "--model", "photo", "--output", tmp_path / "deep/x4.onnx")
    export(folder, "--output", tmp_path / "onnx_models")
    assert snapshot(folder) == before
    assert sorted(path.name for path in (tmp_path / "onnx_models").iterdir()) == [
        "drawing.onnx",
        "photo.onnx",
    ]
    assert (tmp_path / "deep/x4.onnx").read_bytes() == (tmp_path / "onnx_models/photo.onnx").read_bytes()
    plain = tmp_path / "deep/x4.onnx"
    onnx.checker.check_model(plain, full_check=True)
    picture = answer.tile()
    (result,) = onnxruntime.InferenceSession(plain).run(None, {"input": picture})
    assert np.abs(result - enlarged(as_network("photo"), picture)).max() < 1e-4
    with pytest.raises(SystemExit, match="name one model"):
        export(folder, "--output", tmp_path / "x4.onnx")


@pytest.mark.usefixtures("photo")
def test_unverified_weights_are_called_so(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any weights that fit are taken, a second file as the weak training; table and output say so."""
    for name in ("photo", "photo-wdn"):
        save_file(
            {key: tensor.half() for key, tensor in trained(name).items()}, tmp_path / f"{name}.safetensors"
        )
    options = [
        word for name in ("photo", "photo-wdn") for word in ("--checkpoint", tmp_path / f"{name}.safetensors")
    ]
    export(folder, "photo", "--unverified", *options)
    assert "NOT the published model" in capsys.readouterr().out
    assert spec_of(folder, "photo").source == "Stand-ins v1, from unverified weights"
    assert spec_of(folder, "photo").can_denoise
    export(folder, "photo")
    assert spec_of(folder, "photo").source == "Stand-ins v1"


def test_unverified_weights_stay_out_of_the_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own folder of models is refused, by whatever path it is named."""
    before = snapshot(model_table.MODELS)
    for named in ([], ["--models", str(model_table.MODELS / ".." / "models")]):
        with pytest.raises(SystemExit):
            main(["realesr-animevideov3", "--unverified", "--checkpoint", str(tmp_path / "a.pth"), *named])
        assert "not for the repository's own models" in capsys.readouterr().err
    assert snapshot(model_table.MODELS) == before


@pytest.mark.usefixtures("photo")
@pytest.mark.parametrize(
    "models", [["photo", "drawing"], [], ["drawing", "--checkpoint", "b", "--checkpoint", "c"]]
)
def test_unverified_weights_are_of_one_model(folder: Path, models: list[str]) -> None:
    """With several models, or more files than trainings, nobody could tell what a file is."""
    with pytest.raises(SystemExit, match="--unverified wants one model"):
        export(folder, "--unverified", "--checkpoint", "a", *models)


@pytest.mark.usefixtures("photo")
def test_a_new_folder_begins_as_the_repositorys(tmp_path: Path, host: Host) -> None:
    """So that what is made can be served at once; the bundled model has no checkpoint to be made from."""
    with pytest.raises(SystemExit, match="swift has no published checkpoint"):
        export(tmp_path / "new", "swift")
    assert snapshot(tmp_path / "new") == snapshot(model_table.MODELS)
    with pytest.raises(SystemExit, match="no model 'RealESRGAN_x2'"):
        export(tmp_path / "new", "RealESRGAN_x2")
    assert host.asked == []


def test_names_of_the_original_are_known() -> None:
    """Its three models are made under the names they always had."""
    known = {model["id"] for model in model_table.read(model_table.MODELS)}
    assert {"RealESRGAN_x4plus", "RealESRNet_x4plus", "RealESRGAN_x4plus_anime_6B"} <= known


@pytest.mark.parametrize("command", [["scripts/export_onnx.py"], ["-m", "scripts.export_onnx"]])
def test_both_ways_to_start_the_command(command: list[str]) -> None:
    """By its path and as a module."""
    done = subprocess.run(
        [sys.executable, *command, "--help"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert "--checkpoint FILE" in done.stdout
