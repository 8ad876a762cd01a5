"""The table models/manifest.json, for the scripts that write it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fourxl.manifest import FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping

MODELS = Path(__file__).resolve().parents[1] / "models"
"""The repository's own folder of models."""
NAME = "manifest.json"

Entry = dict[str, Any]
"""One model, as JSON holds it."""


def read(folder: Path) -> list[Entry]:
    """Return the models of the table in the folder, in their order."""
    models: list[Entry] = json.loads((folder / NAME).read_text("utf-8"))["models"]
    return models


def put(folder: Path, entry: Entry) -> None:
    """Replace the model of the same id, or put it first; the others stay as they are."""
    models = read(folder) if (folder / NAME).exists() else []
    ids = [model["id"] for model in models]
    if entry["id"] in ids:
        models[ids.index(entry["id"])] = entry
    else:
        models.insert(0, entry)
    _write(folder, models)


def change(folder: Path, changes: Mapping[str, Entry]) -> None:
    """Give models, by their ids, new values of some fields; all else stays as it is."""
    _write(folder, [{**model, **changes.get(model["id"], {})} for model in read(folder)])


def describe(folder: Path, path: str) -> Entry:
    """Return what the table says of the file at `path` in the folder."""
    content = (folder / path).read_bytes()
    return {"path": path, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write(folder: Path, models: list[Entry]) -> None:
    """Write the table; whoever reads it meanwhile sees the old one or the new one, whole."""
    draft = folder / f".{NAME}.part"
    table = {"format": FORMAT, "models": models}
    draft.write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n", "utf-8")
    draft.replace(folder / NAME)
