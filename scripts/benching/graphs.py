"""Graphs of one network beside each other: what each pass of the optimiser gains, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx

from scripts.benching import browser, machine, native, pages, races, site
from scripts.benching.models import GENERAL
from scripts.benching.report import Report, pair_range, seconds
from scripts.optimizing.upsampling import add_before_shuffle
from scripts.optimizing.winograd import winograd

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from playwright.sync_api import Browser

    from scripts.benching.pages import Job
    from scripts.benching.pictures import Album
    from scripts.benching.races import Contestant
    from scripts.benching.site import BenchSite

PLAIN = "plain"
SIDES = (64, 256)
"""Of the photo, which is one tile."""

FORMS = ((2, 2), (4, 2), (6, 2), (4, 1), (6, 1))
"""Winograd's results to a side of a tile, and directions."""

DIRECTIONS = {1: "one direction", 2: "both directions"}


def measure(album: Album, weights: Path, rounds: int) -> Report:
    """Return the tables for realesr-general-x4v3: in the browser and without, for each number of threads."""
    report = Report("graphs")
    with site.served(weights) as served, browser.launched() as chromium:
        where = machine.describe(
            browser.name(chromium.version), machine.web_versions(), f"natively {native.version()}"
        )
        report.say(
            f"`session.run` of {GENERAL} on the processor, one tile; medians of {rounds} runs that took turns. "
            f"{where}."
        )
        names = _write(served.models)
        for threads, address in ((1, served.plain), (machine.cores(), served.isolated)):
            for side in SIDES:
                opened = _open(chromium, served, address, names, threads=threads, tile=side)
                for page in opened.values():
                    page.pick(album.file(0, side, side))
                _compare(report, f"WebAssembly, {side}x{side} px, threads: {threads}", opened, rounds)
                for page in opened.values():
                    page.page.close()
        for threads in (1, machine.cores()):
            for side in SIDES:
                photo = album.photo(0, side, side)
                sessions = {
                    name: native.NativeSession(served.models / f"{file}.onnx", photo, threads)
                    for name, file in names.items()
                }
                _compare(report, f"Native, {side}x{side} px, threads: {threads}", sessions, rounds)
    return report


def _open(
    chromium: Browser, served: BenchSite, address: str, names: dict[str, str], **query: int
) -> dict[str, pages.EnlargingPage]:
    """Return a page for each graph."""
    return {
        name: pages.open_direct(chromium, address, served.onnxruntime, model=file, **query)
        for name, file in names.items()
    }


def _compare(report: Report, title: str, contestants: Mapping[str, Contestant[Job]], rounds: int) -> None:
    """Append the table of a race."""
    jobs = races.race(contestants, rounds)
    plain_s = [job.session_s for job in jobs[PLAIN]]
    report.table(
        (title, "session.run", "of plain's (least to largest)"),
        [
            (
                name,
                seconds(races.median_session(found)),
                pair_range([job.session_s for job in found], plain_s),
            )
            for name, found in jobs.items()
        ],
    )


def _write(folder: Path) -> dict[str, str]:
    """Put the graphs beside the plain one, and return the files' names by what they are."""
    model = onnx.load(folder / f"{GENERAL}.onnx")
    moved = add_before_shuffle(model)
    graphs = {"added before the shuffle": moved}
    graphs |= {
        f"… and Winograd F({results}, 3), {DIRECTIONS[directions]}": winograd(
            moved, results, directions=directions
        )
        for results, directions in FORMS
    }
    names = {PLAIN: GENERAL}
    for number, (name, graph) in enumerate(graphs.items()):
        names[name] = f"graph-{number}"
        onnx.save(graph, folder / f"{names[name]}.onnx")
    return names
