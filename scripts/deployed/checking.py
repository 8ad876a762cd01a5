"""A check, and what became of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["passed", "failed", "skipped"]

_MARKS: dict[Outcome, str] = {"passed": "✓", "failed": "✗", "skipped": "·"}


class Failed(Exception):
    """A check found something wrong; the message says what."""


class Skipped(Exception):
    """There is nothing to check; the message says why."""


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    name: str
    look: Callable[[], str]
    """Returns what was seen; raises Failed or Skipped."""


def run(checks: Iterable[Check], say: Callable[[str], None]) -> dict[Outcome, int]:
    """Return how many checks passed, failed or were skipped; each is told in a line as soon as it is done."""
    counts: dict[Outcome, int] = {"passed": 0, "failed": 0, "skipped": 0}
    for check in checks:
        outcome, told = _outcome(check)
        counts[outcome] += 1
        say(f"{_MARKS[outcome]} {check.name}: {'skipped, ' if outcome == 'skipped' else ''}{told}")
    return counts


def _outcome(check: Check) -> tuple[Outcome, str]:
    try:
        return "passed", check.look()
    except Failed as error:
        return "failed", str(error)
    except Skipped as error:
        return "skipped", str(error)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # An answer that was not what it should be made the check stumble.
        return "failed", f"an answer makes no sense ({type(error).__name__}: {error})"
