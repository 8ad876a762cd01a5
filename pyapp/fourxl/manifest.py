"""The table of models: models/manifest.json, read into frozen descriptions."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from fourxl.errors import BadManifest, UnknownModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

FORMAT = 2

OWN = "own"
"""The architecture of networks that a person brought."""

_PLAIN = {"str": (str,), "int": (int,), "str | None": (str, type(None))}
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model as it is published: only these bytes are ever used."""

    path: str
    """Relative to the folder of the manifest."""

    size_bytes: int
    sha256: str
    """Lower-case hexadecimal."""

    url: str | None = None
    """Where the file comes from when it is not beside the manifest."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file in which a network's authors published its weights (torch's format)."""

    url: str
    size_bytes: int
    sha256: str
    """Lower-case hexadecimal."""


@dataclass(frozen=True, slots=True)
class Trained:
    """One training of a network: what its authors published, and our copy of the weights."""

    checkpoint: Checkpoint
    weights: ModelFile | None
    """Our copy; None until ``scripts/export_onnx.py`` has made it."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One network: float32 (1, 3, height, width) RGB in [0, 1] to the same ``scale`` times larger."""

    id: str
    label: str
    purpose: str
    """One sentence for people who choose."""

    architecture: str
    """``compact 64x32``, ``rrdb 23``, ``rrdb 6``, ``swift 32x5`` …"""

    scale: int
    halo_px: int
    """Context around a tile, in source pixels, that the network needs and that is thrown away."""

    min_tile_px: int
    max_tile_px: int
    licence: str
    source: str
    graphs: Mapping[str, ModelFile]
    """ONNX by the runtime it is best for: ``wasm``, ``webgpu``, ``onnxruntime``."""

    trained: Trained | None
    """Weights that lie beside the graph; None when the graph holds its own."""

    weak_denoise: Trained | None
    """The same network trained to leave noise alone; mixed with ``trained`` for a denoise strength."""

    answer: ModelFile | None
    """What the network makes of the known tile (PNG): a device that disagrees is not used."""

    @property
    def is_own(self) -> bool:
        """Whether a person brought it, and only this device has it."""
        return self.architecture == OWN

    @property
    def is_ready(self) -> bool:
        """Whether all its files have been made; without them the model is known by name only."""
        return bool(self.graphs) and (self.trained is None or self.trained.weights is not None)

    @property
    def how_to_add(self) -> str:
        """What whoever provides the models does when it is not ready, as a sentence."""
        return f"Whoever provides the models can add it with scripts/export_onnx.py {self.id}."

    def files(self, *runtimes: str) -> tuple[ModelFile, ...]:
        """Return all that these runtimes may ever ask for, each file once; nothing while not ready."""
        if not self.is_ready:
            return ()
        graphs = [self.graphs[name] for name in runtimes if name in self.graphs]
        copies = [training.weights for training in (self.trained, self.weak_denoise) if training]
        found = [*graphs, *copies, self.answer]
        return tuple({file.path: file for file in found if file is not None}.values())

    @property
    def can_denoise(self) -> bool:
        """Whether a denoise strength can be set: both trainings are here."""
        return all(
            training is not None and training.weights is not None
            for training in (self.trained, self.weak_denoise)
        )


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
        raise UnknownModel(
            f"There is no model {model_id!r}. Choose one of: {names}.",
            about="unknown-model",
            model_id=model_id,
            names=names,
        )


def parse(text: str | bytes) -> Manifest:
    """Return the manifest written in ``text`` (JSON).

    Raises:
        BadManifest: when it is no JSON, of another format, or a field is missing, unknown or nonsense.
    """
    try:
        raw = json.loads(text)
        if raw["format"] != FORMAT:
            raise BadManifest(
                f"The model table has format {raw['format']}; this version reads {FORMAT}.",
                about="table-of-another-format",
                format=str(raw["format"]),
                reads=FORMAT,
            )
        return Manifest(tuple(_model(entry) for entry in raw["models"]))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        reason = f"{type(exc).__name__}: {exc}"
        raise BadManifest(
            f"The model table cannot be read ({reason}).", about="unreadable-table", reason=reason
        ) from exc


def to_json(models: Iterable[ModelSpec]) -> str:
    """Return the text of which ``parse`` makes a manifest with these models."""
    return json.dumps({"format": FORMAT, "models": [asdict(spec) for spec in models]})


def _model(entry: dict[str, Any]) -> ModelSpec:
    graphs = {name: _file(file) for name, file in entry["graphs"].items()}
    parts = {
        "graphs": graphs,
        "trained": _optional(_trained, entry["trained"]),
        "weak_denoise": _optional(_trained, entry["weak_denoise"]),
        "answer": _optional(_file, entry["answer"]),
    }
    spec = ModelSpec(**{**entry, **parts})
    _check_types(spec)
    if spec.scale < 1 or spec.halo_px < 0 or not 1 <= spec.min_tile_px <= spec.max_tile_px:
        raise ValueError(f"{spec.id} has a scale, halo or tile size that cannot be")
    if not graphs and spec.trained is None:
        raise ValueError(f"{spec.id} has neither a graph nor a checkpoint to make one from")
    return spec


def _trained(entry: dict[str, Any]) -> Trained:
    checkpoint = Checkpoint(**entry["checkpoint"])
    _check_bytes(checkpoint)
    return Trained(**{**entry, "checkpoint": checkpoint, "weights": _optional(_file, entry["weights"])})


def _file(entry: dict[str, Any]) -> ModelFile:
    file = ModelFile(**entry)
    _check_bytes(file)
    return file


def _optional(read: Callable[[dict[str, Any]], T], entry: dict[str, Any] | None) -> T | None:
    return None if entry is None else read(entry)


def _check_bytes(file: ModelFile | Checkpoint) -> None:
    _check_types(file)
    if file.size_bytes < 1 or not _SHA256.fullmatch(file.sha256):
        raise ValueError(f"{file} has no size or no sha256")


def _check_types(record: ModelSpec | ModelFile | Checkpoint) -> None:
    """Raise TypeError unless every plain field holds what its annotation says."""
    for field in fields(record):
        value, allowed = getattr(record, field.name), _PLAIN.get(str(field.type))
        if allowed and type(value) not in allowed:
            raise TypeError(f"{field.name} is {value!r}")
