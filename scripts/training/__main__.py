"""The command line of scripts/train: train a network, evaluate the released file, release a checkpoint."""

from __future__ import annotations

import argparse
import logging
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from scripts.building.packages import MissingPackagesError
from scripts.training import enlarging
from scripts.training.card import measure, write_tables
from scripts.training.data import Crops
from scripts.training.drawing.fonts import MissingBidiError
from scripts.training.evaluate import PUBLISHED_BICUBIC_DB, bicubic, flat_deviation, load_set, mean_psnr_y
from scripts.training.loop import Training, run
from scripts.training.parameters import TrainingParameters
from scripts.training.release import release

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"
REPORT_STEPS = 200


def main(arguments: list[str] | None = None) -> None:
    """Do what the arguments ask; by default the command line's."""
    options = _parser().parse_args(arguments)
    if not options.images.is_dir():
        raise SystemExit(
            f"no folder {options.images}; name the one that holds train/ and eval/ with --images"
        )
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision is not installed
    try:
        options.command(options)
    except (FileNotFoundError, MissingPackagesError, MissingBidiError) as error:
        raise SystemExit(str(error)) from error


def train(options: argparse.Namespace) -> None:
    """Train a network and leave a checkpoint."""
    state: dict[str, Any] | None = None
    if options.resume:
        state = torch.load(options.checkpoint, weights_only=True)
        parameters = TrainingParameters(**state["parameters"])
    elif options.steps is not None:
        parameters = TrainingParameters(seed=options.seed, steps=options.steps, minutes=None)
    else:
        parameters = TrainingParameters(seed=options.seed, minutes=options.minutes)
    training = Training(parameters)
    crops = Crops(parameters, training.network.radius, options.images / "train")
    if state is not None:
        training.restore(state, crops)
    print(f"training: {asdict(parameters)}", flush=True)
    run(training, crops, options.checkpoint, _report, REPORT_STEPS)
    print(f"{options.checkpoint}: {training.step_count} steps in {training.elapsed_s / 60:.1f} minutes")


def evaluate(options: argparse.Namespace) -> None:
    """Print what the released file reaches, beside bicubic interpolation and its published numbers."""
    swift = enlarging.by_onnxruntime(MODELS / "swift.onnx")
    for name, published_db in PUBLISHED_BICUBIC_DB.items():
        pairs = load_set(options.images / "eval" / name)
        bicubic_db, swift_db = mean_psnr_y(pairs, bicubic), mean_psnr_y(pairs, swift)
        gain = f"swift {swift_db:.2f} dB ({swift_db - bicubic_db:+.2f})"
        print(f"{name}: bicubic {bicubic_db:.2f} dB (published {published_db:.2f}), {gain}")
    print(f"flat pictures: off by at most {flat_deviation(swift)} levels of 255")


def release_checkpoint(options: argparse.Namespace) -> None:
    """Put a checkpoint's network into models/ and renew the manifest and the model card."""
    state = torch.load(options.checkpoint, weights_only=True)
    training = Training(TrainingParameters(**state["parameters"]))
    training.restore(state)
    network = training.released()
    difference = release(network, MODELS)
    print(f"swift.onnx: largest difference from torch {difference:.1e}")
    measured = measure(MODELS / "swift.onnx", options.images / "eval", options.reference)
    write_tables(MODELS / "README.md", measured, training)
    evaluate(options)


def _report(training: Training, loss: float) -> None:
    """Print how far the run is."""
    clock = time.strftime("%H:%M:%S")
    print(f"{clock} {training.progress():4.0%}, step {training.step_count}: loss {loss:.5f}", flush=True)


def _parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--images",
        type=Path,
        default=ROOT.parent / "shared" / "images",
        help="folder with train/ (photos), eval/Set5 and eval/Set14; default ../shared/images",
    )
    common.add_argument("--checkpoint", type=Path, default=ROOT / ".cache" / "train" / "swift.pt")
    parser = argparse.ArgumentParser(prog="scripts/train", description=__doc__)
    commands = parser.add_subparsers(required=True)

    training = commands.add_parser("train", parents=[common], help="train a network and leave a checkpoint")
    length = training.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=TrainingParameters.minutes)
    length.add_argument("--steps", type=int, help="a fixed number of steps, which makes the run repeatable")
    training.add_argument("--seed", type=int, default=TrainingParameters.seed)
    training.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    training.set_defaults(command=train)

    text = "measure models/swift.onnx on Set5, Set14 and flat colours"
    evaluating = commands.add_parser("evaluate", parents=[common], help=text)
    evaluating.set_defaults(command=evaluate)

    text = "export the checkpoint into models/ and renew its tables"
    releasing = commands.add_parser("release", parents=[common], help=text)
    releasing.add_argument(
        "--reference",
        type=Path,
        default=ROOT.parent / "shared" / "weights" / "realesr-general-x4v3.safetensors",
        help="weights of the model whose speed swift is compared with",
    )
    releasing.set_defaults(command=release_checkpoint)
    return parser


if __name__ == "__main__":
    main()
