"""Our PNG writer beside Pillow's, on photos that swift enlarged."""

from __future__ import annotations

import asyncio
import io
import platform
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
import PIL
from PIL import Image

from fourxl import manifest, pipeline
from fourxl.geometry import Size
from fourxl.network import Network
from fourxl.png import PngEncoder
from fourxl.settings import JobSettings
from fourxl_native.onnx_runtime import OnnxRuntime
from scripts.benching import machine
from scripts.benching.models import SWIFT
from scripts.benching.pictures import PHOTOS, Album
from scripts.benching.report import Report, pair_ratio, seconds
from scripts.building.site import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SIZE = (512, 384)
"""Of the photos before they are enlarged."""

STRIP_ROWS = 1024
"""As the engine hands rows over with tiles of 256 px."""


def measure(album: Album, rounds: int) -> Report:
    """Return the table of times and sizes."""
    enlarged = [_enlarge(album.file(index, *SIZE)) for index in range(len(PHOTOS))]
    where = machine.describe(
        f"Python {platform.python_version()}, numpy {np.__version__}, Pillow {PIL.__version__}"
    )
    times: dict[str, list[float]] = {name: [] for name in WRITERS}
    sizes: dict[str, int] = {}
    for number in range(rounds):
        for name in WRITERS if number % 2 == 0 else reversed(WRITERS):
            started = time.process_time()
            sizes[name] = sum(WRITERS[name](pixels) for pixels in enlarged)
            times[name].append(time.process_time() - started)
    report = Report("png")
    width, height = (side * 4 for side in SIZE)
    report.say(
        f"{len(enlarged)} photos, enlarged by swift to {width}x{height}; processor time and size of all together, "
        f"medians of {rounds} runs that took turns. {where}."
    )
    ours = next(iter(WRITERS))
    rows = [
        (
            name,
            seconds(statistics.median(times[name])),
            f"{pair_ratio(times[name], times[ours]):.2f}",
            f"{sizes[name]:,} bytes",
            f"{sizes[name] / sizes[ours]:.3f}",
        )
        for name in WRITERS
    ]
    report.table(("", "time", "to ours", "size", "to ours"), rows)
    return report


def _enlarge(content: bytes) -> Pixels:
    """Return the result's pixels (height, width, 3)."""
    spec = manifest.parse((REPOSITORY / "models/manifest.json").read_bytes()).find(SWIFT)
    network = Network((REPOSITORY / "models" / spec.graphs[OnnxRuntime.name].path).read_bytes())
    result = io.BytesIO()

    async def open_runtime() -> OnnxRuntime:
        return OnnxRuntime(network)

    asyncio.run(pipeline.upscale(content, JobSettings(), spec, open_runtime, result, lambda _: None))
    with Image.open(result) as opened:
        return np.asarray(opened)


def _write_ours(pixels: Pixels) -> int:
    file = io.BytesIO()
    height, width, channels = pixels.shape
    encoder = PngEncoder(file.write, Size(width, height), channels, 8)
    for top in range(0, height, STRIP_ROWS):
        encoder.write(pixels[top : top + STRIP_ROWS])
    encoder.finish()
    return file.tell()


def _by_pillow(level: int) -> Callable[[Pixels], int]:
    def write(pixels: Pixels) -> int:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=level)
        return file.tell()

    return write


WRITERS: dict[str, Callable[[Pixels], int]] = {
    "ours (Paeth, run lengths)": _write_ours,
    "Pillow, level 1": _by_pillow(1),
    "Pillow, level 6": _by_pillow(6),
}
