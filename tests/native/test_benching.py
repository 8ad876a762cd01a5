"""The benches' pure parts: tables, their places in a file, ratios, and what the kernel tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from scripts.benching.memory import parse_bytes
from scripts.benching.pages import Job
from scripts.benching.pictures import PHOTOS, Album
from scripts.benching.races import median_rest, race, rest_share
from scripts.benching.report import (
    Report,
    mebibytes,
    pair_range,
    pair_ratio,
    seconds,
    table,
)
from scripts.marked import write_between

if TYPE_CHECKING:
    from pathlib import Path


def test_a_table_has_a_line_under_its_header():
    """Every row is one line; Markdown wants a line of dashes after the first."""
    assert table(("", "time"), [("ours", "1 s")]) == "|  | time |\n| --- | --- |\n| ours | 1 s |"


def test_a_row_that_does_not_fit_is_refused():
    """A cell too few would shift all that follow."""
    with pytest.raises(ValueError, match="cell"):
        table(("", "time"), [("ours",)])


def test_a_report_puts_blank_lines_between_its_blocks():
    """Markdown joins blocks without one."""
    report = Report("png")
    report.say("Measured.")
    report.table(("a",), [("b",)])
    assert str(report) == "Measured.\n\n| a |\n| --- |\n| b |"


def test_only_what_lies_between_the_markers_is_replaced(tmp_path: Path):
    """Writing twice leaves the second text, and all around it as it was."""
    path = tmp_path / "RESULTS.md"
    path.write_text("# A\n<!-- png:begin -->\nold\n<!-- png:end -->\nB\n")
    for text in ("new", "newer"):
        write_between(path, "png", text)
    assert path.read_text() == "# A\n<!-- png:begin -->\nnewer\n<!-- png:end -->\nB\n"


@pytest.mark.parametrize("content", ["", "<!-- png:begin -->", "<!-- png:end --> <!-- png:begin -->"])
def test_a_file_without_both_markers_is_left_alone(tmp_path: Path, content: str):
    """Nothing is written anywhere else instead."""
    path = tmp_path / "RESULTS.md"
    path.write_text(content)
    with pytest.raises(ValueError, match="no place"):
        write_between(path, "png", "new")
    assert path.read_text() == content


def test_a_ratio_compares_neighbouring_runs():
    """A slow minute that hits both contestants leaves their ratio alone."""
    assert pair_ratio([1.0, 10.0, 2.0], [2.0, 20.0, 2.0]) == 0.5
    assert pair_range([1.0, 10.0, 2.0], [2.0, 20.0, 2.0]) == "0.50 (0.50 to 1.00)"


@pytest.mark.parametrize(
    ("value_s", "text"), [(0.0042, "4.2 ms"), (0.25, "250 ms"), (1.0, "1.00 s"), (12.345, "12.35 s")]
)
def test_seconds_are_told_in_the_fitting_unit(value_s: float, text: str):
    """Three digits or so, whatever the size."""
    assert seconds(value_s) == text


def test_mebibytes_are_whole():
    """A fraction of a megabyte is noise."""
    assert mebibytes(250 * 2**20 + 1000) == "250 MB"


def test_the_kernels_kilobytes_become_bytes():
    """`Pss_Anon` and the like are parts of `Pss` and no match."""
    assert parse_bytes("00-ff [rollup]\nRss:  9 kB\nPss:  3 kB\nPss_Anon:  2 kB\n", "Pss") == 3072
    with pytest.raises(ValueError, match="Pss"):
        parse_bytes("Pss_Anon:  2 kB\n", "Pss")


def test_the_rest_of_a_job_is_what_its_session_leaves():
    """Share and time are medians over jobs, each taken within its own job."""
    jobs = [Job(1.0, 0.9, 1), Job(10.0, 5.0, 1), Job(2.0, 1.9, 1)]
    assert median_rest(jobs) == pytest.approx(0.1)
    assert rest_share(jobs) == pytest.approx(0.1)


def test_contestants_take_turns_and_warm_up_first():
    """One job each does not count; after that every other round goes backwards."""
    order: list[str] = []

    class Fake:
        def __init__(self, name: str) -> None:
            self._name = name

        def enlarge(self) -> Job:
            order.append(self._name)
            return Job(1.0, 0.5, len(order))

    jobs = race({"a": Fake("a"), "b": Fake("b")}, rounds=2)
    assert "".join(order) == "ab" + "ab" + "ba"
    assert [job.tiles for job in jobs["a"]] == [3, 6]


def test_a_tall_picture_is_several_photos_one_below_the_other(tmp_path: Path):
    """No photo is that tall, and a stretched one would be no photo."""
    (tmp_path / "train").mkdir()
    for level, name in enumerate(PHOTOS):
        Image.new("RGB", (40, 30), (level * 10,) * 3).save(tmp_path / "train" / name, lossless=True)
    tall = Album(tmp_path).photo(0, 8, 20)
    assert tall.size == (8, 20)
    assert [tall.getpixel((4, row)) for row in (0, 8, 19)] == [(0, 0, 0), (10, 10, 10), (20, 20, 20)]
