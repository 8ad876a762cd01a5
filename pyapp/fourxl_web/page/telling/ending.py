"""What came of a batch that has just ended: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourxl_web import language

if TYPE_CHECKING:
    from collections.abc import Collection

    from fourxl_web.page.state import State


@dataclass(frozen=True, slots=True)
class Ending:
    """How many pictures of a batch ended how."""

    done: int
    failed: int
    left: int
    """Cancelled, or never begun."""

    @property
    def is_news(self) -> bool:
        """Whether it is worth a word: who has cancelled knows."""
        return self.done + self.failed > 0 and not self.left

    def title(self) -> str:
        """Return the title that says so of a page in the background."""
        return language.say("alerts.done", done=self.done, all=self.done + self.failed + self.left)

    def notice(self) -> str:
        """Return it in a sentence or two."""
        failed = language.count("alerts.failed", self.failed) if self.failed else ""
        return language.join(language.count("alerts.notice", self.done) if self.done else "", failed)


def ending(state: State, queue: Collection[str]) -> Ending:
    """Return what came of the pictures in ``queue``; one that was removed since then does not count."""
    ids = set(queue)
    phases = [item.phase for item in state.items if item.id in ids]
    done, failed = phases.count("done"), phases.count("failed")
    return Ending(done, failed, len(phases) - done - failed)


def running_title(share: float) -> str:
    """Return the title of a page that works."""
    return language.say("alerts.running", share=int(min(max(share, 0.0), 1.0) * 100))
