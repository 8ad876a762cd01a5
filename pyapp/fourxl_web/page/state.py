"""What the page knows, and how each message changes it: pure, without a browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from fourxl import events
from fourxl_web.page import messages
from fourxl_web.page.place import NOWHERE_ELSE

if TYPE_CHECKING:
    from fourxl.errors import FourxlError
    from fourxl.manifest import ModelSpec
    from fourxl_web.page.messages import Message, Step
    from fourxl_web.page.place import Place
    from fourxl_web.page.work import Sent
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
    step: Step | None = None
    """Where it is on its way to the server and back; None while it is computed."""


@dataclass(frozen=True, slots=True)
class Result:
    """A finished job."""

    done: events.Done
    placed: events.Placed | None
    """Where its tiles were computed."""

    source_name: str
    format: str
    sent: Sent | None = None
    """None when nothing left this device."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the views show."""

    engine: Literal["starting", "ready", "failed"] = "starting"
    fault: FourxlError | None = None
    """Why the engine failed."""

    place: Place = NOWHERE_ELSE
    """Where pictures may be enlarged."""

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
        return self._can_compute and self.picked is not None and is_idle

    @property
    def _can_compute(self) -> bool:
        return self.engine == "ready" or self.place.can_replace(self.engine)

    @property
    def lasting_error(self) -> FourxlError | None:
        """What keeps any job from starting; None when nothing does."""
        return None if self._can_compute else self.fault


def reduce(state: State, message: Message) -> State:  # noqa: C901, PLR0911, PLR0912 - a table of messages
    """Return the state after ``message``; what does not concern it leaves it as it is."""
    match message:
        case messages.EngineReady(models):
            return replace(state, engine="ready", models=models)
        case messages.EngineFailed(error):
            broken = replace(state, engine="failed", fault=error, bringing=None)
            if state.place.mode == "server":
                return broken
            return replace(broken, job=None, error=broken.lasting_error or state.error)
        case messages.PlaceChanged(place):
            moved = replace(state, place=place)
            other_error = None if state.error is state.lasting_error else state.error
            return replace(moved, error=moved.lasting_error or other_error)
        case messages.ModelsRead(models):
            return replace(state, models=state.models or models)
        case messages.FilePicked(picked) if state.job is None:
            return replace(state, picked=picked, result=None, error=state.lasting_error, cancelled=False)
        case messages.JobStarted() if state.can_start:
            fresh = replace(state, job=Job(), placed=None, result=None, error=None, cancelled=False)
            return fresh if state.fetching else replace(fresh, download=None)
        case messages.ModelPicked(name) if state.job is None and state.engine == "ready":
            return replace(state, bringing=name, error=None, cancelled=False)
        case messages.ModelBrought(spec):
            others = tuple(model for model in state.models if model.id != spec.id)
            return replace(state, bringing=None, models=(*others, spec))
        case messages.ModelRefused(error):
            return replace(state, bringing=None, error=error)
        case messages.ModelDeleted(model_id):
            left = tuple(spec for spec in state.models if spec.id != model_id or not spec.is_own)
            return replace(state, models=left)
        case messages.ShelfRead(shelf):
            return replace(state, shelf=shelf, shelf_error=None)
        case messages.FetchStarted(model_id):
            return replace(state, fetching=model_id, download=None, shelf_error=None)
        case messages.FetchEnded(error) if state.fetching is not None:
            failed = (state.fetching, error) if error else None
            return replace(state, fetching=None, download=None, shelf_error=failed)
        case events.Download():
            return replace(state, download=message)
        case _ if state.job is None:
            return state  # what was still under way when its job ended
        case messages.JobCancelled():
            return replace(state, job=None, cancelled=True)
        case messages.JobFailed(error):
            return replace(state, job=None, error=error)
        case messages.JobFinished(done, format_name, sent):
            name = state.picked.name if state.picked else ""
            return replace(state, job=None, result=Result(done, state.placed, name, format_name, sent))
        case messages.CancelAsked():
            return replace(state, job=replace(state.job, cancelling=True))
        case events.Placed():
            return replace(state, placed=message)
        case (
            messages.Asking()
            | messages.Waking()
            | messages.Sending()
            | messages.Fetching()
            | events.Waiting()
        ):
            return replace(state, job=Job(cancelling=state.job.cancelling, step=message))
        case events.Stage("reading"):
            return replace(state, job=Job(cancelling=state.job.cancelling))  # again, for the next device
        case events.Stage(name):
            return replace(state, job=replace(state.job, stage=name, step=None))
        case events.Progress():
            return replace(state, job=replace(state.job, progress=message))
        case events.SmallerTiles():
            return replace(state, job=replace(state.job, smaller_tiles=message))
        case _:
            return state
