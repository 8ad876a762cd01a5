"""What the page's state is told: one small class for each thing that happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourxl import events
from fourxl_web.page.remote.steps import Step

if TYPE_CHECKING:
    from fourxl.errors import FourxlError
    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings
    from fourxl_web.page.remote.place import Place
    from fourxl_web.page.state import Picked, Result
    from fourxl_web.page.work import Sent
    from fourxl_web.shelf import Shelf


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The worker answered with its models."""

    models: tuple[ModelSpec, ...]


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The worker will not come."""

    error: FourxlError


@dataclass(frozen=True, slots=True)
class FilesAdded:
    """A person chose, dropped or pasted files."""

    picked: tuple[tuple[str, Picked], ...]
    """The pictures, each with the id by which it is known from now on."""

    left_out: int = 0
    """How many other files were among them."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The first bytes of some pictures were read."""

    sides_px: tuple[tuple[str, tuple[int, int]], ...]
    """Ids, each with width and height."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of an earlier visit was taken up."""

    item_id: str
    result: Result


@dataclass(frozen=True, slots=True)
class Selected:
    """A person wants to see that picture."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A person does not want that picture in the list any more."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """A person wants an empty list."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Enhance was pressed, or the same for one picture."""

    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobStarted:
    """It is the turn of that picture; what is heard of a job is about it until it ends."""

    item_id: str


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Cancel was pressed; what runs goes on to the end of its tile."""

    item_id: str | None = None
    """Of one picture; None for the whole batch."""


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """The job has stopped."""


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The job ended with an error."""

    error: FourxlError


@dataclass(frozen=True, slots=True)
class JobFinished:
    """The result is there."""

    done: events.Done
    format: str
    sent: Sent | None = None
    """None when nothing left this device."""

    model_id: str = ""
    wanted: JobSettings | None = None
    """What was asked for; None when an earlier visit did not keep it."""


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """A person chose where pictures are enlarged, or the page learned what there is to choose."""

    place: Place


@dataclass(frozen=True, slots=True)
class ModelsRead:
    """The page has read the table of models by itself, since there is no engine."""

    models: tuple[ModelSpec, ...]


@dataclass(frozen=True, slots=True)
class ShelfRead:
    """The worker told what is on this device."""

    shelf: Shelf


@dataclass(frozen=True, slots=True)
class FetchStarted:
    """Download was pressed on the shelf."""

    model_id: str


@dataclass(frozen=True, slots=True)
class FetchEnded:
    """That download has ended: well, by Cancel, or with an error."""

    error: FourxlError | None = None


@dataclass(frozen=True, slots=True)
class ModelPicked:
    """The engine tries a network of the person's own."""

    name: str


@dataclass(frozen=True, slots=True)
class ModelBrought:
    """It enlarges pictures."""

    spec: ModelSpec


@dataclass(frozen=True, slots=True)
class ModelRefused:
    """It does not, or not here."""

    error: FourxlError


@dataclass(frozen=True, slots=True)
class ModelDeleted:
    """A model was removed from this device."""

    model_id: str


@dataclass(frozen=True, slots=True)
class TryingChanged:
    """The engine begins or ends to try models on a part of a picture."""

    is_trying: bool


Message = (
    EngineReady
    | EngineFailed
    | FilesAdded
    | Measured
    | Restored
    | Selected
    | Removed
    | Cleared
    | Queued
    | JobStarted
    | CancelAsked
    | JobCancelled
    | JobFailed
    | JobFinished
    | ShelfRead
    | FetchStarted
    | FetchEnded
    | ModelPicked
    | ModelBrought
    | ModelRefused
    | ModelDeleted
    | TryingChanged
    | PlaceChanged
    | ModelsRead
    | Step
    | events.Event
)
