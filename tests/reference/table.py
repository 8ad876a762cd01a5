"""Writes the tables of models/PARITY.md anew: `python -m tests.reference.table`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from scripts.benching.report import table
from scripts.exporting.checkpoints import read_state
from scripts.exporting.externalize import pack
from scripts.marked import write_between

from . import rows, tiles
from .cases import CASES
from .ours import GENERAL, Ours
from .reference import REPOSITORY, Reference

PAGE = REPOSITORY / "models/PARITY.md"
SHARED = REPOSITORY.parent / "shared"


def committed() -> dict[str, tuple[str, ...]]:
    """Return the lines of the page's tables: their cells by the first of them."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return {first: (first, *rest) for first, *rest in cells if first != "---"}


def main() -> None:
    """Measure every line, then write them all."""
    state = read_state(SHARED / "weights" / f"{GENERAL}.safetensors")
    with tempfile.TemporaryDirectory() as folder, Reference(Path(folder)) as reference:
        ours, inputs = Ours(pack(state)), SHARED / "images/inputs"
        measured = [rows.measure(case, inputs, ours, reference, state).cells for case in CASES]
        tiled = [
            (who, rows.written(figure))
            for who, figure in tiles.measure(inputs, ours, reference, state).items()
        ]
    write_between(PAGE, "inputs", table(rows.HEADER, measured))
    write_between(PAGE, "tiles", table(tiles.HEADER, tiled))


if __name__ == "__main__":
    main()
