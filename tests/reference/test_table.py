"""Files through both programs: the same, but for differences that models/PARITY.md tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fourxl import image

from . import rows, tiles
from .cases import CASES, NO_DIFFERENCE, Case
from .rows import Row
from .table import committed

if TYPE_CHECKING:
    from pathlib import Path

    from .ours import Ours
    from .reference import Reference, State

WANTED_DB = 55


def test_every_example_is_read_alike(inputs: Path, reference: Reference) -> None:
    """The pixels of upstream's own example inputs, whole, are the same to the last bit."""
    files = sorted(inputs.iterdir())
    assert len(files) == 9
    for file in files:
        picture = image.decode(file.read_bytes())
        layers = [*picture.planes, *([] if picture.alpha is None else [picture.alpha])]
        theirs = reference.read(file.read_bytes())
        assert picture.planes.dtype == theirs.dtype
        assert np.array_equal(np.dstack(layers), np.atleast_3d(theirs)), file.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_gives_what_real_esrgan_gives(
    case: Case, inputs: Path, ours: Ours, reference: Reference, state: State
) -> None:
    """Asked the same question, both give the same; the page says what the files alone give, and why."""
    row = rows.measure(case, inputs, ours, reference, state)
    assert (row.alike is None) == (not case.can_be_asked)
    assert row.alike is None or row.alike >= WANTED_DB
    if case.why == NO_DIFFERENCE:
        assert min(row.colour, row.seen) >= WANTED_DB
    assert row.agrees(committed()[case.name]), f"models/PARITY.md is not up to date: {row.cells}"


def test_the_page_holds_these_inputs_and_no_others() -> None:
    """A line without a test could say anything."""
    names = [case.name for case in CASES]
    assert list(committed()) == [rows.HEADER[0], *names, tiles.HEADER[0], tiles.OURS, tiles.UPSTREAM]


def test_tiles_give_the_whole_picture(inputs: Path, ours: Ours, reference: Reference, state: State) -> None:
    """Computed in tiles a picture is what upstream makes of it in one piece, as the page says."""
    figures = tiles.measure(inputs, ours, reference, state)
    assert figures[tiles.OURS] >= WANTED_DB
    for who, figure in figures.items():
        assert rows.agree(rows.written(figure), committed()[who][1]), (who, figure)


def test_cells_agree_up_to_rounding() -> None:
    """Another figure, another kind of cell or another line is told."""
    row = Row("a", 40.04, None, 71.0, 55.0, "b")
    assert row.cells == ("a", "40.0 dB", "-", "≥ 70 dB", "55.0 dB", "b")
    assert row.agrees(("a", "40.2 dB", "-", "≥ 70 dB", "55.0 dB", "b"))
    for index, cell in enumerate(["c", "40.4 dB", "40.0 dB", "69.9 dB", "-", ""]):
        cells = list(row.cells)
        cells[index] = cell
        assert not row.agrees(tuple(cells))
    assert not row.agrees(row.cells[1:])
