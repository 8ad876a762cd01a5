"""Networks of the person's own, through the real onnxruntime: good ones work, bad ones tell why not."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is missing: scripts/install train")

from fourxl import image, own_model, own_reasons, pipeline, settings, tiling
from fourxl.errors import BadManifest, RuntimeUnavailable, UnsuitableModel
from fourxl.network import Network
from fourxl.own_form import Form
from fourxl.own_runtime import OwnRuntime
from fourxl_native import cli
from fourxl_native.onnx_runtime import OnnxRuntime
from tests import networks, pictures
from tests.contract.laws import LAWS

if TYPE_CHECKING:
    from collections.abc import Callable

ANY = (1, "c", "h", "w")


def inspected(content: bytes) -> tuple[own_model.OwnModel, OnnxRuntime]:
    """Return what is found out about a network, and its runtime."""
    try:
        runtime = OnnxRuntime(Network(content))
    except RuntimeUnavailable as failure:
        raise own_reasons.refusal(failure) from failure
    return asyncio.run(own_model.inspect(runtime, "mine.onnx", content)), runtime


GOOD: dict[str, tuple[Callable[[], bytes], Form]] = {
    "nearest": (networks.nearest, Form(scale=2)),
    "same size": (lambda: networks.nearest(1), Form(scale=1)),
    "three times": (lambda: networks.nearest(3), Form(scale=3)),
    "four times": (networks.shuffled, Form(scale=4)),
    "named axes": (lambda: networks.nearest(taken=("n", 3, "h", "w")), Form(scale=2)),
    "undeclared": (lambda: networks.nearest(taken=None), Form(scale=2)),
    "undeclared channels": (lambda: networks.shuffled(taken=ANY), Form(scale=4)),
    "to 255": (lambda: networks.shuffled(white=255), Form(scale=4, white=255)),
    "to 255, not clipped": (lambda: networks.shuffled(white=255, clip=False), Form(scale=4, white=255)),
    "from -1": (lambda: networks.shuffled(black=-1), Form(scale=4, black=-1)),
    "grey": (lambda: networks.shuffled(taken=(1, 1, None, None)), Form(1, scale=4)),
    "grey to 255": (
        lambda: networks.shuffled(3, (1, 1, None, None), white=255), Form(1, scale=3, white=255),
    ),
    "channels last": (
        lambda: networks.nearest(4, (1, None, None, 3), (1, 2)), Form(channels_last=True, scale=4),
    ),
    "grey, channels last": (
        lambda: networks.nearest(2, (None, None, None, 1), (1, 2)), Form(1, channels_last=True, scale=2),
    ),
    "fixed": (lambda: networks.shuffled(2, (1, 3, 48, 64)), Form(height=48, width=64, scale=2)),
    "fixed height": (lambda: networks.nearest(2, (1, 3, 40, None)), Form(height=40, scale=2)),
    "fixed, channels last": (
        lambda: networks.nearest(2, (1, 40, 32, 3), (1, 2)),
        Form(channels_last=True, height=40, width=32, scale=2),
    ),
    "steps of 2": (lambda: networks.in_steps(2), Form(multiple_px=2, scale=2)),
    "steps of 8": (lambda: networks.in_steps(8), Form(multiple_px=8, scale=2)),
    "steps of 32": (lambda: networks.in_steps(32), Form(multiple_px=32, scale=2)),
    "rounds to 4": (lambda: networks.in_steps(4, rounds=True), Form(multiple_px=4, scale=2)),
    "fixed, undeclared": (networks.reshaped, Form(height=64, width=64, scale=2)),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_form_is_found_out(name: str) -> None:
    """Layout, channels, range, sizes and scale are what the network was made with."""
    make, form = GOOD[name]
    model, _ = inspected(make())
    assert model.form == form
    assert model.spec.scale == form.scale
    assert model.spec.label == "Own: mine.onnx"
    assert model.spec.is_ready


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("tile_px", [None, 32])
def test_picture_is_enlarged(name: str, tile_px: int | None) -> None:
    """Through the whole pipeline, in tiles too, the picture comes out larger by the scale, and as it is."""
    model, runtime = inspected(GOOD[name][0]())
    scene = pictures.scene(90, 70)
    sink = io.BytesIO()

    async def open_runtime() -> OwnRuntime:
        return OwnRuntime(runtime, model.form)

    job = settings.JobSettings(model_id=model.spec.id, tile_px=tile_px)
    asyncio.run(
        pipeline.upscale(pictures.encoded(scene), job, model.spec, open_runtime, sink, lambda _: None)
    )
    planes = image.decode(sink.getvalue()).planes.astype(np.float64)
    scale = model.form.scale
    assert planes.shape == (3, 70 * scale, 90 * scale)
    reduced = planes.reshape(3, 70, scale, 90, scale).mean(axis=(2, 4))
    off = np.abs(reduced - np.asarray(scene).transpose(2, 0, 1))
    if "rounds" not in name:  # which blurs
        assert off.mean() < 0.04 * 255


LAWFUL = ("four times", "to 255", "channels last", "steps of 8", "grey")


@pytest.mark.parametrize("law", sorted(set(LAWS) - {"flat_stays_flat", "answer_lies_as_its_tile"}))
@pytest.mark.parametrize("name", LAWFUL)
def test_law(name: str, law: str) -> None:
    """An own network keeps the laws of runtimes, but for those of good numbers, which are its own affair."""
    model, runtime = inspected(GOOD[name][0]())

    async def scenario() -> None:
        await LAWS[law](OwnRuntime(runtime, model.form), model.form.scale)

    asyncio.run(scenario())


@pytest.mark.parametrize("name", networks.BAD)
def test_unsuitable_network_tells_why(name: str) -> None:
    """A file that is no network for enlarging is refused with the reason, as one sentence."""
    make, words = networks.BAD[name]
    with pytest.raises(UnsuitableModel, match=words) as told:
        inspected(make())
    assert told.value.message.endswith(".")
    assert "\n" not in told.value.message
    assert len(told.value.message) < 400


@pytest.mark.parametrize("side", [16, 20, 24, 64, 500])
def test_tiles_of_a_fixed_network_fit_it(side: int) -> None:
    """Tiles, halo included, are never larger than a network takes, and still bring new pixels."""
    spec = inspected(networks.nearest(2, (1, 3, side, side)))[0].spec
    assert spec.max_tile_px == side
    assert tiling.smallest_tile(spec.halo_px, spec.min_tile_px) <= side
    assert spec.halo_px == min(own_model.HALO_PX, side // 4, (side - 12) // 2)


def test_one_file_is_one_model() -> None:
    """The same bytes are the same model whatever the file is called; other bytes are another."""
    first, runtime = inspected(networks.nearest())
    again = asyncio.run(own_model.inspect(runtime, "other.onnx", networks.nearest()))
    assert first.spec.id == again.spec.id != inspected(networks.nearest(3))[0].spec.id


def test_known_models_can_be_written_down() -> None:
    """What was found out is read back as it was; anything else is told."""
    known = tuple(inspected(GOOD[name][0]())[0] for name in ("steps of 8", "fixed", "grey to 255"))
    assert own_model.from_json(own_model.to_json(known)) == known
    for text in ("", "[]", '{"table": "{}", "forms": []}', own_model.to_json(known).replace("scale", "size")):
        with pytest.raises(BadManifest):
            own_model.from_json(text)


def test_mirrored_surplus_is_cut_off() -> None:
    """A tile that is smaller than the network's only size is enlarged as it is, without what fills it up."""
    model, runtime = inspected(networks.nearest(2, (1, 3, 40, 40)))
    tile: np.ndarray[Any, Any] = np.random.default_rng(3).random((1, 3, 17, 23), np.float32)
    result = asyncio.run(OwnRuntime(runtime, model.form).run(tile))
    assert np.array_equal(result, tile.repeat(2, axis=2).repeat(2, axis=3))


