"""The bundled model beside realesr-general-x4v3, on our page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.benching import browser, machine, pages, races, site
from scripts.benching.models import GENERAL, SWIFT
from scripts.benching.report import Report, pair_range, seconds, table

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.benching.pages import Job
    from scripts.benching.pictures import Album


def measure(album: Album, weights: Path, rounds: int) -> tuple[Report, str]:
    """Return the report and the lines for the model card."""
    with site.served(weights) as served, browser.launched() as chromium:
        where = machine.describe(browser.name(chromium.version), machine.web_versions())
        contestants = {
            f"{model}, {threads}": pages.open_ours(chromium, address, served.onnxruntime, model=model)
            for threads, address in (("1 thread", served.plain), ("all threads", served.isolated))
            for model in (GENERAL, SWIFT)
        }
        for page in contestants.values():
            page.pick(album.file(0, 256, 256))
        jobs = races.race(contestants, rounds)
    rows = [
        row
        for threads in ("1 thread", "all threads")
        for row in _rows(threads, jobs[f"{GENERAL}, {threads}"], jobs[f"{SWIFT}, {threads}"])
    ]
    header = (f"256x256 px, WebAssembly, {machine.cores()} cores", GENERAL, SWIFT, "ratio (least to largest)")
    report = Report("swift")
    report.say(
        f"A 256x256 photo, PNG; medians of {rounds} runs that took turns, after one to warm up. The whole job "
        f"lasts from the click until the page has the result's Blob. {where}."
    )
    report.table(header, rows)
    chromium_name = where.split("; ")[1]
    return report, f"{table(header, rows)}\n\n{chromium_name}; `scripts/bench swift` measures it again."


def _rows(threads: str, general: list[Job], swift: list[Job]) -> list[tuple[str, ...]]:
    return [
        (
            f"whole job, {threads}",
            seconds(races.median_whole(general)),
            seconds(races.median_whole(swift)),
            pair_range([job.whole_s for job in general], [job.whole_s for job in swift]),
        ),
        (
            f"network alone, {threads}",
            seconds(races.median_session(general)),
            seconds(races.median_session(swift)),
            pair_range([job.session_s for job in general], [job.session_s for job in swift]),
        ),
    ]
