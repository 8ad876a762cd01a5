"""What the page knows, and how each message changes it: pure, without a browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from fourxl import events

if TYPE_CHECKING:
    from fourxl.errors import FourxlError
    from fourxl.manifest import ModelSpec


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
    job: Job | None = None
    placed: events.Placed | None = None
    """Where the running or last job was computed; the badge."""

    result: Result | None = None
    error: FourxlError | None = None
    cancelled: bool = False
    """The last job ended because the person wished so."""

    @property
    def can_start(self) -> bool:
        """Whether Enhance does something."""
        return self.engine == "ready" and self.picked is not None and self.job is None


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


Message = (
    EngineReady
    | EngineFailed
    | FilePicked
    | JobStarted
    | CancelAsked
    | JobCancelled
    | JobFailed
    | JobFinished
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
            return replace(state, job=Job(), placed=None, result=None, error=None, cancelled=False)
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
