"""The command line of scripts/export_onnx.py: which models, from which files, to where."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fourxl import manifest
from fourxl.errors import FourxlError
from scripts import model_table
from scripts.exporting.errors import ExportError
from scripts.exporting.jobs import Job
from scripts.exporting.pictures import read_photo
from scripts.exporting.progress import Progress
from scripts.exporting.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fourxl.manifest import ModelSpec

REPOSITORY = model_table.MODELS.parent
PHOTO = REPOSITORY.parent / "shared/images/inputs/0014.jpg"
EPILOG = """
Without a model's name, all of the table are made that have a published checkpoint. The checkpoints are
downloaded once into the cache and checked by size and SHA-256; --checkpoint takes them from files that you
already have, checked in the same way.

  scripts/export_onnx.py RealESRGAN_x4plus                      into models/, for page and command line
  scripts/export_onnx.py RealESRGAN_x4plus --output x4plus.onnx one plain ONNX file, for other programs
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the arguments ask; by default the command line's.

    Raises: SystemExit with a sentence, or with 1 after the sentences of what could not be made.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.unverified and not options.output and options.models.resolve() == model_table.MODELS:
        parser.error("--unverified is not for the repository's own models: give --models FOLDER or --output")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision is not installed
    try:
        complaints = _run(options)
    except (ExportError, FourxlError, OSError) as error:
        raise SystemExit(f"export_onnx: {error}") from error
    if complaints:
        raise SystemExit(1)


def _run(options: argparse.Namespace) -> list[str]:
    """Return what could not be made, after it was told; the rest is made all the same."""
    complaints: list[str] = []

    def complain(sentence: str) -> None:
        complaints.append(sentence)
        print(f"export_onnx: {sentence}", file=sys.stderr)

    specs = _chosen(options)
    with Progress() as progress:
        files = tuple(options.checkpoint)
        sources = Sources(options.cache, files, verified=not options.unverified, tell=progress.tell)
        job = Job(sources, read_photo(options.photo), say=_say, complain=complain)
        if options.graphs_only:
            for architecture in dict.fromkeys(spec.architecture for spec in specs):
                job.add_graphs(architecture, options.models)
            return complaints
        sources.check(specs)
        if options.unverified:
            _say(f"{specs[0].id}: made from files that nobody checked; this is NOT the published model")
        for spec in specs:
            try:
                if options.output:
                    job.write_plain(spec, _plain_path(options.output, spec))
                else:
                    job.add_model(spec, options.models)
            except (ExportError, FourxlError) as error:
                complain(f"{spec.id} was not made: {error}")
    return complaints


def _say(sentence: str) -> None:
    """Print a line at once, also into a file: a large network takes minutes."""
    print(sentence, flush=True)


def _chosen(options: argparse.Namespace) -> list[ModelSpec]:
    """Return the models of the table that are named, or all with a checkpoint."""
    if not options.models.exists():
        shutil.copytree(model_table.MODELS, options.models, ignore=shutil.ignore_patterns(".*"))
    table = manifest.parse((options.models / model_table.NAME).read_bytes())
    known = [spec for spec in table.models if spec.trained is not None]
    specs = [table.find(name) for name in dict.fromkeys([*options.names, *options.model])] or known
    for spec in specs:
        if spec not in known:
            raise ExportError(f"{spec.id} has no published checkpoint: {spec.source}.")
    if options.output and options.output.suffix == ".onnx" and len(specs) > 1:
        raise ExportError(f"{options.output} is one file: name one model, or a folder.")
    return specs


def _plain_path(output: Path, spec: ModelSpec) -> Path:
    return output if output.suffix == ".onnx" else output / f"{spec.id}.onnx"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/export_onnx.py",
        description="Make Real-ESRGAN's models from the checkpoints that their authors published.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="MODEL", help="such as RealESRGAN_x4plus; default: all")
    parser.add_argument("--model", action="append", default=[], metavar="MODEL", help="the same as MODEL")
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], metavar="FILE",
        help="a published .pth that is here already; may be repeated",
    )  # fmt: skip
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--output", type=Path, metavar="PATH",
        help="leave the folder of models alone; write MODEL.onnx, plain and with its weights in float32, "
        "into this folder, or as this file when it ends in .onnx",
    )  # fmt: skip
    instead.add_argument(
        "--graphs-only", action="store_true",
        help="make only the graphs, which hold no weights: no checkpoint is needed",
    )  # fmt: skip
    parser.add_argument(
        "--models", type=Path, default=model_table.MODELS, metavar="FOLDER",
        help="folder with manifest.json that gets the files; a new one begins as a copy of models/ (default)",
    )  # fmt: skip
    parser.add_argument(
        "--unverified", action="store_true",
        help="use --checkpoint FILE (.pth or .safetensors) unchecked, and a second one as the weak training; "
        "for one MODEL, never for the repository's own models/",
    )  # fmt: skip
    parser.add_argument(
        "--photo", type=Path, default=PHOTO if PHOTO.exists() else None, metavar="FILE",
        help="the photo on which files and network are compared (default: ../shared's, or a drawn picture)",
    )  # fmt: skip
    parser.add_argument(
        "--cache", type=Path, default=REPOSITORY / ".cache/checkpoints", metavar="FOLDER",
        help="keeps the downloads (default: .cache/checkpoints)",
    )  # fmt: skip
    return parser
