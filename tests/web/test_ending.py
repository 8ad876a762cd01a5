"""What a page in the background tells of a batch."""

from __future__ import annotations

import pytest

from fourxl_web.page.state import Item, Phase, Picked, State
from fourxl_web.page.telling.ending import Ending, ending, running_title


def state_of(*phases: Phase) -> State:
    """Return a state with items called 0, 1, 2 … in these phases."""
    return State(items=tuple(Item(str(i), Picked("a.png", 1), phase) for i, phase in enumerate(phases)))


@pytest.mark.parametrize(
    ("phases", "came"),
    [
        (("done", "done", "done"), Ending(3, 0, 0)),
        (("done", "failed"), Ending(1, 1, 0)),
        (("done", "cancelled", "waiting"), Ending(1, 0, 2)),
        ((), Ending(0, 0, 0)),
    ],
)
def test_it_counts_the_batch(phases: tuple[Phase, ...], came: Ending) -> None:
    """Every picture of the batch that is still there ended in one of three ways."""
    assert ending(state_of(*phases), [str(i) for i in range(5)]) == came


def test_it_counts_nothing_else() -> None:
    """A picture that was done before does not make this batch larger."""
    assert ending(state_of("done", "done", "failed"), ["2"]) == Ending(0, 1, 0)


@pytest.mark.parametrize(
    ("came", "is_news", "title", "notice"),
    [
        (Ending(3, 0, 0), True, "✓ 3 of 3 · 4XL", "3 pictures are enlarged."),
        (Ending(1, 1, 0), True, "✓ 1 of 2 · 4XL", "1 picture is enlarged. 1 picture could not be enlarged."),
        (Ending(0, 2, 0), True, "✓ 0 of 2 · 4XL", "2 pictures could not be enlarged."),
        (Ending(1, 0, 1), False, "✓ 1 of 2 · 4XL", "1 picture is enlarged."),
        (Ending(0, 0, 0), False, "✓ 0 of 0 · 4XL", ""),
    ],
)
def test_it_says_so(came: Ending, is_news: bool, title: str, notice: str) -> None:
    """What is done and what failed; a batch that a person cancelled is no news."""
    assert (came.is_news, came.title(), came.notice()) == (is_news, title, notice)


@pytest.mark.parametrize(
    ("share", "title"), [(0, "0 % · 4XL"), (0.429, "42 % · 4XL"), (0.999, "99 % · 4XL"), (1.5, "100 % · 4XL")]
)
def test_a_running_title_never_says_more_than_is_done(share: float, title: str) -> None:
    """100 % is said when everything is done."""
    assert running_title(share) == title
