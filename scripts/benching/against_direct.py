"""Our whole job beside plain JavaScript that goes the shortest way, in one browser, taking turns."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from scripts.benching import browser, machine, pages, races, site
from scripts.benching.models import ANIME, GENERAL
from scripts.benching.report import Report, pair_range, pair_ratio, seconds

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from scripts.benching.pages import EnlargingPage, Job
    from scripts.benching.pictures import Album
    from scripts.benching.site import BenchSite

OURS, OURS_THREADS = "4XL, 1 thread", "4XL, all threads"
DIRECT, DIRECT_THREADS = "direct, tiles of 192 px, 1 thread", "direct, tiles of 192 px, all threads"
ONE_TILE = "direct, one tile, all threads"
"""Enlarges the whole picture at once: what the network itself computes, without seams."""

COMPARED = ((OURS, DIRECT), (OURS_THREADS, DIRECT), (OURS_THREADS, DIRECT_THREADS))

CASES = ((GENERAL, 256), (ANIME, 512))
"""Model, and the side of a photo."""


def measure(album: Album, weights: Path, rounds: int) -> Report:
    """Return the tables, one for each model."""
    report = Report("against-direct")
    with site.served(weights) as served, browser.launched() as chromium:
        where = machine.describe(browser.name(chromium.version), machine.web_versions())
        report.say(
            f"PNG; medians of {rounds} runs that took turns, after one to warm up. A job lasts from the click on "
            "Enhance until the page has the result's Blob; the rest is what is not `session.run`. The direct page "
            f"loads the network as one plain ONNX file. {where}."
        )
        for model, side in CASES:
            _compare(report, _open(chromium, served, model, side), album.file(0, side, side), model, rounds)
    return report


def _compare(
    report: Report, contestants: dict[str, EnlargingPage], photo: bytes, model: str, rounds: int
) -> None:
    """Append what a race with that photo gave, and how far the results are apart."""
    for page in contestants.values():
        page.pick(photo)
    whole = contestants.pop(ONE_TILE)
    jobs = races.race(contestants, rounds)
    whole.enlarge()
    levels = _largest_difference(contestants[OURS].result(), whole.result())
    for page in (*contestants.values(), whole):
        page.page.close()
    with Image.open(io.BytesIO(photo)) as opened:
        report.say(f"**{model}**, a photo of {opened.width}x{opened.height}:")
    header = ("", "job", "session.run", "the rest", "share of the rest", "tiles")
    report.table(header, [_row(name, found) for name, found in jobs.items()])
    report.table(
        ("job, run by run", "median ratio (least to largest)", "times faster"),
        [
            _ratios(ours, other, [j.whole_s for j in jobs[ours]], [j.whole_s for j in jobs[other]])
            for ours, other in COMPARED
        ],
    )
    report.say(f"Largest difference from the plain network in one tile: {levels} of 255 levels.")


def _open(chromium: Browser, served: BenchSite, model: str, side: int) -> dict[str, EnlargingPage]:
    plain, isolated, module = served.plain, served.isolated, served.onnxruntime
    threads = machine.cores()
    direct = partial(pages.open_direct, chromium, onnxruntime=module, model=model)
    return {
        OURS: pages.open_ours(chromium, plain, module, model=model),
        DIRECT: direct(plain),
        OURS_THREADS: pages.open_ours(chromium, isolated, module, model=model),
        DIRECT_THREADS: direct(isolated, threads=threads),
        ONE_TILE: direct(isolated, threads=threads, tile=side),
    }


def _row(name: str, jobs: list[Job]) -> tuple[str, ...]:
    whole_s, session_s = races.median_whole(jobs), races.median_session(jobs)
    rest_s, share = races.median_rest(jobs), races.rest_share(jobs)
    return name, seconds(whole_s), seconds(session_s), seconds(rest_s), f"{share:.1%}", str(jobs[0].tiles)


def _ratios(ours: str, other: str, ours_s: list[float], other_s: list[float]) -> tuple[str, ...]:
    return f"{ours} / {other}", pair_range(ours_s, other_s), f"{1 / pair_ratio(ours_s, other_s):.2f}"


def _largest_difference(file: bytes, other: bytes) -> int:
    """Return by how many levels two pictures differ where they differ most."""
    first, second = (
        np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), np.int16) for content in (file, other)
    )
    return int(np.abs(first - second).max())
