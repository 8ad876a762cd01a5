"""How often something may be done."""

from __future__ import annotations

from fourxl_web.page.telling.pacing import Pace


def test_it_is_due_once_in_that_time() -> None:
    """However often it is asked, what happens is never closer together than the pace, and never stops."""
    pace = Pace(10.0)
    done = [now for now in range(1000) if pace.is_due(now / 10)]
    assert done == list(range(0, 1000, 100))


def test_it_may_have_been_done_before() -> None:
    """What was done when it began, or anyway, counts."""
    pace = Pace(10.0, begun_s=100.0)
    assert not pace.is_due(109.9)
    pace.restart(109.9)
    assert not pace.is_due(119.8)
    assert pace.is_due(119.9)
