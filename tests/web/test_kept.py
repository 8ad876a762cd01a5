"""Jobs that outlast a visit: which are offered again, what is said of them, and texts that no crash tears."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fourxl_web import kept
from fourxl_web.kept import LASTS_S, KeptJob
from fourxl_web.page.device import left_words
from fourxl_web.worker import halves
from fourxl_web.worker.halves import Half

JOB = KeptJob("an id", "beach/palm.jpg", 900, "{}", "begun", 0.4, saved=False, at=1000.0)
DONE = replace(JOB, phase="done", share_done=1.0)


def test_wire() -> None:
    """A job comes back from plain values as it was."""
    assert kept.from_wire(JOB.to_wire()) == JOB


@pytest.mark.parametrize(
    "change", [{"phase": "lost"}, {"id": ""}, {"path": ""}, {"at": "then"}, {"wire": None}]
)
def test_other_versions(change: dict[str, object]) -> None:
    """What this version does not know is refused, whatever it is."""
    wire = {**JOB.to_wire(), **change}
    if change == {"wire": None}:
        del wire["wire"]
    with pytest.raises((KeyError, TypeError, ValueError)):
        kept.from_wire(wire)


@pytest.mark.parametrize(
    ("job", "seconds_later", "is_over"),
    [
        (JOB, 0, False),
        (JOB, LASTS_S - 1, False),
        (JOB, LASTS_S, True),
        (JOB, -1, True),  # a clock that was set back would keep it for ever
        (DONE, 60, False),
        (replace(DONE, saved=True), 60, True),
        (replace(JOB, saved=True), 60, False),  # done again since it was saved
        (replace(JOB, phase="failed"), 60, True),
    ],
)
def test_what_the_next_visit_finds(job: KeptJob, seconds_later: float, is_over: bool) -> None:
    """Work is offered for a week, but for what was saved, has failed or is of the future."""
    assert job.is_over(job.at + seconds_later) == is_over


def test_words() -> None:
    """The bar tells what is done and what is not, each only where there is some."""
    assert left_words.found([]) == ""
    assert left_words.found([JOB]) == "From your last visit: 1 picture not finished."
    assert left_words.found([DONE, DONE]) == "From your last visit: 2 pictures done."
    assert (
        left_words.found([DONE, JOB, JOB, DONE, DONE])
        == "From your last visit: 3 pictures done, 2 pictures not finished."
    )


def test_a_torn_write_leaves_the_text_before() -> None:
    """Whatever part of a write reached the disk, the newest whole text is read; without one, none."""
    before, after = Half(7, "old Ω").to_bytes(), Half(8, "new\nand longer").to_bytes()
    for length in range(len(after)):
        found = halves.newest(halves.from_bytes(before), halves.from_bytes(after[:length]))
        assert found == Half(7, "old Ω")
    assert halves.newest(halves.from_bytes(after), halves.from_bytes(before)) == Half(8, "new\nand longer")
    assert halves.newest(halves.from_bytes(b""), None) is None
