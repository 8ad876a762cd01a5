"""What the page knows: pure, without a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from fourxl_web.page import batch
from fourxl_web.page.remote.place import NOWHERE_ELSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fourxl import events
    from fourxl.errors import FourxlError
    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings
    from fourxl_web.page.remote.place import Place
    from fourxl_web.page.remote.steps import Step
    from fourxl_web.page.work import Sent
    from fourxl_web.shelf import Shelf

Phase = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Picked:
    """The file that a person chose; its bytes stay with the browser."""

    name: str
    size_bytes: int
    folder: str = ""
    """Its path inside a folder that was chosen, as ``holiday/beach``."""

    sides_px: tuple[int, int] | None = None
    """Width and height by its first bytes; None while or where they do not tell."""


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

    model_id: str = ""
    wanted: JobSettings | None = None
    """What was asked for; None when an earlier visit did not keep it."""

    smaller_tiles: events.SmallerTiles | None = None
    """The last time that memory was short."""


@dataclass(frozen=True, slots=True)
class Item:
    """One picture of the list."""

    id: str
    picked: Picked
    phase: Phase = "waiting"
    job: Job | None = None
    """Only while it runs."""

    placed: events.Placed | None = None
    """Where it is or was computed; the badge."""

    result: Result | None = None
    """The last one, until the next job of this picture begins."""

    error: FourxlError | None = None
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the views show."""

    engine: Literal["starting", "ready", "failed"] = "starting"
    fault: FourxlError | None = None
    """Why the engine failed."""

    place: Place = NOWHERE_ELSE
    """Where pictures may be enlarged."""

    models: tuple[ModelSpec, ...] = ()
    items: tuple[Item, ...] = ()
    """The pictures in the order in which they came."""

    selected: str | None = None
    """The picture that is shown."""

    is_following: bool = True
    """Whether the picture that runs is the one shown, since no person chose another."""

    queue: tuple[str, ...] = ()
    """What the running batch is to do and has done; empty when none runs."""

    weights: Mapping[str, float] = field(default_factory=dict)
    """How much work each of the queue is, against the others."""

    reached: float = 0
    """How much of the batch was once done; a device that starts over does not take it back."""

    left_out: int = 0
    """How many files of the last ones that came are no pictures."""

    bringing: str | None = None
    """The name of a network of the person's own that is being tried out."""

    is_trying: bool = False
    """Whether models are being tried on a part of a picture."""

    refusal: FourxlError | None = None
    """Why such a network was not taken."""

    shelf: Shelf | None = None
    """Models on this device; None until the worker has looked."""

    fetching: str | None = None
    """The model whose Download was pressed and is under way."""

    download: events.Download | None = None
    """What was last heard of a download, for a job or for the shelf."""

    shelf_error: tuple[str, FourxlError] | None = None
    """The model of which the last download failed, and why."""

    def item(self, item_id: str | None) -> Item | None:
        """Return the picture with that id, if it is still there."""
        return next((item for item in self.items if item.id == item_id), None)

    @property
    def selected_item(self) -> Item | None:
        """The picture that is shown; the next five are about it."""
        return self.item(self.selected)

    @property
    def picked(self) -> Picked | None:
        """Its file."""
        return item.picked if (item := self.selected_item) else None

    @property
    def job(self) -> Job | None:
        """Its job, while it runs."""
        return item.job if (item := self.selected_item) else None

    @property
    def placed(self) -> events.Placed | None:
        """Where it is or was computed; the badge."""
        return item.placed if (item := self.selected_item) else None

    @property
    def result(self) -> Result | None:
        """What came of it."""
        return item.result if (item := self.selected_item) else None

    @property
    def cancelled(self) -> bool:
        """Whether it ended because the person wished so."""
        item = self.selected_item
        return item is not None and item.phase == "cancelled"

    @property
    def error(self) -> FourxlError | None:
        """What is wrong: for every picture, with the last network, or with the one that is shown."""
        item = self.selected_item
        return self.lasting_error or self.refusal or (item.error if item else None)

    @property
    def running(self) -> Item | None:
        """The one picture that is being enlarged."""
        return next((item for item in self.items if item.phase == "running"), None)

    @property
    def share_done(self) -> float | None:
        """How much of what the running job does now is done, 0 to 1; None while that is not known."""
        job = item.job if (item := self.running) else None
        if job is None:
            return None
        if self.is_waiting_for_model and self.download is not None:
            return self.download.received_bytes / self.download.total_bytes
        return job.progress.fraction if job.progress else None

    @property
    def batch_share(self) -> float:
        """How much of the whole batch is done, 0 to 1; weighed by pixels where they are known."""
        return max(self.reached, batch.share(self))

    @property
    def is_waiting_for_model(self) -> bool:
        """Whether the running job cannot go on before a download has ended."""
        job = item.job if (item := self.running) else None
        if job is None or job.stage != "loading" or self.download is None:
            return False
        return self.download.received_bytes < self.download.total_bytes

    @property
    def can_start(self) -> bool:
        """Whether Enhance does something."""
        is_idle = not self.queue and self.bringing is None and not self.is_trying
        return self._can_compute and bool(self.items) and is_idle

    @property
    def _can_compute(self) -> bool:
        return self.engine == "ready" or self.place.can_replace(self.engine)

    @property
    def lasting_error(self) -> FourxlError | None:
        """What keeps any job from starting; None when nothing does."""
        return None if self._can_compute else self.fault
