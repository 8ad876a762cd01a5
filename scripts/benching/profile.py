"""Where the time of a job goes that is not the network: stopwatches inside the engine."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benching import browser, machine, pages, site
from scripts.benching.models import GENERAL, SWIFT
from scripts.benching.report import Report, seconds

if TYPE_CHECKING:
    from scripts.benching.pages import EnlargingPage
    from scripts.benching.pictures import Album

STOPWATCHES = Path(__file__).with_name("stopwatches.py")
OUTSIDE = "page, messages, reading the clock"

JOBS = ((GENERAL, 256), (SWIFT, 256), (SWIFT, 1024))
"""Model, and the side of a photo."""


def measure(album: Album, weights: Path, rounds: int) -> Report:
    """Return the table, one column for each job, with one thread."""
    columns: dict[str, dict[str, float]] = {}
    prelude = STOPWATCHES.read_text("utf-8")
    with site.served(weights, prelude) as served, browser.launched() as chromium:
        where = machine.describe(browser.name(chromium.version), machine.web_versions())
        for model, side in JOBS:
            page = pages.open_ours(chromium, served.plain, served.onnxruntime, model=model)
            page.pick(album.file(0, side, side))
            page.enlarge()
            columns[f"{model}, {side}x{side}"] = _median([_profiled(page) for _ in range(rounds)])
            page.page.close()
    parts = {part for column in columns.values() for part in column}
    heaviest = sorted(parts, key=lambda part: -max(column.get(part, 0.0) for column in columns.values()))
    report = Report("profile")
    report.say(
        f"Parts of a job with one thread, medians of {rounds} runs; a part excludes the parts inside it. {where}."
    )
    rows = [(part, *(seconds(column.get(part, 0.0)) for column in columns.values())) for part in heaviest]
    totals = ("**sum**", *(seconds(sum(column.values())) for column in columns.values()))
    report.table(("", *columns), [*rows, totals])
    return report


def _profiled(page: EnlargingPage) -> dict[str, float]:
    job = page.enlarge()
    times: dict[str, float] = json.loads(page.realm.evaluate("() => self.benchTimes"))
    return {**times, OUTSIDE: job.whole_s - sum(times.values())}


def _median(profiles: list[dict[str, float]]) -> dict[str, float]:
    names = {name for profile in profiles for name in profile}
    return {name: statistics.median(profile.get(name, 0.0) for profile in profiles) for name in names}
