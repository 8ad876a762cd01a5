"""How each message changes what the page knows: pure, without a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fourxl import events
from fourxl_web.page import batch, changes, messages
from fourxl_web.page.remote import steps
from fourxl_web.page.state import Item, Job, Result

if TYPE_CHECKING:
    from fourxl_web.page.messages import Message
    from fourxl_web.page.state import State


def reduce(state: State, message: Message) -> State:
    """Return the state after ``message``; what does not concern it leaves it as it is."""
    found = _after(state, message)
    if found.queue and found is not state:
        return replace(found, reached=max(found.reached, batch.share(found)))
    return found


def _after(state: State, message: Message) -> State:  # noqa: C901, PLR0911, PLR0912 - a table of messages
    match message:
        case messages.EngineReady(models):
            return replace(state, engine="ready", models=models)
        case messages.EngineFailed(error):
            broken = replace(state, engine="failed", fault=error, bringing=None)
            if state.place.mode == "server" or not state.queue:
                return broken
            return changes.end(changes.keep_waiting(broken), "failed", error=error)
        case messages.PlaceChanged(place):
            return replace(state, place=place)
        case messages.ModelsRead(models):
            return replace(state, models=state.models or models)
        case messages.ModelPicked(name) if not state.queue and state.engine == "ready":
            return replace(state, bringing=name, refusal=None, left_out=0)
        case messages.TryingChanged(is_trying):
            return replace(state, is_trying=is_trying)
        case messages.ModelBrought(spec):
            others = tuple(model for model in state.models if model.id != spec.id)
            return replace(state, bringing=None, models=(*others, spec))
        case messages.ModelRefused(error):
            return replace(state, bringing=None, refusal=error)
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
        case messages.FilesAdded(picked, left_out):
            return changes.add(state, tuple(Item(item_id, file) for item_id, file in picked), left_out)
        case messages.Measured(sides_px):
            return changes.measure(state, dict(sides_px))
        case messages.Restored(item_id, result):
            return changes.change(state, item_id, phase="done", result=result, placed=result.placed)
        case messages.Selected(item_id) if state.item(item_id):
            return replace(state, selected=item_id, is_following=False, refusal=None, left_out=0)
        case messages.Removed(item_id):
            return changes.remove(state, item_id)
        case messages.Cleared() if not state.queue:
            return replace(state, items=(), selected=None, refusal=None, left_out=0)
        case messages.Queued(item_ids):
            return changes.queue(state, item_ids)
        case messages.JobStarted(item_id) if state.running is None and item_id in state.queue:
            return changes.start(state, item_id)
        case messages.CancelAsked(None):
            return changes.keep_waiting(changes.mark_cancelling(state))
        case messages.CancelAsked(str(item_id)):
            return changes.cancel(state, item_id)
        case _ if (running := state.running) and running.job:
            return _of_job(state, message, running, running.job)
        case _:
            return state  # what was still under way when its job ended


def _of_job(state: State, message: Message, running: Item, job: Job) -> State:
    """Return the state after news of the running job."""
    match message:
        case messages.JobCancelled():
            return changes.end(state, "cancelled")
        case messages.JobFailed(error):
            return changes.end(state, "failed", error=error)
        case messages.JobFinished(done, format_name, sent, model_id, wanted):
            name, smaller = running.picked.name, job.smaller_tiles
            result = Result(done, running.placed, name, format_name, sent, model_id, wanted, smaller)
            return changes.end(state, "done", result=result)
        case events.Placed():
            return changes.change(state, running.id, placed=message)
        case _:
            found = _heard(job, message)
            return state if found is job else changes.change(state, running.id, job=found)


def _heard(job: Job, message: Message) -> Job:
    """Return the running job after what was heard of it."""
    match message:
        case steps.Asking() | steps.Waking() | steps.Sending() | steps.Fetching() | events.Waiting():
            return Job(cancelling=job.cancelling, step=message)
        case events.Stage("reading"):
            return Job(cancelling=job.cancelling)  # again, for the next device
        case events.Stage(name):
            return replace(job, stage=name, step=None)
        case events.Progress():
            return replace(job, progress=message)
        case events.SmallerTiles():
            return replace(job, smaller_tiles=message)
        case _:
            return job
