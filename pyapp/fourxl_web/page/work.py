"""One picture to enlarge, and what came of it, wherever that was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fourxl.events import Done
    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings


@dataclass(frozen=True, slots=True)
class Work:
    """What a person asked for by pressing Enhance."""

    id: str
    """Of the item, by which the engine keeps what it has done so far."""

    file: Any
    """A JavaScript File."""

    name: str
    size_bytes: int
    sides_px: tuple[int, int] | None
    """Width and height by the picture's first bytes; None when they do not tell."""

    wanted: JobSettings
    spec: ModelSpec | None
    """The model; None when the page has no table of models."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A picture that left this device."""

    host: str
    at: str
    """When, by the clock of this device: ``14:03``."""

    runtime: str
    device: str
    """What computed it there: ``openvino`` on the ``CPU``."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished job."""

    blob: Any
    """The result, a JavaScript Blob."""

    done: Done
    sent: Sent | None = None
    """None when nothing left this device."""

    layers: Any = ()
    """How a result can be shown that is too large to be shown as one."""
