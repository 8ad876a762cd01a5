"""What the page says of work that an earlier visit left: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl_web.language import count, say

if TYPE_CHECKING:
    from collections.abc import Collection

    from fourxl_web.kept import KeptJob


def found(jobs: Collection[KeptJob]) -> str:
    """Return how many of ``jobs`` are done, and how many are not; nothing for none."""
    if not jobs:
        return ""
    done = sum(job.phase == "done" for job in jobs)
    left = len(jobs) - done
    of_done, of_left = count("kept.done", done), count("kept.unfinished", left)
    if done and left:
        return say("kept.found", found=say("kept.both", done=of_done, unfinished=of_left))
    return say("kept.found", found=of_done if done else of_left)
