"""Measures the released model and writes the tables of its model card."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.exporting.checkpoints import load
from scripts.exporting.onnx_file import export
from scripts.marked import write_between
from scripts.training import enlarging
from scripts.training.evaluate import bicubic, flat_deviation, load_set, mean_psnr_y

if TYPE_CHECKING:
    from scripts.training.loop import Training

REFERENCE = "realesr-general-x4v3"
"""The model swift's speed is compared with."""
REFERENCE_ARCHITECTURE = "compact 64x32"
SETS = ("Set5", "Set14")
TIMING_ROUNDS = 6


@dataclass(frozen=True)
class Measured:
    """What the model card says of the released file."""

    bicubic_db: dict[str, float]
    """PSNR-Y of bicubic interpolation, by set."""
    swift_db: dict[str, float]
    """PSNR-Y of the file, by set."""
    flat_levels: int
    """Largest error on flat pictures, in levels of 255."""
    size_bytes: int
    """Size of the file."""
    swift_s: float
    """Processor time for 256x256 px, onnxruntime, one thread."""
    reference_s: float
    """The same for realesr-general-x4v3."""


def measure(swift: Path, evaluation: Path, reference_weights: Path) -> Measured:
    """Return the quality and the speed of a released file, with the reference model's speed."""
    sets = {name: load_set(evaluation / name) for name in SETS}
    enlarge = enlarging.by_onnxruntime(swift)
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "reference.onnx"
        export(load(reference_weights, REFERENCE_ARCHITECTURE), reference)
        reference_s, swift_s = enlarging.seconds((reference, swift), TIMING_ROUNDS)
    return Measured(
        bicubic_db={name: mean_psnr_y(pairs, bicubic) for name, pairs in sets.items()},
        swift_db={name: mean_psnr_y(pairs, enlarge) for name, pairs in sets.items()},
        flat_levels=flat_deviation(enlarge),
        size_bytes=swift.stat().st_size,
        swift_s=swift_s,
        reference_s=reference_s,
    )


def write_tables(card: Path, measured: Measured, training: Training) -> None:
    """Put the measured numbers between the card's markers."""
    rows = ["| 4x, PSNR-Y | bicubic | swift | gain |", "|---|---|---|---|"]
    for name in SETS:
        before, after = measured.bicubic_db[name], measured.swift_db[name]
        rows.append(f"| {name} | {before:.2f} dB | {after:.2f} dB | {after - before:+.2f} dB |")
    ratio = measured.reference_s / measured.swift_s
    network, run = training.network, training.parameters
    parameters = sum(weight.numel() for weight in network.parameters())
    crops = f"{run.batch} crops of {run.crop_px} px, seed {run.seed}"
    size = f"{measured.size_bytes:,} bytes"
    facts = (f"{parameters:,}", size, f"{network.radius} px", f"{measured.flat_levels} levels of 255")
    rows += [
        "",
        f"| 256x256 px, onnxruntime, 1 thread | {REFERENCE} | swift | ratio |",
        "|---|---|---|---|",
        f"| processor time | {measured.reference_s:.2f} s | {measured.swift_s:.3f} s | {ratio:.1f}x |",
        "",
        "| parameters | file | context a pixel needs | error on flat colours |",
        "|---|---|---|---|",
        f"| {' | '.join(facts)} |",
        "",
        f"Trained for {training.elapsed_s / 60:.0f} minutes: {training.step_count:,} steps of {crops}.",
    ]
    write_between(card, "measured", "\n".join(rows))
