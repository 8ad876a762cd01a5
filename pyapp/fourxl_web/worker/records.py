"""What is written down of a kept job, and read again with distrust: pure.

Other versions of this page, and every page of the same host, can have written it. What makes no
sense is no record, so that nothing damaged gets further than here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from fourxl import bands, events, journal, settings
from fourxl.errors import FourxlError
from fourxl_web import kept

if TYPE_CHECKING:
    from fourxl_web.kept import KeptJob


@dataclass(frozen=True, slots=True)
class Record:
    """A job, and what came of it."""

    job: KeptJob
    made: dict[str, Any]
    """What came of it, as its desk tells it; empty before the end."""

    def to_text(self) -> str:
        """Return what is written down."""
        return json.dumps({"job": self.job.to_wire(), "made": self.made})


def from_text(text: str | None, job_id: str, checkpoint: str | None) -> Record | None:
    """Return the record that ``to_text`` wrote, with the share that ``checkpoint`` tells; None for anything else."""
    try:
        found = json.loads(text or "")
        job = kept.from_wire({**found["job"], "id": job_id})
        settings.from_wire(json.loads(job.wire))
        made = dict(found["made"])
        if job.phase == "done" and not _is_readable(made):
            return None
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, FourxlError):
        return None
    share = 1.0 if job.phase == "done" else journal.share_done(checkpoint)
    return Record(replace(job, share_done=share), made)


def _is_readable(made: dict[str, Any]) -> bool:
    """Return whether the page can read what came of a job, or raise something."""
    for layer in made["layers"]:
        bands.from_wire(layer)
    placed = events.from_wire(made["placed"]) if made["placed"] else None
    return (
        isinstance(events.from_wire(made["done"]), events.Done)
        and (placed is None or isinstance(placed, events.Placed))
        and made["format"] in get_args(settings.Format)
    )
