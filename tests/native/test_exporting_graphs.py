"""Graphs without weights: the same for all weights, and each tensor in its place beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: scripts/install train")

import onnx  # noqa: E402  (these need what torch's extra installs)
from safetensors.torch import load  # noqa: E402

from fourxl.network import WEIGHTS_NAME, Network  # noqa: E402
from fourxl_native.networks import build  # noqa: E402
from scripts import model_table  # noqa: E402
from scripts.exporting.errors import ExportError  # noqa: E402
from scripts.exporting.externalize import externalize, layout_of, pack  # noqa: E402
from scripts.exporting.graphs import draw, fill  # noqa: E402
from scripts.exporting.jobs import prepare  # noqa: E402
from scripts.exporting.onnx_file import enlarged, max_difference  # noqa: E402
from scripts.exporting.pictures import psnr, read_photo  # noqa: E402
from scripts.exporting.trial import run  # noqa: E402
from scripts.optimize_onnx import variants  # noqa: E402

SMALL = ("compact 8x2", "rrdb 1")
RUNTIMES = ("wasm", "webgpu", "onnxruntime")
PHOTO = read_photo(None)[:, :, :19, :26]


def models() -> list[dict[str, Any]]:
    """Real-ESRGAN's models of the table."""
    return [model for model in model_table.read(model_table.MODELS) if model["trained"]]


def other_state(architecture: str) -> dict[str, torch.Tensor]:
    """Weights that no other test uses, exact in half precision."""
    generator = torch.Generator().manual_seed(11)
    return {
        key: (tensor + torch.randn(tensor.shape, generator=generator) * 0.02).half().float()
        for key, tensor in draw(architecture).state_dict().items()
    }


@pytest.mark.parametrize("architecture", SMALL)
def test_a_traced_graph_takes_any_weights(architecture: str, tmp_path: Path) -> None:
    """The weights exchanged, the file computes what the network with those weights does, and no other."""
    network, state = build(architecture), other_state(architecture)
    network.load_state_dict(state)
    onnx.save(fill(prepare(architecture).model, state), tmp_path / "a.onnx")
    assert max_difference(network, tmp_path / "a.onnx") < 1e-4
    assert max_difference(draw(architecture), tmp_path / "a.onnx") > 1e-3


@pytest.mark.parametrize("architecture", SMALL)
def test_weights_keep_their_official_names(architecture: str) -> None:
    """Also those that torch reshapes, and that are alike in an untrained network."""
    names = {tensor.name for tensor in prepare(architecture).model.graph.initializer}
    assert set(build(architecture).state_dict()) <= names


@pytest.mark.parametrize("architecture", SMALL)
def test_graphs_hold_no_weights(architecture: str) -> None:
    """Optimised with other weights they are the same bytes, of which the weights would be most."""
    prepared, state = prepare(architecture), other_state(architecture)
    layout = layout_of(pack(state))
    assert layout == layout_of(pack(draw(architecture).state_dict()))
    again = variants(fill(prepared.model, state))
    assert set(prepared.graphs) == set(again) == set(RUNTIMES)
    for runtime, graph in prepared.graphs.items():
        assert externalize(again[runtime], layout).SerializeToString(deterministic=True) == graph


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("architecture", SMALL)
def test_graphs_compute_what_the_network_does(architecture: str, runtime: str) -> None:
    """With weights that half precision holds exactly, of any size of picture: more than 80 dB."""
    network, state = build(architecture), other_state(architecture)
    network.load_state_dict(state)
    loaded = Network(prepare(architecture).graphs[runtime], pack(state))
    for picture in (PHOTO, PHOTO[:, :, :1, :1], PHOTO[:, :, :5, :17]):
        assert psnr(run(loaded, picture), enlarged(network, picture)) > 80


