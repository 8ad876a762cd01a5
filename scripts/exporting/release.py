"""New files for a folder of models: made aside, tried out there, then put in place."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from fourxl import answer, manifest
from fourxl.network import Network
from fourxl_native.networks import build
from scripts import model_table
from scripts.exporting import trial
from scripts.exporting.checkpoints import fit
from scripts.exporting.externalize import pack
from scripts.exporting.graphs import draw
from scripts.exporting.onnx_file import enlarged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from scripts.exporting.architecture import Architecture
    from scripts.model_table import Entry

    Floats = NDArray[np.float32]

STRENGTHS = {"trained": 1.0, "weak_denoise": 0.0}
"""The denoise strength that chooses each training of a model, by its name in the table."""


def add_graphs(folder: Path, architecture: Architecture, picture: Floats) -> float:
    """Put the graphs of an architecture into the folder, for all its models; no weights are needed.

    Returns the PSNR in dB of the worst graph against torch, with the same drawn weights.
    Raises: ExportError when it is below 60 dB; the folder is left as it was.
    """
    halves = {key: tensor.half() for key, tensor in draw(architecture.name).state_dict().items()}
    network = build(architecture.name)
    fit(network, halves, architecture.name)
    wanted, weights = enlarged(network, picture), pack(halves)
    worst_db = min(
        trial.require(trial.run(Network(graph, weights), picture), wanted, f"the graph for {runtime}")
        for runtime, graph in architecture.graphs.items()
    )
    with _draft(folder) as draft:
        changes = _write_graphs(draft, architecture)
        _publish(draft, folder, changes)
    return worst_db


def add_model(
    folder: Path,
    model_id: str,
    source: str,
    architecture: Architecture,
    networks: Mapping[str, nn.Module],
    picture: Floats,
) -> dict[str, float]:
    """Put the graphs, the weights and the known answer of a model into the folder and its table.

    `source` tells people where the weights come from. `networks` are the model's trainings by their names
    in the table: "trained" and perhaps "weak_denoise".
    Returns the PSNR in dB of each against torch in float32, read back as the product reads them.
    Raises: ExportError when one is below 60 dB; the folder is left as it was.
    """
    with _draft(folder) as draft:
        changes = _write_graphs(draft, architecture)
        changes[model_id]["source"] = source
        entry = next(model for model in model_table.read(draft) if model["id"] == model_id)
        for training, network in networks.items():
            path = f"{_stem(entry, training)}.safetensors"
            _write(draft, path, pack(network.state_dict()))
            weights = model_table.describe(draft, path)
            changes[model_id][training] = {**entry[training], "weights": weights}
        changes[model_id]["answer"] = _write_answer(draft, model_id, architecture, networks["trained"])
        model_table.change(draft, changes)
        spec = manifest.parse((draft / model_table.NAME).read_bytes()).find(model_id)
        quality_db = {
            training: trial.try_out(draft, spec, STRENGTHS[training], picture, enlarged(network, picture))
            for training, network in networks.items()
        }
        _publish(draft, folder, changes)
    return quality_db


def _stem(entry: Entry, training: str) -> str:
    """Return what the file of a training is called: after the model, or after the twin's checkpoint."""
    if training == "trained":
        return str(entry["id"])
    return PurePosixPath(entry[training]["checkpoint"]["url"]).stem


def _write_graphs(draft: Path, architecture: Architecture) -> dict[str, Entry]:
    """Return what changes in the table: all models of the architecture have the same graphs."""
    for runtime, graph in architecture.graphs.items():
        _write(draft, architecture.path(runtime), graph)
    files = {
        runtime: model_table.describe(draft, architecture.path(runtime)) for runtime in architecture.graphs
    }
    return {
        model["id"]: {"graphs": dict(files)}
        for model in model_table.read(draft)
        if model["architecture"] == architecture.name
    }


def _write_answer(draft: Path, model_id: str, architecture: Architecture, network: nn.Module) -> Entry:
    """Return the table's line of the answer: what the graph as it was traced makes of the known tile."""
    result = trial.run(Network(architecture.reference, pack(network.state_dict())), answer.tile())
    path = f"answers/{model_id}.png"
    _write(draft, path, answer.encode(result))
    return model_table.describe(draft, path)


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """Give a new folder beside the files of `folder`, with a copy of its table."""
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as name:
        draft = Path(name)
        shutil.copyfile(folder / model_table.NAME, draft / model_table.NAME)
        yield draft


def _write(draft: Path, path: str, content: bytes) -> None:
    target = draft / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _publish(draft: Path, folder: Path, changes: Mapping[str, Entry]) -> None:
    """Move the files of the draft into the folder, and then tell of them in the folder's own table."""
    (draft / model_table.NAME).unlink()
    for path in [path for path in draft.rglob("*") if path.is_file()]:
        target = folder / path.relative_to(draft)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    model_table.change(folder, changes)
