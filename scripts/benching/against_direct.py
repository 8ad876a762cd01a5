"""Our whole job beside plain JavaScript that goes the shortest way, in one browser, taking turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.benching import browser, machine, pages, races, site
from scripts.benching.models import GENERAL
from scripts.benching.report import Report, pair_range, seconds

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from scripts.benching.pages import EnlargingPage, Job
    from scripts.benching.pictures import Album
    from scripts.benching.site import BenchSite

OURS, OURS_THREADS = "4XL, 1 thread", "4XL, all threads"
DIRECT = "direct, tiles of 192 px, 1 thread"
DIRECT_ONE_TILE = "direct, one tile, 1 thread"
DIRECT_THREADS = "direct, tiles of 192 px, all threads"

COMPARED = (
    (OURS, DIRECT),
    (OURS_THREADS, DIRECT),
    (OURS, DIRECT_ONE_TILE),
    (OURS_THREADS, DIRECT_THREADS),
)


def measure(album: Album, weights: Path, rounds: int) -> Report:
    """Return the table for a 256x256 photo with realesr-general-x4v3."""
    report = Report("against-direct")
    with site.served(weights) as served, browser.launched() as chromium:
        where = machine.describe(browser.name(chromium.version), machine.web_versions())
        contestants = _open(chromium, served)
        for page in contestants.values():
            page.pick(album.file(0, 256, 256))
        jobs = races.race(contestants, rounds)
    report.say(
        f"A 256x256 photo, {GENERAL}, PNG; medians of {rounds} runs that took turns, after one to warm up. "
        "A job lasts from the click on Enhance until the page has the result's Blob; the rest is what is not "
        f"`session.run`. {where}."
    )
    header = ("", "job", "session.run", "the rest", "share of the rest", "tiles")
    report.table(header, [_row(name, found) for name, found in jobs.items()])
    rows = [
        (
            f"{ours} / {other}",
            pair_range([j.whole_s for j in jobs[ours]], [j.whole_s for j in jobs[other]]),
        )
        for ours, other in COMPARED
    ]
    report.table(("job, run by run", "median ratio (least to largest)"), rows)
    return report


def _open(chromium: Browser, served: BenchSite) -> dict[str, EnlargingPage]:
    plain, isolated, module = served.plain, served.isolated, served.onnxruntime
    threads = machine.cores()
    return {
        OURS: pages.open_ours(chromium, plain, module, model=GENERAL),
        DIRECT: pages.open_direct(chromium, plain, module, model=GENERAL),
        DIRECT_ONE_TILE: pages.open_direct(chromium, plain, module, model=GENERAL, tile=256),
        OURS_THREADS: pages.open_ours(chromium, isolated, module, model=GENERAL),
        DIRECT_THREADS: pages.open_direct(chromium, isolated, module, model=GENERAL, threads=threads),
    }


def _row(name: str, jobs: list[Job]) -> tuple[str, ...]:
    whole_s, session_s = races.median_whole(jobs), races.median_session(jobs)
    rest_s, share = races.median_rest(jobs), races.rest_share(jobs)
    return name, seconds(whole_s), seconds(session_s), seconds(rest_s), f"{share:.1%}", str(jobs[0].tiles)
