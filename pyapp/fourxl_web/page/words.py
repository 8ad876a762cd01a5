"""Every sentence of the page that depends on its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl.settings import MAX_SCALE, MIN_SCALE
from fourxl_web.language import count, has, join, say, told
from fourxl_web.page import server_words
from fourxl_web.page.quantities import downloaded, duration, size
from fourxl_web.page.timing.rounding import about
from fourxl_web.shelf import NOTABLE_BYTES, files, size_bytes

if TYPE_CHECKING:
    from fourxl.errors import Wire
    from fourxl.events import Done, Placed
    from fourxl.manifest import ModelSpec
    from fourxl_web.language import Value
    from fourxl_web.page.state import Job, Result, State
    from fourxl_web.shelf import Shelf


def status(state: State) -> str:
    """Return the one line that says what is going on."""
    if state.job is not None:
        return _waiting(state) or _running(state.job)
    if state.bringing is not None:
        return say("status.trying", name=state.bringing)
    if state.error is not None:
        return server_words.fault(state.error, state.place, state.engine)
    left_out = count("batch.left-out", state.left_out) if state.left_out else ""
    return join(left_out, _idle(state))


def elapsed(state: State) -> str:
    """Return the seconds beside that line, or nothing."""
    return server_words.elapsed(state.job.step) if state.job else ""


def _idle(state: State) -> str:
    if state.cancelled:
        return say("status.cancelled")
    if state.result is not None:
        return say("status.done", duration=duration(state.result.done.seconds))
    if state.engine == "starting" and not state.place.can_replace(state.engine):
        return say("status.engine-picked" if state.picked else "status.engine")
    return say("status.ready" if state.picked else "status.choose")


def _waiting(state: State) -> str:
    """Return what a job is told that waits for its model, or nothing."""
    if not state.is_waiting_for_model or state.download is None or state.job is None:
        return ""
    if state.job.cancelling:
        return say("status.cancelling")
    model_id = state.download.model_id
    model = next((server_words.label(spec) for spec in state.models if spec.id == model_id), model_id)
    return say("status.downloading", model=model, amount=downloaded(state.download))


def _running(job: Job) -> str:
    if job.step is not None:
        return server_words.step(job.step)
    if job.cancelling:
        return say("status.cancelling-tile")
    if job.stage != "enlarging" or job.progress is None:
        return say(f"status.{job.stage}")
    tile, tiles, seconds_left = job.progress.tile, job.progress.tiles, job.progress.seconds_left
    if seconds_left is None or job.progress.fraction >= 1:
        line = say("status.tile", tile=tile, tiles=tiles)
    else:
        line = say("status.tile-left", tile=tile, tiles=tiles, duration=about(seconds_left))
    if job.smaller_tiles is None:
        return line
    smaller = say("status.smaller-tiles", tile_px=job.smaller_tiles.to_px)
    return say("sentence.but", first=line, second=smaller)


def badge(placed: Placed | None) -> tuple[str, str]:
    """Return the badge's word and the reason behind it."""
    if placed is None:
        return "", ""
    key = f"badge.{placed.device.lower()}"
    return say(key) if has(key) else placed.device, told(placed.reason)


def purpose(spec: ModelSpec, shelf: Shelf | None) -> str:
    """Return what a model is for, and what using it downloads first if that is worth a word."""
    missing_bytes = shelf.missing_bytes(spec) if shelf else 0
    line = described(spec)
    if missing_bytes < NOTABLE_BYTES:
        return line
    return join(line, say("options.purpose-download", size=size(missing_bytes)))


def described(spec: ModelSpec) -> str:
    """Return what a model is for; of a person's own, which no one has described, what it does."""
    if spec.is_own:
        return say("model.own", scale=spec.scale)
    key = f"model.{spec.id}"
    return say(key) if has(key) else spec.purpose


def place(spec: ModelSpec, shelf: Shelf, *, is_deletable: bool, is_page_kept: bool) -> str:
    """Return where a model is; it works offline if the page itself is kept too."""
    whole, missing = size(size_bytes(files(spec))), size(shelf.missing_bytes(spec))
    match shelf.place(spec):
        case "stored":
            return say("shelf.stored-offline" if is_page_kept else "shelf.stored", size=whole)
        case "held":
            return say("shelf.held", size=whole)
        case "absent" if spec.trained is None:
            return say("shelf.bundled-offline" if is_page_kept else "shelf.bundled", size=whole)
        case "absent":
            return say("shelf.partly" if is_deletable else "shelf.absent", size=missing)
        case "unpublished":
            return say("shelf.unpublished", model_id=spec.id)


def shelf_total(state: State) -> str:
    """Return what all models on this device take."""
    used = state.shelf.used_bytes(state.models) if state.shelf else 0
    return say("shelf.used", size=size(used)) if used else say("shelf.none")


def report(result: Result) -> str:
    """Return size, place and time of a result in a line or two."""
    done, sent, placed = result.done, result.sent, result.placed
    values: dict[str, Value] = {
        "width": done.width,
        "height": done.height,
        "size": size(done.size_bytes),
        "duration": duration(done.seconds),
    }
    if sent is not None:
        values |= {"host": sent.host, "at": sent.at, "device": sent.device, "runtime": sent.runtime}
        line = count("report.sent", done.tiles, **values)
    elif placed is not None:
        line = count("report.placed", done.tiles, device=placed.device, runtime=placed.runtime, **values)
    else:
        line = count("report.here", done.tiles, **values)
    return join(line, *notes(done))


def notes(done: Done) -> list[str]:
    """Return what a person should know of a result, in sentences; the engine's own where we have none."""
    wires = [*done.told, *({} for _ in done.notes)]
    return [_note(sentence, wire) for sentence, wire in zip(done.notes, wires, strict=False)]


def _note(sentence: str, wire: Wire) -> str:
    key = f"note.{wire.get('about')}"
    values = {name: value for name, value in wire.items() if name != "about" and value is not None}
    return say(key, **values) if has(key) else told(sentence)


def sizes(scale: int) -> dict[str, str]:
    """Return what each choice of size is called, for a model of ``scale``; "" is just what the model makes."""
    found = {
        str(factor): say("options.times", scale=factor)
        for factor in range(MIN_SCALE, min(scale, MAX_SCALE) + 1)
    }
    if not MIN_SCALE <= scale <= MAX_SCALE:
        found[""] = say("options.times", scale=scale)
    return found | {"width": say("options.scale.width")}


def denoise(spec: ModelSpec) -> str:
    """Return what the denoise strength does, or why it cannot be set here."""
    return say("options.denoise.hint" if spec.can_denoise else "options.denoise.fixed")
