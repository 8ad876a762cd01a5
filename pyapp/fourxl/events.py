"""What a job tells while it runs: small frozen messages that cross threads as flat mappings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.errors import Wire
    from fourxl.notes import Note

StageName = Literal["reading", "loading", "enlarging", "writing"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The job waits for its turn on a server."""

    ahead: int
    """Jobs that must end before it starts; 1 or more."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The job went on to another kind of work."""

    name: StageName


@dataclass(frozen=True, slots=True)
class Download:
    """Files of a model are on their way; told in small steps, and when all are here."""

    model_id: str
    received_bytes: int
    """Of the files that were missing; a server that cannot resume may send it back."""

    total_bytes: int
    """Of all files that were missing."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the tiles of this job are computed from now on."""

    runtime: str
    """``webgpu``, ``wasm``, ``onnxruntime`` …"""

    device: str
    """GPU or CPU, as the badge shows it."""

    reason: str
    """Why there, in a sentence."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One more tile is done. ``fraction`` never goes back."""

    tile: int
    """Tiles computed so far."""

    tiles: int
    """Tiles in all, as far as known now."""

    fraction: float
    """Share of the picture that is done, 0 to 1."""

    seconds_left: float | None
    """Estimated from the tiles so far; None before there is anything to go by."""


@dataclass(frozen=True, slots=True)
class SmallerTiles:
    """The device ran out of memory, and the rest of the picture goes on in smaller tiles."""

    from_px: int
    to_px: int


@dataclass(frozen=True, slots=True)
class Done:
    """The result is complete."""

    width: int
    height: int
    size_bytes: int
    seconds: float
    """From the first byte read to the last one written."""

    runtime_seconds: float
    """The part spent inside the runtime, computing tiles."""

    tiles: int
    notes: tuple[str, ...]
    """What a person should know: a sentence each (first frame of an animation, CMYK converted …)."""

    size_label: str
    """How large it was asked to be, as the result's name tells it: ``4x``, ``1920w``."""

    told: tuple[Wire, ...] = ()
    """The notes again, for another language: what each is ``about``, and the values in it."""

    resumed_share: float = 0.0
    """The share of the picture that an earlier, interrupted run had done: 0, or less than 1."""

    computed_px: int = 0
    """Source pixels that the runtime was given in ``runtime_seconds``, halos and all; 0 where that is not told."""

    def noted(self, *notes: Note) -> Done:
        """Return the same with more notes."""
        sentences = (*self.notes, *(note.sentence for note in notes))
        return replace(self, notes=sentences, told=(*self.told, *(note.to_wire() for note in notes)))


Event = Waiting | Stage | Download | Placed | Progress | SmallerTiles | Done

_KINDS: dict[str, Callable[..., Event]] = {
    cls.__name__: cls for cls in (Waiting, Stage, Download, Placed, Progress, SmallerTiles, Done)
}


def to_wire(event: Event) -> dict[str, Any]:
    """Return ``event`` as a flat mapping with its kind under ``"event"``."""
    wire = {"event": type(event).__name__, **asdict(event)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in wire.items()}


def from_wire(wire: dict[str, Any]) -> Event:
    """Return the event that ``to_wire`` described.

    Raises:
        KeyError: for a kind that does not exist.
    """
    cls = _KINDS[wire["event"]]
    values = {name: value for name, value in wire.items() if name != "event"}
    return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
