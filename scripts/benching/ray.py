"""One job over one and two replicas of Ray Serve, beside the same engine in one process."""

from __future__ import annotations

import asyncio
import io
import tempfile
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ray import serve

from backend import serve_ray
from backend.cluster import private_cluster
from backend.library import read_table
from backend.settings import Limits
from backend.spreading import RayRuntime, ask
from fourxl import pipeline
from fourxl.settings import JobSettings
from fourxl.weights import FolderSource
from fourxl_native import opening, provider
from scripts.benching import machine, models, races
from scripts.benching.models import GENERAL
from scripts.benching.pages import Job
from scripts.benching.report import Report, pair_range, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from scripts.benching.pictures import Album

SIDE_PX, TILE_PX = 512, 192
"""Of the photo, and of its 16 tiles."""

ALONE = (1, 2)
"""Threads of the engine in one process."""

REPLICAS = (1, 2)
"""Of one thread each."""


class Engine:
    """The engine in this process, over a runtime that computes here or elsewhere."""

    def __init__(self, picture: bytes, spec: ModelSpec, runtime: TileRuntime) -> None:
        """Enlarge ``picture`` with ``runtime``, which has loaded ``spec``."""
        self._picture, self._spec, self._runtime = picture, spec, runtime
        self.result = b""

    def enlarge(self) -> Job:
        """Return how long the job took, from file to file."""
        sink = io.BytesIO()

        async def open_runtime() -> TileRuntime:
            return self._runtime

        done = asyncio.run(
            pipeline.upscale(
                self._picture,
                JobSettings(tile_px=TILE_PX),
                self._spec,
                open_runtime,
                sink,
                lambda _: None,
            )
        )
        self.result = sink.getvalue()
        return Job(done.seconds, done.runtime_seconds, done.tiles)


def measure(album: Album, weights: Path, rounds: int) -> Report:
    """Return the tables of times and ratios."""
    chosen = provider.choose()
    where = machine.describe(*(f"{name} {version(name)}" for name in ("ray", chosen.name)))
    with tempfile.TemporaryDirectory() as name:
        models.gather(Path(name) / "gathered", weights)
        folder = Path(name) / "gathered/models"
        spec, picture = read_table(folder).find(GENERAL), album.file(0, SIDE_PX, SIDE_PX)
        contestants = {}
        for threads in ALONE:
            opened = opening.open_model(spec, FolderSource(folder), chosen, threads=threads)
            contestants[_alone(threads)] = Engine(picture, spec, asyncio.run(opened))
        with _replicas(folder, spec) as runtimes:
            for replicas, runtime in runtimes.items():
                contestants[_spread(replicas)] = Engine(picture, spec, runtime)
            jobs = races.race(contestants, rounds)
    if len({engine.result for engine in contestants.values()}) != 1:
        raise RuntimeError("the results differ")
    report = Report("ray")
    report.say(
        f"{GENERAL}, a photo of {SIDE_PX}x{SIDE_PX} in tiles of {TILE_PX} px, PNG to PNG, by {chosen.name}; medians "
        f"of {rounds} runs that took turns, after one to warm up. Decoding, blending and encoding happen in the one "
        f"process that has the picture, in turn with its tiles; all results are the same to the last byte. {where}."
    )
    report.table(("", "job", "with tiles under way", "the rest"), [_row(*item) for item in jobs.items()])
    pairs = (
        (_spread(1), _spread(2)),
        (_alone(1), _alone(2)),
        (_alone(1), _spread(1)),
        (_alone(2), _spread(2)),
    )
    report.table(
        ("job, run by run", "median ratio (least to largest)"),
        [(f"{one} / {other}", _ratio(jobs[one], jobs[other])) for one, other in pairs],
    )
    return report


@contextmanager
def _replicas(folder: Path, spec: ModelSpec) -> Iterator[dict[int, RayRuntime]]:
    """Give a runtime for each number of replicas, all of which run at the same time and have loaded the model."""
    with private_cluster(sum(REPLICAS)):
        serve.start(proxy_location="Disabled")
        runtimes = {}
        for count in REPLICAS:
            options = serve_ray.Options(models=folder, min_replicas=count, max_replicas=count, threads=1)
            name = f"{count}"
            serve.run(serve_ray.tiles(options, Limits()), name=name, route_prefix=None)
            handle = serve.get_app_handle(name)
            told = asyncio.run(ask(handle.open, spec.id, 1.0))
            runtimes[count] = RayRuntime(handle, (spec.id, 1.0), told, count)
        yield runtimes


def _alone(threads: int) -> str:
    return f"one process, {threads} {'thread' if threads == 1 else 'threads'}"


def _spread(replicas: int) -> str:
    return f"Ray, {replicas} {'replica' if replicas == 1 else 'replicas'} of 1 thread"


def _row(name: str, jobs: list[Job]) -> tuple[str, ...]:
    parts = (races.median_whole, races.median_session, races.median_rest)
    return (name, *(seconds(part(jobs)) for part in parts))


def _ratio(jobs: list[Job], others: list[Job]) -> str:
    return pair_range([job.whole_s for job in jobs], [job.whole_s for job in others])
