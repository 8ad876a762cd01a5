"""What the page knows, and how each message changes it: pure, without a browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from fourxl import events

if TYPE_CHECKING:
    from fourxl.errors import FourxlError
    from fourxl.manifest import ModelSpec
    from fourxl_web.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Picked:
    """The file that a person chose; its bytes stay with the browser."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Job:
    """A running job as last heard of."""

    stage: events.StageName = "reading"
    progress: events.Progress | None = None
    smaller_tiles: events.SmallerTiles | None = None
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A finished job."""

    done: events.Done
    placed: events.Placed | None
    """Where its tiles were computed."""

    source_name: str
    format: str


@dataclass(frozen=True, slots=True)
class State:
    """Everything the views show."""

    engine: Literal["starting", "ready", "failed"] = "starting"
    models: tuple[ModelSpec, ...] = ()
    picked: Picked | None = None
    bringing: str | None = None
    """The name of a network of the person's own that is being tried out."""

    job: Job | None = None
    placed: events.Placed | None = None
    """Where the running or last job was computed; the badge."""

    result: Result | None = None
    error: FourxlError | None = None
    cancelled: bool = False
    """The last job ended because the person wished so."""

    shelf: Shelf | None = None
    """Models on this device; None until the worker has looked."""

    fetching: str | None = None
    """The model whose Download was pressed and is under way."""

    download: events.Download | None = None
    """What was last heard of a download, for a job or for the shelf."""

    shelf_error: tuple[str, FourxlError] | None = None
    """The model of which the last download failed, and why."""

    @property
    def share_done(self) -> float | None:
        """How much of what the job does now is done, 0 to 1; None while that is not known."""
        if self.job is None:
            return None
        if self.is_waiting_for_model and self.download is not None:
            return self.download.received_bytes / self.download.total_bytes
        return self.job.progress.fraction if self.job.progress else None

    @property
    def is_waiting_for_model(self) -> bool:
        """Whether the job cannot go on before a download has ended."""
        if self.job is None or self.job.stage != "loading" or self.download is None:
            return False
        return self.download.received_bytes < self.download.total_bytes

    @property
    def can_start(self) -> bool:
        """Whether Enhance does something."""
        is_idle = self.job is None and self.bringing is None
        return self.engine == "ready" and self.picked is not None and is_idle


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The worker answered with its models."""

    models: tuple[ModelSpec, ...]


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The worker will not come."""

    error: FourxlError


@dataclass(frozen=True, slots=True)
class FilePicked:
    """A person chose, dropped or pasted a file."""

    picked: Picked


@dataclass(frozen=True, slots=True)
class JobStarted:
    """Enhance was pressed."""


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Cancel was pressed; the job runs to the end of its tile."""


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
    """A person chose or dropped a network of their own."""

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


Message = (
    EngineReady
    | EngineFailed
    | FilePicked
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
    | events.Event
)


def reduce(state: State, message: Message) -> State:  # noqa: C901, PLR0911, PLR0912 - a table of messages
    """Return the state after ``message``; what does not concern it leaves it as it is."""
    match message:
        case EngineReady(models):
            return replace(state, engine="ready", models=models)
        case EngineFailed(error):
            return replace(state, engine="failed", job=None, error=error)
        case FilePicked(picked) if state.job is None:
            lasting = state.error if state.engine == "failed" else None
            return replace(state, picked=picked, result=None, error=lasting, cancelled=False)
        case JobStarted() if state.can_start:
            fresh = replace(state, job=Job(), placed=None, result=None, error=None, cancelled=False)
            return fresh if state.fetching else replace(fresh, download=None)
        case ModelPicked(name) if state.job is None and state.engine != "failed":
            return replace(state, bringing=name, error=None, cancelled=False)
        case ModelBrought(spec):
            others = tuple(model for model in state.models if model.id != spec.id)
            return replace(state, bringing=None, models=(*others, spec))
        case ModelRefused(error):
            return replace(state, bringing=None, error=error)
        case ModelDeleted(model_id):
            left = tuple(spec for spec in state.models if spec.id != model_id or not spec.is_own)
            return replace(state, models=left)
        case ShelfRead(shelf):
            return replace(state, shelf=shelf, shelf_error=None)
        case FetchStarted(model_id):
            return replace(state, fetching=model_id, download=None, shelf_error=None)
        case FetchEnded(error) if state.fetching is not None:
            failed = (state.fetching, error) if error else None
            return replace(state, fetching=None, download=None, shelf_error=failed)
        case events.Download():
            return replace(state, download=message)
        case _ if state.job is None:
            return state  # what was still under way when its job ended
        case JobCancelled():
            return replace(state, job=None, cancelled=True)
        case JobFailed(error):
            return replace(state, job=None, error=error)
        case JobFinished(done, format_name):
            name = state.picked.name if state.picked else ""
            return replace(state, job=None, result=Result(done, state.placed, name, format_name))
        case CancelAsked():
            return replace(state, job=replace(state.job, cancelling=True))
        case events.Placed():
            return replace(state, placed=message)
        case events.Stage("reading"):
            return replace(state, job=Job(cancelling=state.job.cancelling))  # again, for the next device
        case events.Stage(name):
            return replace(state, job=replace(state.job, stage=name))
        case events.Progress():
            return replace(state, job=replace(state.job, progress=message))
        case events.SmallerTiles():
            return replace(state, job=replace(state.job, smaller_tiles=message))
        case _:
            return state
