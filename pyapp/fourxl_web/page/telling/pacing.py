"""How often something may be done: pure."""

from __future__ import annotations


class Pace:
    """Lets a thing be done now, and again only after some time."""

    def __init__(self, every_s: float, begun_s: float | None = None) -> None:
        """Allow it every ``every_s`` seconds; as if it had last been done at ``begun_s``."""
        self._every_s = every_s
        self._last_s = begun_s

    def is_due(self, now_s: float) -> bool:
        """Return whether it may be done at ``now_s``; when it may, it counts as done."""
        if self._last_s is not None and now_s - self._last_s < self._every_s:
            return False
        self.restart(now_s)
        return True

    def restart(self, now_s: float) -> None:
        """Count the time from ``now_s``, since it is done then whatever the pace."""
        self._last_s = now_s
