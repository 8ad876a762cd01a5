"""The table of models: models/manifest.json, read into frozen descriptions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import Any

from fourxl.errors import BadManifest, UnknownModel

FORMAT = 1

_PLAIN = {"str": (str,), "int": (int,), "str | None": (str, type(None))}
_SHA256 = re.compile("[0-9a-f]{64}")


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

    def __post_init__(self) -> None:
        """Refuse two models of one id."""
        if len({spec.id for spec in self.models}) < len(self.models):
            raise ValueError("two models have one id")

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
        BadManifest: when it is no JSON, of another format, or a field is missing, unknown or nonsense.
    """
    try:
        raw = json.loads(text)
        if raw["format"] != FORMAT:
            raise BadManifest(f"The model table has format {raw['format']}; this version reads {FORMAT}.")
        return Manifest(tuple(_model(entry) for entry in raw["models"]))
    except (ValueError, KeyError, TypeError) as exc:
        raise BadManifest(f"The model table cannot be read ({type(exc).__name__}: {exc}).") from exc


def _model(entry: dict[str, Any]) -> ModelSpec:
    files = tuple(_file(**file) for file in entry["files"])
    spec = ModelSpec(**{**entry, "files": files})
    _check_types(spec)
    if spec.scale < 1 or spec.halo_px < 0 or not 1 <= spec.min_tile_px <= spec.max_tile_px or not files:
        raise ValueError(f"{spec.id} has a scale, halo or tile size that cannot be, or no file")
    return spec


def _file(**entry: Any) -> WeightsFile:
    file = WeightsFile(**entry)
    _check_types(file)
    if file.size_bytes < 1 or not _SHA256.fullmatch(file.sha256):
        raise ValueError(f"{file.path} has no size or no sha256")
    return file


def _check_types(record: ModelSpec | WeightsFile) -> None:
    """Raise TypeError unless every plain field holds what its annotation says."""
    for field in fields(record):
        value, allowed = getattr(record, field.name), _PLAIN.get(str(field.type))
        if allowed and type(value) not in allowed:
            raise TypeError(f"{field.name} is {value!r}")
