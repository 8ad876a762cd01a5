"""Jobs that outlast a visit: what the engine's worker finds on this device and the page offers to go on with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Phase = Literal["waiting", "begun", "failed", "done"]
"""What ``failed`` can be gone on with for the rest of that visit only."""

LASTS_S = 7 * 24 * 3600
"""How long a job is kept that nobody comes back for."""


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A picture of an earlier visit that nobody has at the moment."""

    id: str
    path: str
    """The picture's name; behind the folder it was chosen with, as ``holiday/beach/palm.jpg``."""

    size_bytes: int
    wire: str
    """JSON of its JobSettings."""

    phase: Phase
    share_done: float
    """How much of it is there, 0 to 1."""

    saved: bool
    """Whether its result lies where the person wanted it, or is not wanted any more."""

    at: float
    """When it was kept, in seconds since 1970."""

    def __post_init__(self) -> None:
        """Refuse what this version does not know.

        Raises:
            ValueError: it is another version's, or damaged.
        """
        if self.phase not in get_args(Phase) or not self.id or not self.path:
            raise ValueError(f"no kept job: {self.phase!r} {self.id!r} {self.path!r}")

    def is_over(self, now_s: float) -> bool:
        """Return whether the next visit has no use for it."""
        is_seen = self.phase == "done" and self.saved
        return is_seen or self.phase == "failed" or not 0 <= now_s - self.at < LASTS_S

    def to_wire(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def from_wire(wire: Mapping[str, Any]) -> KeptJob:
    """Return the job that ``to_wire`` described.

    Raises:
        KeyError, TypeError, ValueError: it describes none.
    """
    return KeptJob(
        str(wire["id"]),
        str(wire["path"]),
        int(wire["size_bytes"]),
        str(wire["wire"]),
        wire["phase"],
        float(wire["share_done"]),
        bool(wire["saved"]),
        float(wire["at"]),
    )
