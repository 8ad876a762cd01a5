"""Graphs of one network beside each other: what each pass of the optimiser gains in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx

from scripts.benching import browser, machine, pages, races, site
from scripts.benching.models import GENERAL
from scripts.benching.report import Report, pair_range, seconds
from scripts.optimizing.upsampling import add_before_shuffle
from scripts.optimizing.winograd import winograd

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.benching.pictures import Album

PLAIN = "plain"
SIDES = (64, 256)
"""Of the photo, which is one tile."""


def measure(album: Album, weights: Path, rounds: int) -> Report:
    """Return the tables for realesr-general-x4v3, one for each number of threads."""
    report = Report("graphs")
    with site.served(weights) as served, browser.launched() as chromium:
        where = machine.describe(browser.name(chromium.version), machine.web_versions())
        report.say(
            f"`session.run` of {GENERAL} in WebAssembly, one tile; medians of {rounds} runs that took turns. "
            f"{where}."
        )
        names = _write(served.models)
        for threads, address in ((1, served.plain), (machine.cores(), served.isolated)):
            for side in SIDES:
                contestants = {
                    name: pages.open_direct(
                        chromium, address, served.onnxruntime, model=file, threads=threads, tile=side
                    )
                    for name, file in names.items()
                }
                for page in contestants.values():
                    page.pick(album.file(0, side, side))
                jobs = races.race(contestants, rounds)
                plain = [job.session_s for job in jobs[PLAIN]]
                report.table(
                    (f"{side}x{side} px, threads: {threads}", "session.run", "of plain's (least to largest)"),
                    [
                        (
                            name,
                            seconds(races.median_session(found)),
                            pair_range([job.session_s for job in found], plain),
                        )
                        for name, found in jobs.items()
                    ],
                )
                for page in contestants.values():
                    page.page.close()
    return report


def _write(folder: Path) -> dict[str, str]:
    """Put the graphs beside the plain one, and return the files' names by what they are."""
    model = onnx.load(folder / f"{GENERAL}.onnx")
    moved = add_before_shuffle(model)
    graphs = {"added before the shuffle": moved}
    graphs |= {f"… and Winograd F({results}, 3)": winograd(moved, results) for results in (2, 4, 6)}
    names = {PLAIN: GENERAL}
    for number, (name, graph) in enumerate(graphs.items()):
        names[name] = f"graph-{number}"
        onnx.save(graph, folder / f"{names[name]}.onnx")
    return names
