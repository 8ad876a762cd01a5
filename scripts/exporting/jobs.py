"""One model from its checkpoints to its files, told step by step."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.exporting import architecture, release
from scripts.exporting.checkpoints import load
from scripts.exporting.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from fourxl.manifest import ModelSpec
    from scripts.exporting.sources import Sources

UNVERIFIED = ", from unverified weights"
"""What the table adds to the source of a model that was not made from the published checkpoint."""

prepare = cache(architecture.prepare)
"""An architecture, traced once a run."""


@dataclass(frozen=True)
class Job:
    """What the models of a run have in common."""

    sources: Sources
    picture: NDArray[np.float32]
    """On which files are compared with the network, (1, 3, height, width)."""
    say: Callable[[str], None]
    complain: Callable[[str], None]
    """Is told of a weak training that cannot be had; the model is made without."""

    def write_plain(self, spec: ModelSpec, path: Path) -> None:
        """Write the model as one ONNX file with its weights in float32.

        Raises: ExportError.
        """
        network = self._network(spec, "trained")
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.part")
        try:
            difference = prepare(spec.architecture).write_plain(network, draft, self.picture)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        self.say(f"{path}: {path.stat().st_size:,} bytes, largest difference from torch {difference:.1e}")

    def add_graphs(self, name: str, folder: Path) -> None:
        """Put the graphs of an architecture into a folder of models.

        Raises: ExportError.
        """
        prepared = prepare(name)
        quality_db = release.add_graphs(folder, prepared, self.picture)
        for runtime, graph in prepared.graphs.items():
            self.say(f"{folder / prepared.path(runtime)}: {len(graph):,} bytes")
        self.say(f"{name}: {quality_db:.1f} dB PSNR with drawn weights")

    def add_model(self, spec: ModelSpec, folder: Path) -> None:
        """Put all files of a model into a folder of models.

        Raises: ExportError; FourxlError when the finished files are not what the engine accepts.
        """
        networks = self._networks(spec)
        prepared = prepare(spec.architecture)
        with tempfile.TemporaryDirectory() as name:
            difference = prepared.write_plain(networks["trained"], Path(name, "plain.onnx"), self.picture)
        self.say(f"{spec.id}: largest difference of ONNX from torch {difference:.1e}")
        source = spec.source.removesuffix(UNVERIFIED) + ("" if self.sources.verified else UNVERIFIED)
        quality_db = release.add_model(folder, spec.id, source, prepared, networks, self.picture)
        for training, worst_db in quality_db.items():
            self.say(f"{spec.id}: {training}, {worst_db:.1f} dB PSNR from torch with the stored weights")

    def _networks(self, spec: ModelSpec) -> dict[str, nn.Module]:
        """Return the trainings of a model that can be had; its own is always among them."""
        networks = {"trained": self._network(spec, "trained")}
        if spec.weak_denoise is not None and self.sources.has(spec, "weak_denoise"):
            try:
                networks["weak_denoise"] = self._network(spec, "weak_denoise")
            except ExportError as error:
                self.complain(f"{spec.id} was made without a denoise strength: {error}")
        return networks

    def _network(self, spec: ModelSpec, training: str) -> nn.Module:
        return load(self.sources.find(spec, training), spec.architecture)