def enlarge(folder: Path, content: bytes, *arguments: str) -> int:
    """Run the command line on a picture with a network, both in ``folder``, and return its exit code."""
    (folder / "photo.png").write_bytes(pictures.encoded(pictures.scene()))
    (folder / "Mine.ONNX").write_bytes(content)
    return cli.main([str(folder / "photo.png"), "--model", str(folder / "Mine.ONNX"), *arguments])


def test_command_line_takes_a_file(tmp_path: Path) -> None:
    """The name of an ONNX file in place of a model's enlarges with that network, and names the result so."""
    assert enlarge(tmp_path, networks.shuffled(3, white=255)) == 0
    size = image.decode((tmp_path / "photo_3x.png").read_bytes()).size
    assert (size.width, size.height) == (72 * 3, 56 * 3)


def test_command_line_tells_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be used fails with the reason, and leaves no result."""
    assert enlarge(tmp_path, networks.classifier()) == 1
    assert capsys.readouterr().err.startswith("fourxl: This network gives no picture")
    assert {path.name for path in tmp_path.iterdir()} == {"photo.png", "Mine.ONNX"}


def test_command_line_names_a_file_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A network that is not there is named."""
    photo = tmp_path / "photo.png"
    photo.write_bytes(pictures.encoded(pictures.scene()))
    assert cli.main([str(photo), "--model", str(tmp_path / "none.onnx")]) == 1
    assert f"{tmp_path / 'none.onnx'}: No such file" in capsys.readouterr().err
