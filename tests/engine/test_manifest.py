"""The table of models: read whole or refused."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from fourxl import manifest
from fourxl.errors import BadManifest, UnknownModel

FILE: dict[str, Any] = {
    "path": "a.onnx",
    "size_bytes": 7,
    "sha256": "0123456789abcdef" * 4,
    "url": "/models/a.onnx",
}
CHECKPOINT: dict[str, Any] = {
    "url": "https://example.org/a.pth",
    "size_bytes": 9,
    "sha256": "fedcba9876543210" * 4,
}
MODEL: dict[str, Any] = {
    "id": "a",
    "label": "A",
    "purpose": "Photos.",
    "architecture": "SRVGG",
    "scale": 4,
    "halo_px": 8,
    "min_tile_px": 16,
    "max_tile_px": 512,
    "licence": "MIT",
    "source": "ours",
    "graphs": {"wasm": FILE, "webgpu": FILE},
    "trained": {"checkpoint": CHECKPOINT, "weights": FILE},
    "weak_denoise": {"checkpoint": CHECKPOINT, "weights": None},
    "answer": FILE,
}


def _text(**changes: Any) -> str:
    return json.dumps({"format": 2, "models": [{**MODEL, **changes}]})


def test_a_manifest_keeps_order_and_every_field():
    """Models come back in their order, with each field as written."""
    second = {**MODEL, "id": "b", "graphs": {}, "answer": None}
    table = manifest.parse(json.dumps({"format": 2, "models": [MODEL, second]}).encode())
    assert [asdict(spec) for spec in table.models] == [MODEL, second]


def test_a_model_is_ready_once_its_files_are_made():
    """A graph without its weights, or a checkpoint alone, is a model known by name only."""
    checkpoint_only = {"checkpoint": CHECKPOINT, "weights": None}
    for changes, is_ready in (
        ({}, True),
        ({"trained": None}, True),
        ({"trained": checkpoint_only}, False),
        ({"graphs": {}}, False),
    ):
        assert manifest.parse(_text(**changes)).models[0].is_ready is is_ready


def test_the_files_of_a_model():
    """They are the graphs of the runtimes that are named, both weights and the answer, each file once."""
    other = {**FILE, "path": "b.onnx", "sha256": "f" * 64}
    spec = manifest.parse(_text(graphs={"wasm": other, "webgpu": FILE}, weak_denoise=None)).models[0]
    assert [file.path for file in spec.files("wasm")] == ["b.onnx", "a.onnx"]
    assert [file.path for file in spec.files("webgpu", "onnxruntime")] == ["a.onnx"]
    assert manifest.parse(_text(graphs={})).models[0].files("wasm") == ()
    twins = {"wasm": FILE, "webgpu": {**FILE, "path": "twin.onnx"}}
    spec = manifest.parse(_text(graphs=twins, weak_denoise=None)).models[0]
    assert {file.path for file in spec.files(*twins)} == {"a.onnx", "twin.onnx"}  # one content, two places


def test_a_model_is_found_by_its_name():
    """``find`` returns the model, or refuses and tells what there is."""
    table = manifest.parse(_text())
    assert table.find("a") is table.models[0]
    with pytest.raises(UnknownModel, match="a") as refused:
        table.find("z")
    assert refused.value.fields["model_id"] == "z"


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", "3", '"text"', "{}", b"\xff\xfe\xff", '{"format": 1, "models": []}', '{"format": 2}',
    '{"format": 2, "models": 3}', '{"format": 2, "models": ["a"]}', '{"format": 2, "models": [null]}',
])  # fmt: skip
def test_what_is_no_table_is_refused(text):
    """No JSON, other JSON and another format are refused as a bad manifest."""
    with pytest.raises(BadManifest):
        manifest.parse(text)


def _without(record: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}


@pytest.mark.parametrize("name", MODEL)
def test_each_field_of_a_model_is_needed(name):
    """A model without one of its fields is refused, and so is one whose field has another type."""
    for entry in (_without(MODEL, name), {**MODEL, name: {"a": 1}}, {**MODEL, name: 3.5}):
        with pytest.raises(BadManifest):
            manifest.parse(json.dumps({"format": 2, "models": [entry]}))


@pytest.mark.parametrize("name", ["path", "size_bytes", "sha256"])
def test_each_field_of_a_file_is_needed(name):
    """A file without one of its fields is refused, and so is one whose field has another type."""
    for file in (_without(FILE, name), {**FILE, name: {"a": 1}}):
        with pytest.raises(BadManifest):
            manifest.parse(_text(answer=file))


@pytest.mark.parametrize("name", CHECKPOINT)
def test_each_field_of_a_checkpoint_is_needed(name):
    """A checkpoint without one of its fields is refused, and so is one whose field has another type."""
    for checkpoint in (_without(CHECKPOINT, name), {**CHECKPOINT, name: {"a": 1}}):
        with pytest.raises(BadManifest):
            manifest.parse(_text(trained={"checkpoint": checkpoint, "weights": None}))


@pytest.mark.parametrize("changes", [
    {"scale": 0}, {"scale": "4"}, {"scale": True}, {"halo_px": -1}, {"min_tile_px": 0}, {"min_tile_px": 513},
    {"graphs": {}, "trained": None}, {"unheard_of": 1}, {"graphs": [FILE]}, {"url": 7},
    {"answer": {**FILE, "size_bytes": 0}}, {"answer": {**FILE, "sha256": "abc"}},
    {"graphs": {"wasm": {**FILE, "sha256": FILE["sha256"].upper()}}}, {"answer": {**FILE, "more": 1}},
])  # fmt: skip
def test_nonsense_values_are_refused(changes):
    """Values no model can have, and fields nobody knows, are refused."""
    with pytest.raises(BadManifest):
        manifest.parse(_text(**changes))


def test_two_models_of_one_name_are_refused():
    """A name leads to one model."""
    with pytest.raises(BadManifest, match="id"):
        manifest.parse(json.dumps({"format": 2, "models": [MODEL, MODEL]}))


def test_a_table_can_be_written_again() -> None:
    """The text made of models is read as the same models."""
    models = manifest.parse(_text()).models
    assert manifest.parse(manifest.to_json(models)).models == models
