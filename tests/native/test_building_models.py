"""The models of a built site: offered are those that its page can really fetch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fourxl import manifest
from scripts.building import models
from tests.stand_ins import publish

if TYPE_CHECKING:
    from pathlib import Path

    from fourxl.manifest import Manifest

CHECKPOINT = {"url": "https://example.org/a.pth", "size_bytes": 9, "sha256": "0" * 64}
FACTS = {
    "label": "Photos",
    "purpose": "Photos.",
    "architecture": "rrdb",
    "scale": 4,
    "halo_px": 8,
    "min_tile_px": 16,
    "max_tile_px": 512,
    "licence": "MIT",
    "source": "ours",
}
BUNDLED, TRAINED = "bundled", "trained"
each = pytest.mark.parametrize


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give a folder with a bundled model and one whose graph, weights and answer lie apart."""
    folder = tmp_path / "models"
    graph = publish(folder, "graphs/a.wasm.onnx", b"graph")
    bundled = publish(folder, "bundled.onnx", b"everything")
    write_table(
        folder,
        {
            **FACTS,
            "id": BUNDLED,
            "label": "Bundled",
            "graphs": {"wasm": bundled, "webgpu": bundled},
            "trained": None,
            "weak_denoise": None,
            "answer": None,
        },
        {
            **FACTS,
            "id": TRAINED,
            "graphs": {"wasm": graph, "webgpu": graph},
            "trained": {"checkpoint": CHECKPOINT, "weights": publish(folder, "a.safetensors", b"weights")},
            "weak_denoise": {"checkpoint": CHECKPOINT, "weights": publish(folder, "weak.safetensors", b"w")},
            "answer": publish(folder, "answers/a.png", b"picture"),
        },
    )
    return folder


def write_table(folder: Path, *entries: dict[str, Any]) -> None:
    """Write the table of models."""
    (folder / "manifest.json").write_text(json.dumps({"format": manifest.FORMAT, "models": entries}))


def entry(folder: Path, model_id: str) -> dict[str, Any]:
    """Return what the table says of one model."""
    found: dict[str, Any] = {
        model["id"]: model for model in json.loads((folder / "manifest.json").read_text())["models"]
    }[model_id]
    return found


def copied(source: Path, target: Path) -> tuple[Manifest, list[str]]:
    """Copy the models; return the table of the copy and what was said."""
    said: list[str] = []
    models.copy_models(source, target, said.append)
    return manifest.parse((target / "manifest.json").read_bytes()), said


def names(folder: Path) -> set[str]:
    """Return the paths of all files below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_the_table_names_is_copied(source: Path, tmp_path: Path) -> None:
    """Every file goes to the same place below the site's folder, the table as it was; nothing else goes along."""
    (source / "README.md").write_text("About the models.")
    (source / "left-over.onnx").write_text("of another time")
    table, said = copied(source, tmp_path / "site")
    assert names(tmp_path / "site") == names(source) - {"README.md", "left-over.onnx"}
    assert table == manifest.parse((source / "manifest.json").read_bytes())
    assert not said


@each("lost", ["graphs/a.wasm.onnx", "a.safetensors", "weak.safetensors", "answers/a.png"])
@each("how", ["missing", "flipped", "longer", "a web page"])
def test_a_model_with_a_wrong_file_is_not_offered(lost: str, how: str, source: Path, tmp_path: Path) -> None:
    """A file that is missing or wrong is told by name, and its model is known by name only; the other stays."""
    content = (source / lost).read_bytes()
    if how == "missing":
        (source / lost).unlink()
    else:
        wrong = {
            "flipped": bytes([content[0] ^ 1]) + content[1:],
            "longer": content + b"!",
            "a web page": b"<!doctype html>",
        }
        (source / lost).write_bytes(wrong[how])
    table, said = copied(source, tmp_path / "site")
    assert [spec.is_ready for spec in table.models] == [True, False]
    (sentence,) = said
    assert lost in sentence
    assert "will not offer Photos" in sentence
    assert lost not in names(tmp_path / "site")
    assert lost not in (tmp_path / "site" / "manifest.json").read_text()


def test_a_bundled_model_without_its_file_is_left_out(source: Path, tmp_path: Path) -> None:
    """A model that is nothing but its graph cannot be made by anybody, so it is not even named."""
    (source / "bundled.onnx").unlink()
    table, said = copied(source, tmp_path / "site")
    assert [spec.id for spec in table.models] == [TRAINED]
    assert "bundled.onnx" in said[0]


def test_a_model_that_has_not_been_made_is_named_without_files(source: Path, tmp_path: Path) -> None:
    """A model without weights is known by name; its graphs stay away, and nothing is said of it."""
    raw = entry(source, TRAINED)
    raw["trained"]["weights"] = None
    write_table(source, entry(source, BUNDLED), raw)
    table, said = copied(source, tmp_path / "site")
    assert table.find(TRAINED).graphs == {}
    assert not said
    assert names(tmp_path / "site") == {"manifest.json", "bundled.onnx"}


def test_files_that_lie_elsewhere(source: Path, tmp_path: Path) -> None:
    """A file with an address is not copied nor missed, and its origin is one that the page may talk to."""
    raw = entry(source, TRAINED)
    (source / "a.safetensors").unlink()
    raw["trained"]["weights"]["url"] = "https://Models.example:8443/of/a.safetensors"
    raw["answer"]["url"] = "answers/a.png"
    write_table(source, entry(source, BUNDLED), raw)
    table, said = copied(source, tmp_path / "site")
    assert table.find(TRAINED).is_ready
    assert not said
    assert models.origins(tmp_path / "site") == ["https://models.example:8443"]


@each("address", ["https://a.example;script-src *", "https://a b/", "data:,a", "javascript:alert(1)"])
def test_addresses_cannot_loosen_the_policy(address: str, source: Path) -> None:
    """Of an address that is no plain https one, nothing gets into the page's policy."""
    raw = entry(source, TRAINED)
    raw["trained"]["weights"]["url"] = address
    write_table(source, raw)
    assert models.origins(source) == []


def test_without_addresses_there_are_no_origins(source: Path) -> None:
    """A site that has all its models itself lets its page talk to nobody else."""
    assert models.origins(source) == []
