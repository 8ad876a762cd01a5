"""The models of the site: its page offers what it can really fetch, and nothing else."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fourxl import manifest, weights
from fourxl.manifest import ModelFile
from scripts.building import policy

TABLE = "manifest.json"


def copy_models(source: Path, target: Path, say: Callable[[str], None]) -> None:
    """Make the folder `target`: the table of models, and the files of those that are ready.

    A model of which a file is missing, or is not the published one, is known there by name only;
    one without a checkpoint, from which it could be made, is left out.

    Raises:
        BadManifest: the table in `source` cannot be understood.

    """
    text = (source / TABLE).read_bytes()
    offered = []
    for spec, entry in zip(manifest.parse(text).models, json.loads(text)["models"], strict=True):
        faults = [_copy(file, source, target) for file in spec.files(*spec.graphs)]
        for fault in filter(None, faults):
            say(f"the site will not offer {spec.label}: {fault}")
        if spec.is_ready and not any(faults):
            offered.append(entry)
        elif spec.trained is not None:
            offered.append(_without_files(entry))
    target.mkdir(exist_ok=True)
    table = {"format": manifest.FORMAT, "models": offered}
    (target / TABLE).write_text(json.dumps(table, indent=2) + "\n")


def origins(models: Path) -> list[str]:
    """Origins, besides the site's own, of model files that the table in the folder names."""
    table = manifest.parse((models / TABLE).read_bytes())
    found = {policy.origin(file.url or "") for spec in table.models for file in spec.files(*spec.graphs)}
    return sorted(filter(None, found))


def _without_files(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a model's entry as it is before any of its files has been made."""
    trainings = {
        name: entry[name] and {**entry[name], "weights": None} for name in ("trained", "weak_denoise")
    }
    return {**entry, **trainings, "graphs": {}, "answer": None}


def _copy(file: ModelFile, source: Path, target: Path) -> str | None:
    """Copy a file unless it lies elsewhere; the reason, in words, if that is no use."""
    if file.url:
        return None
    try:
        fault = weights.fault((source / file.path).read_bytes(), file)
    except OSError as exc:
        fault = exc.strerror
    if fault:
        return f"{source / file.path} is not the published file ({fault})"
    (target / file.path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / file.path, target / file.path)
    return None
