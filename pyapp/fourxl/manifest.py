"""The table of models: models/manifest.json, read into frozen descriptions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fourxl.errors import BadManifest, UnknownModel

FORMAT = 1


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One file that holds a model, in one precision."""

    variant: str
    """``fp32`` …"""

    path: str
    """Relative to the folder of the manifest."""

    size_bytes: int
    sha256: str
    """Lower-case hexadecimal."""

    url: str | None
    """Where the file comes from when it is not beside the manifest."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One network: float32 (1, 3, height, width) RGB in [0, 1] to the same ``scale`` times larger."""

    id: str
    label: str
    purpose: str
    """One sentence for people who choose."""

    architecture: str
    scale: int
    halo_px: int
    """Context around a tile, in source pixels, that the network needs and that is thrown away."""

    min_tile_px: int
    max_tile_px: int
    licence: str
    source: str
    files: tuple[WeightsFile, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models, in the order in which they are offered."""

    models: tuple[ModelSpec, ...]

    def find(self, model_id: str) -> ModelSpec:
        """Return the model of that name.

        Raises:
            UnknownModel: names what there is.
        """
        for spec in self.models:
            if spec.id == model_id:
                return spec
        names = ", ".join(spec.id for spec in self.models)
        raise UnknownModel(f"There is no model {model_id!r}. Choose one of: {names}.", model_id=model_id)


def parse(text: str | bytes) -> Manifest:
    """Return the manifest written in ``text`` (JSON).

    Raises:
        BadManifest: when it is no JSON, of another format, or lacks a field.
    """
    try:
        raw = json.loads(text)
        if raw["format"] != FORMAT:
            raise BadManifest(f"The model table has format {raw['format']}; this version reads {FORMAT}.")
        return Manifest(tuple(_model(entry) for entry in raw["models"]))
    except (ValueError, KeyError, TypeError) as exc:
        raise BadManifest(f"The model table cannot be read ({type(exc).__name__}: {exc}).") from exc


def _model(entry: dict[str, Any]) -> ModelSpec:
    files = tuple(WeightsFile(**file) for file in entry["files"])
    return ModelSpec(**{**entry, "files": files})
