"""The table of models: read whole or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fourxl import manifest
from fourxl.errors import BadManifest, UnknownModel

FILE: dict[str, Any] = {
    "variant": "fp32",
    "path": "a.onnx",
    "size_bytes": 7,
    "sha256": "0123456789abcdef" * 4,
    "url": None,
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
    "files": [FILE],
}


def _text(**changes: Any) -> str:
    return json.dumps({"format": 1, "models": [{**MODEL, **changes}]})


def test_a_manifest_keeps_order_and_every_field():
    """Models come back in their order, with each field as written."""
    second = {**MODEL, "id": "b", "files": [{**FILE, "url": "/b.onnx"}]}
    table = manifest.parse(json.dumps({"format": 1, "models": [MODEL, second]}).encode())
    assert [spec.id for spec in table.models] == ["a", "b"]
    for spec, entry in zip(table.models, (MODEL, second), strict=True):
        assert {name: getattr(spec, name) for name in entry if name != "files"} == {
            name: value for name, value in entry.items() if name != "files"
        }
        assert [{name: getattr(file, name) for name in FILE} for file in spec.files] == entry["files"]


def test_a_model_is_found_by_its_name():
    """``find`` returns the model, or refuses and tells what there is."""
    table = manifest.parse(_text())
    assert table.find("a") is table.models[0]
    with pytest.raises(UnknownModel, match="a") as refused:
        table.find("z")
    assert refused.value.fields == {"model_id": "z"}


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", "3", '"text"', "{}", b"\xff\xfe\xff", '{"format": 2, "models": []}', '{"format": 1}',
    '{"format": 1, "models": 3}', '{"format": 1, "models": ["a"]}', '{"format": 1, "models": [null]}',
])  # fmt: skip
def test_what_is_no_table_is_refused(text):
    """No JSON, other JSON and another format are refused as a bad manifest."""
    with pytest.raises(BadManifest):
        manifest.parse(text)


@pytest.mark.parametrize("name", MODEL)
def test_each_field_of_a_model_is_needed(name):
    """A model without one of its fields is refused, and so is one whose field has another type."""
    for entry in ({key: value for key, value in MODEL.items() if key != name}, {**MODEL, name: {"a": 1}}):
        with pytest.raises(BadManifest):
            manifest.parse(json.dumps({"format": 1, "models": [entry]}))


@pytest.mark.parametrize("name", FILE)
def test_each_field_of_a_file_is_needed(name):
    """A file without one of its fields is refused, and so is one whose field has another type."""
    for file in ({key: value for key, value in FILE.items() if key != name}, {**FILE, name: {"a": 1}}):
        with pytest.raises(BadManifest):
            manifest.parse(_text(files=[file]))


@pytest.mark.parametrize("changes", [
    {"scale": 0}, {"scale": "4"}, {"scale": True}, {"halo_px": -1}, {"min_tile_px": 0}, {"min_tile_px": 513},
    {"files": []}, {"unheard_of": 1},
    {"files": [{**FILE, "size_bytes": 0}]}, {"files": [{**FILE, "sha256": "abc"}]},
    {"files": [{**FILE, "sha256": FILE["sha256"].upper()}]}, {"files": [{**FILE, "more": 1}]},
])  # fmt: skip
def test_nonsense_values_are_refused(changes):
    """Values no model can have, and fields nobody knows, are refused."""
    with pytest.raises(BadManifest):
        manifest.parse(_text(**changes))


def test_two_models_of_one_name_are_refused():
    """A name leads to one model."""
    with pytest.raises(BadManifest, match="id"):
        manifest.parse(json.dumps({"format": 1, "models": [MODEL, MODEL]}))
