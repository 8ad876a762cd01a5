"""Where the checkpoints of a run come from: files that were named, or the addresses of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.exporting.downloads import fault, fetch
from scripts.exporting.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fourxl.manifest import Checkpoint, ModelSpec
    from scripts.exporting.downloads import Tell


@dataclass(frozen=True)
class Sources:
    """The checkpoints of a run."""

    cache: Path
    """Where downloads are kept."""
    files: tuple[Path, ...]
    """Files that were named; whichever is the published checkpoint of a training is used for it."""
    verified: bool
    """False: the files are used unchecked, the first for the model, the second for its weak training."""
    tell: Tell
    """Is told how far a download is."""

    def check(self, specs: Sequence[ModelSpec]) -> None:
        """Raise ExportError unless every file will be used by one of the models, or is missing."""
        if not self.verified:
            most = len(trainings(specs[0]))
            if len(specs) != 1 or not 1 <= len(self.files) <= most:
                raise ExportError(
                    f"--unverified wants one model and its --checkpoint, for {specs[0].id} {most} at most."
                )
            return
        wanted = [checkpoint for spec in specs for checkpoint in trainings(spec).values()]
        for file in self.files:
            if not file.is_file():
                raise ExportError(f"There is no file {file}.")
            faults = [fault(file, checkpoint) for checkpoint in wanted]
            if None not in faults:
                names = ", ".join(spec.id for spec in specs)
                wrong = f"it has {faults[0]}" if len(faults) == 1 else "neither size and sha256 of any"
                raise ExportError(
                    f"{file} is not a published checkpoint of {names}: {wrong}. It was not used."
                )

    def has(self, spec: ModelSpec, training: str) -> bool:
        """Return whether there is a place to look for a training of a model."""
        return self.verified or list(trainings(spec)).index(training) < len(self.files)

    def find(self, spec: ModelSpec, training: str) -> Path:
        """Return the checkpoint of a training of a model.

        Raises: ExportError when it cannot be had.
        """
        if not self.verified:
            return self.files[list(trainings(spec)).index(training)]
        checkpoint = trainings(spec)[training]
        for file in self.files:
            if fault(file, checkpoint) is None:
                return file
        return fetch(checkpoint, self.cache, self.tell)


def trainings(spec: ModelSpec) -> dict[str, Checkpoint]:
    """Return the published checkpoints of a model by the name of the training in the table, its own first."""
    named = {"trained": spec.trained, "weak_denoise": spec.weak_denoise}
    return {name: training.checkpoint for name, training in named.items() if training is not None}
