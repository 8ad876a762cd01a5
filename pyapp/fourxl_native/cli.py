"""The command ``fourxl photo.jpg -o big.png``.

Exit codes: 0 done, 1 the job failed (the sentence is on standard error), 2 wrong arguments,
130 interrupted. A result appears under its name only when it is complete.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fourxl import __version__, manifest, pipeline, settings, sizing, weights
from fourxl.errors import FourxlError, InvalidSettings, UnknownModel, WeightsUnavailable
from fourxl_native import opening, own, provider
from fourxl_native.output import replacing
from fourxl_native.report import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fourxl.runtime import TileRuntime

_MODELS = Path(__file__).resolve().parents[2] / "models"
_FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}

_MAX_THREADS = 1024
"""onnxruntime starts whatever number it is told, also when that takes minutes and all memory."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text; stderr is so anyway
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return asyncio.run(_enlarge(options))
    except FourxlError as error:
        print(f"fourxl: {error.message}", file=sys.stderr)
        return 2 if isinstance(error, (InvalidSettings, UnknownModel)) else 1
    except OSError as error:
        print(f"fourxl: {error.filename or options.picture}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fourxl: interrupted; nothing was written", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fourxl", description="Enlarge a picture four times, on this computer."
    )
    parser.add_argument("picture", type=Path, help="PNG, JPEG, WebP, GIF or BMP")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="result; its ending chooses the format (default: NAME_4x.png, or the size that was asked for)",
    )
    parser.add_argument(
        "-m",
        "--model",
        default="swift",
        help="a model of the table, or your own as an .onnx file (default: %(default)s)",
    )
    parser.add_argument(
        "--models", type=Path, default=_MODELS, help="folder with manifest.json and the model files"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--scale", type=int, metavar="TIMES", help="2, 3 or 4 (default: as large as the model makes it)"
    )
    size.add_argument("--width", type=int, metavar="PX", help="exact width of the result")
    parser.add_argument(
        "--strength",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="how much of the network shows, 0 to 1; the rest is plain enlargement (default: %(default)s)",
    )
    parser.add_argument(
        "--denoise",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="how much noise is taken out, 0 to 1, by models with a denoise strength (default: %(default)s)",
    )
    parser.add_argument(
        "--quality", type=int, default=92, help="of JPEG and WebP, 1 to 100 (default: %(default)s)"
    )
    parser.add_argument(
        "--depth", choices=["same", "8", "16"], default="same", help="bits per channel of a PNG"
    )
    parser.add_argument("--keep-exif", action="store_true", help="copy EXIF data, without the position")
    parser.add_argument("--keep-location", action="store_true", help="with --keep-exif: the position too")
    parser.add_argument(
        "--tile", type=int, metavar="PX", help="side of a tile, halo included (default: by memory)"
    )
    parser.add_argument(
        "--runtime",
        choices=provider.WANTED,
        default=provider.AUTO,
        help="what computes a model of the table; your own takes onnxruntime (default: the fastest there is)",
    )
    parser.add_argument("--threads", type=_threads, default=0, help="0 (default): as many as there are cores")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, no report")
    parser.add_argument("--version", action="version", version=f"fourxl {__version__}")
    return parser


def _threads(text: str) -> int:
    count = int(text)
    if not 0 <= count <= _MAX_THREADS:
        raise argparse.ArgumentTypeError(f"{count} is not from 0 to {_MAX_THREADS}")
    return count


async def _enlarge(options: argparse.Namespace) -> int:
    ending = options.output.suffix.lower() if options.output else ".png"
    job = settings.from_wire(
        {
            "model_id": options.model,
            "format": _FORMATS.get(ending, ending),
            "quality": options.quality,
            "depth": options.depth,
            "keep_exif": options.keep_exif,
            "keep_location": options.keep_location,
            "scale": options.scale,
            "width": options.width,
            "strength": options.strength,
            "denoise": options.denoise,
            "tile_px": options.tile,
        }
    )
    chosen = provider.choose(options.runtime)
    own_runtime: TileRuntime | None = None
    if Path(options.model).suffix.lower() == ".onnx":
        spec, own_runtime = await own.open_file(Path(options.model), options.threads)
    else:
        spec = _read_manifest(options.models / "manifest.json").find(job.model_id)
    name = f"{options.picture.stem}_{sizing.label(spec.scale, job)}.png"
    target = options.output or options.picture.with_name(name)
    data = options.picture.read_bytes()

    async def open_runtime() -> TileRuntime:
        if own_runtime is not None:
            return own_runtime
        source = weights.FolderSource(options.models)
        return await opening.open_model(spec, source, chosen, job.denoise, options.threads)

    with Report(quiet=options.quiet) as report, replacing(target) as sink:
        done = await pipeline.upscale(data, job, spec, open_runtime, sink, report.tell)
    if not options.quiet:
        for note in done.notes:
            print(f"note: {note}", file=sys.stderr)
        print(f"{target}: {done.width}x{done.height}, {done.size_bytes / 1e6:.1f} MB, {done.seconds:.1f} s")
    return 0


def _read_manifest(path: Path) -> manifest.Manifest:
    try:
        return manifest.parse(path.read_bytes())
    except OSError as exc:
        raise WeightsUnavailable(
            f"There is no model table at {path}; choose its folder with --models."
        ) from exc