def test_weights_are_half_precision_and_nothing_else() -> None:
    """The file is safetensors without notes; its layout says where each tensor lies."""
    state = other_state("compact 8x2")
    packed = pack(state)
    back = load(packed)
    assert set(back) == set(state)
    assert all(torch.equal(back[key], tensor.half()) for key, tensor in state.items())
    assert b"__metadata__" not in packed
    for name, place in layout_of(packed).items():
        lies = np.frombuffer(packed, np.float16, place.size_bytes // 2, place.offset_bytes)
        assert place.shape == tuple(state[name].shape)
        assert np.array_equal(lies, state[name].half().numpy().ravel())


def test_too_large_weights_are_refused() -> None:
    """What half precision would make infinite is named."""
    with pytest.raises(ExportError, match=r"body\.0\.weight has values"):
        pack({"body.0.weight": torch.tensor([70000.0])})


def test_a_graph_that_lost_a_weight_is_refused() -> None:
    """An optimiser that computes with the weights would tie the graph to them."""
    prepared = prepare("compact 8x2")
    layout = layout_of(pack(other_state("compact 8x2")))
    layout["body.9.weight"] = layout["body.0.weight"]
    with pytest.raises(ExportError, match=r"body\.9\.weight"):
        externalize(prepared.model, layout)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("model", models(), ids=lambda model: model["id"])
def test_committed_graphs_are_what_the_table_says(model: dict[str, Any], runtime: str) -> None:
    """Size and hash, one file for all models of an architecture, and every weight outside."""
    file = model["graphs"][runtime]
    assert file == model_table.describe(model_table.MODELS, file["path"])
    assert file["path"] == f"graphs/{model['architecture'].replace(' ', '-')}.{runtime}.onnx"
    graph = onnx.load(model_table.MODELS / file["path"], load_external_data=False).graph
    outside = {tensor.name: tensor for tensor in graph.initializer if tensor.external_data}
    assert set(outside) == set(build(model["architecture"]).state_dict())
    assert {entry.value for tensor in outside.values() for entry in tensor.external_data[:1]} == {
        WEIGHTS_NAME
    }
    assert sum(tensor.ByteSize() for tensor in graph.initializer if tensor.name not in outside) < 20_000


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("architecture", ["compact 64x32", "compact 64x16", "rrdb 23", "rrdb 6"])
def test_committed_graphs_compute_what_the_network_does(architecture: str, runtime: str) -> None:
    """With drawn weights, rounded: at least 60 dB."""
    model = next(model for model in models() if model["architecture"] == architecture)
    state = {key: tensor.half().float() for key, tensor in draw(architecture).state_dict().items()}
    network = build(architecture)
    network.load_state_dict(state)
    graph = (model_table.MODELS / model["graphs"][runtime]["path"]).read_bytes()
    assert psnr(run(Network(graph, pack(state)), PHOTO), enlarged(network, PHOTO)) >= 60


@pytest.mark.parametrize(
    ("model_id", "most_bytes"), [("realesr-general-x4v3", 2_500_000), ("RealESRGAN_x4plus", 34_000_000)]
)
def test_downloads_are_small(model_id: str, most_bytes: int) -> None:
    """The larger graph and the weights together, of whatever values."""
    model = next(model for model in models() if model["id"] == model_id)
    graph_bytes = max(file["size_bytes"] for file in model["graphs"].values())
    weights_bytes = len(pack(build(model["architecture"]).state_dict()))
    assert graph_bytes + weights_bytes <= most_bytes


def test_committed_graphs_are_up_to_date() -> None:
    """The scripts as they are now make the committed bytes."""
    graphs = prepare("compact 64x16").graphs
    for runtime, graph in graphs.items():
        committed = (model_table.MODELS / f"graphs/compact-64x16.{runtime}.onnx").read_bytes()
        assert committed == graph, "run scripts/export_onnx.py --graphs-only"


def test_putting_a_model_leaves_the_others(tmp_path: Path) -> None:
    """A model replaces its own entry in place; changing fields leaves the rest of it."""
    for entry in ({"id": "a", "x": 1}, {"id": "b", "y": 1}, {"id": "a", "x": 2}):
        model_table.put(tmp_path, entry)
    model_table.change(tmp_path, {"b": {"z": 3}})
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8")) == {
        "format": 2,
        "models": [{"id": "b", "y": 1, "z": 3}, {"id": "a", "x": 2}],
    }
