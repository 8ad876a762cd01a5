"""The command line of scripts/bench: measure one promise, and write its table into RESULTS.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benching import against_direct, boot, graphs, halo, memory, png, profile, ray, server, swift
from scripts.benching.pictures import Album
from scripts.building.site import REPOSITORY
from scripts.marked import write_between

if TYPE_CHECKING:
    from scripts.benching.report import Report

RESULTS = Path(__file__).with_name("RESULTS.md")
CARD = REPOSITORY / "models/README.md"

SUBJECTS = {
    "against-direct": (5, "our whole job beside plain JavaScript"),
    "graphs": (5, "what the passes of the optimiser gain"),
    "halo": (6, "how much context a tile needs"),
    "profile": (5, "where the part of a job goes that is not the network"),
    "ray": (5, "one job over one and two replicas of Ray Serve"),
    "server": (5, "our server beside the original's way of enlarging"),
    "swift": (7, "the bundled model beside realesr-general-x4v3"),
    "memory": (3, "the engine's memory over idle"),
    "boot": (5, "how soon the page is usable and the engine ready"),
    "png": (7, "our PNG writer beside Pillow's"),
}
"""Runs, and what is measured."""


def main(arguments: list[str] | None = None) -> None:
    """Measure what the command line names."""
    words = arguments or sys.argv[1:]
    given = [word.removeprefix("--") if word in ("--against-direct", "--server") else word for word in words]
    options = _parser().parse_args(given)
    rounds = options.runs or SUBJECTS[options.subject][0]
    report = _measure(options, rounds)
    report.say(f"`scripts/bench {options.subject}`")
    print(f"\n{report}")
    if options.write:
        write_between(RESULTS, report.name, str(report))


def _measure(options: argparse.Namespace, rounds: int) -> Report:
    album, weights = Album(options.shared / "images"), options.shared / "weights"
    with_weights = {
        "against-direct": against_direct.measure,
        "graphs": graphs.measure,
        "halo": halo.measure,
        "profile": profile.measure,
        "ray": ray.measure,
        "server": server.measure,
    }
    if options.subject in with_weights:
        return with_weights[options.subject](album, weights, rounds)
    match options.subject:
        case "swift":
            report, card = swift.measure(album, weights, rounds)
            if options.write:
                write_between(CARD, "browser-speed", card)
            return report
        case "memory":
            return memory.measure(album, rounds)
        case "boot":
            return boot.measure(rounds)
        case _:
            return png.measure(album, rounds)


def _parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    subjects = "\n".join(f"  {name:15} {words} ({runs} runs)" for name, (runs, words) in SUBJECTS.items())
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description=f"{__doc__}\n\n{subjects}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("subject", choices=SUBJECTS, metavar="subject", help="one of the above")
    parser.add_argument(
        "--write", action="store_true", help="write the table into scripts/benching/RESULTS.md"
    )
    parser.add_argument("--runs", type=int, help="how many runs, instead of the numbers above")
    parser.add_argument(
        "--shared",
        type=Path,
        default=REPOSITORY.parent / "shared",
        help="folder with images/train and weights/; default ../shared",
    )
    return parser


if __name__ == "__main__":
    main()
