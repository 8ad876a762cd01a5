"""Our server beside the original's way of enlarging on a computer, taking turns."""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from scripts.benching import machine, memory, models, races, servers
from scripts.benching.models import GENERAL
from scripts.benching.report import Report, mebibytes, pair_range, pair_ratio, seconds

if TYPE_CHECKING:
    from scripts.benching.pictures import Album
    from scripts.benching.servers import Served, ServerJob, Upstream

SIDE_PX = 512
UPSTREAM = "the original's way"
RUNTIMES = {"openvino": 8761, "onnxruntime": 8762}
"""Each with the port of its server."""

PACKAGES = ("torch", "openvino", "onnxruntime", "gradio")


def measure(album: Album, weights: Path, rounds: int) -> Report:
    """Return the tables of times, ratios and memory."""
    report = Report("server")
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    where = machine.describe(versions)
    with tempfile.TemporaryDirectory() as name, ExitStack() as processes:
        folder = Path(name)
        models.gather(folder / "gathered", weights)
        picture = folder / "photo.png"
        picture.write_bytes(album.file(0, SIDE_PX, SIDE_PX))
        contestants: dict[str, Upstream | Served] = {
            UPSTREAM: processes.enter_context(servers.upstream(weights, picture, folder))
        }
        for runtime, port in RUNTIMES.items():
            ours = servers.served(runtime, port, folder / "gathered/models", picture, folder)
            contestants[f"our server, {runtime}"] = processes.enter_context(ours)
        jobs = races.race(contestants, rounds)
        peaks = {name: memory.peak_bytes(one.process.pid) for name, one in contestants.items()}
        off = {
            name: _difference(one.result, contestants[UPSTREAM].result) for name, one in contestants.items()
        }
    report.say(
        f"{GENERAL}, a photo of {SIDE_PX}x{SIDE_PX}, PNG to PNG; medians of {rounds} runs that took turns, after one "
        "to warm up. The original's way is `RealESRGANer` (tile 512, tile_pad 32, pre_pad 10, float32) from file to "
        "file, without a server. Ours is asked by gradio_client: upload, queue, job, download. The engine's time is "
        f"what the server reports, from the first byte read to the last one written. {where}."
    )
    report.table(
        ("", "whole", "the engine", "the network", "around the engine", "peak memory (VmHWM)"),
        [_row(name, found, peaks[name]) for name, found in jobs.items()],
    )
    original_s = [job.whole_s for job in jobs[UPSTREAM]]
    report.table(
        (
            "whole job, run by run",
            "median ratio (least to largest)",
            "times faster",
            "mean difference of a sample",
        ),
        [_compared(name, found, original_s, off[name]) for name, found in jobs.items() if name != UPSTREAM],
    )
    return report


def _row(name: str, jobs: list[ServerJob], peak_bytes: int) -> tuple[str, ...]:
    whole, engine, network = (
        seconds(statistics.median(getattr(job, part) for job in jobs))
        for part in ("whole_s", "engine_s", "session_s")
    )
    around = statistics.median(1 - job.engine_s / job.whole_s for job in jobs)
    return name, whole, engine, network, f"{around:.1%}", mebibytes(peak_bytes)


def _compared(name: str, jobs: list[ServerJob], original_s: list[float], levels: float) -> tuple[str, ...]:
    ours_s = [job.whole_s for job in jobs]
    faster = f"{1 / pair_ratio(ours_s, original_s):.2f}"
    return f"{name} / {UPSTREAM}", pair_range(ours_s, original_s), faster, f"{levels:.2f} of 255"


def _difference(file: Path, other: Path) -> float:
    """Return by how many levels the samples of two pictures differ on average."""
    first, second = (np.asarray(Image.open(path).convert("RGB"), np.int16) for path in (file, other))
    return float(np.abs(first - second).mean())
