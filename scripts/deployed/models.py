"""The checks of the site's models, one for each: all its files, and every byte of them."""

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urljoin

from .asking import get_ok
from .checking import Check, Failed, Skipped


def checks(site: str) -> list[Check]:
    """Return a check of each model that the table of the site names, offered or not.

    Raises:
        Failed: there is no such table.

    """
    folder = f"{site}models/"
    models = get_ok(f"{folder}manifest.json").json()["models"]
    if not models:
        raise Failed("the table of models is empty")
    return [Check(f"model {model['label']}", partial(_files, folder, model)) for model in models]


def _files(folder: str, model: dict[str, Any]) -> str:
    files = {file["path"]: file for file in _named(model)}
    if not model["graphs"] or not model["answer"]:
        raise Skipped("the site knows it by name only")
    for path, file in files.items():
        body = get_ok(file.get("url") or urljoin(folder, path)).body
        if len(body) != file["size_bytes"]:
            raise Failed(f"{path} has {len(body)} bytes, not {file['size_bytes']}")
        if hashlib.sha256(body).hexdigest() != file["sha256"]:
            raise Failed(f"{path} is not the published file")
    return f"{len(files)} files, {sum(file['size_bytes'] for file in files.values()) / 1e6:.1f} MB"


def _named(model: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each file that the table names for the model."""
    yield from model["graphs"].values()
    for training in (model["trained"], model["weak_denoise"]):
        if training and training["weights"]:
            yield training["weights"]
    if model["answer"]:
        yield model["answer"]
