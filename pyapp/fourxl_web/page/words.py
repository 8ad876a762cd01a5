"""Every sentence of the page that depends on its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl.settings import MAX_SCALE, MIN_SCALE
from fourxl_web.page import server_words
from fourxl_web.page.quantities import downloaded, duration, size
from fourxl_web.shelf import NOTABLE_BYTES, files, size_bytes

if TYPE_CHECKING:
    from fourxl.events import Placed
    from fourxl.manifest import ModelSpec
    from fourxl_web.page.state import Job, Result, State
    from fourxl_web.shelf import Shelf

_STAGES = {
    "reading": "Reading the picture",
    "loading": "Loading the model",
    "enlarging": "Enlarging",
    "writing": "Writing the file",
}

_EXTENSIONS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}


def status(state: State) -> str:  # noqa: PLR0911 - a table of states
    """Return the one line that says what is going on."""
    if state.job is not None:
        return _waiting(state) or _running(state.job)
    if state.bringing is not None:
        return f"Trying out the network {state.bringing}…"
    if state.error is not None:
        return server_words.fault(state.error, state.place, state.engine)
    if state.cancelled:
        return "Cancelled. Nothing was kept."
    if state.result is not None:
        return f"Done in {duration(state.result.done.seconds)}."
    if state.engine == "starting" and not state.place.can_replace(state.engine):
        if state.picked:
            return "Starting the engine; your picture is ready to go."
        return "Starting the engine… You can choose a picture already."
    return "Ready: press Enhance." if state.picked else "Choose, drop or paste a picture."


def elapsed(state: State) -> str:
    """Return the seconds beside that line, or nothing."""
    return server_words.elapsed(state.job.step) if state.job else ""


def _waiting(state: State) -> str:
    """Return what a job is told that waits for its model, or nothing."""
    if not state.is_waiting_for_model or state.download is None or state.job is None:
        return ""
    if state.job.cancelling:
        return "Cancelling…"
    model_id = state.download.model_id
    label = next((spec.label for spec in state.models if spec.id == model_id), model_id)
    return f"Downloading the model {label}: {downloaded(state.download)}"


def _running(job: Job) -> str:
    if job.step is not None:
        return server_words.step(job.step)
    if job.cancelling:
        return "Cancelling after this tile…"
    if job.stage != "enlarging" or job.progress is None:
        return f"{_STAGES[job.stage]}…"
    line = f"{_STAGES[job.stage]}: tile {job.progress.tile} of {job.progress.tiles}"
    if job.progress.seconds_left is not None and job.progress.fraction < 1:
        line += f", {duration(job.progress.seconds_left)} left"
    if job.smaller_tiles is not None:
        line += f" (memory was short, now in tiles of {job.smaller_tiles.to_px} px)"
    return line


def badge(placed: Placed | None) -> tuple[str, str]:
    """Return the badge's word and the reason behind it."""
    if placed is None:
        return "", ""
    return placed.device, placed.reason


def purpose(spec: ModelSpec, shelf: Shelf | None) -> str:
    """Return what a model is for, and what using it downloads first if that is worth a word."""
    missing_bytes = shelf.missing_bytes(spec) if shelf else 0
    return (
        f"{spec.purpose} {size(missing_bytes)} to download first."
        if missing_bytes >= NOTABLE_BYTES
        else spec.purpose
    )


def place(spec: ModelSpec, shelf: Shelf, *, is_deletable: bool, is_page_kept: bool) -> str:
    """Return where a model is; it works offline if the page itself is kept too."""
    whole = size(size_bytes(files(spec)))
    offline = " Works offline." if is_page_kept else ""
    match shelf.place(spec):
        case "stored":
            return f"On this device, {whole}.{offline}"
        case "held":
            return f"In memory until this page is closed, {whole}."
        case "absent" if spec.trained is None:
            return f"Comes with this page, {whole}.{offline}"
        case "absent" if is_deletable:
            return f"Partly downloaded, {size(shelf.missing_bytes(spec))} missing."
        case "absent":
            return f"Not downloaded, {size(shelf.missing_bytes(spec))}."
        case "unpublished":
            return f"Not on this site. {spec.how_to_add}"


def shelf_total(state: State) -> str:
    """Return what all models on this device take."""
    used = state.shelf.used_bytes(state.models) if state.shelf else 0
    return f"{size(used)} used" if used else "none yet"


def report(result: Result) -> str:
    """Return size, place and time of a result in a line or two."""
    done = result.done
    where, left = "", "Nothing left this device."
    if result.sent is not None:
        left = server_words.sent(result.sent)
    elif result.placed is not None:
        where = f" on the {result.placed.device} ({result.placed.runtime})"
    tiles = "1 tile" if done.tiles == 1 else f"{done.tiles} tiles"
    line = (
        f"{done.width} x {done.height} pixels, {size(done.size_bytes)}, {tiles}{where} "
        f"in {duration(done.seconds)}. {left}"
    )
    return " ".join([line, *done.notes])


def file_name(result: Result) -> str:
    """Return the name under which the result is saved: the source's, with its size (``_4x``, ``_1920w``)."""
    stem = result.source_name.rpartition(".")[0] or result.source_name or "picture"
    return f"{stem}_{result.done.size_label}{_EXTENSIONS[result.format]}"


def sizes(scale: int) -> dict[str, str]:
    """Return what each choice of size is called, for a model of ``scale``; "" is just what the model makes."""
    found = {str(factor): f"{factor}x" for factor in range(MIN_SCALE, min(scale, MAX_SCALE) + 1)}
    if not MIN_SCALE <= scale <= MAX_SCALE:
        found[""] = f"{scale}x"
    return found | {"width": "Exact width"}


def denoise(spec: ModelSpec) -> str:
    """Return what the denoise strength does, or why it cannot be set here."""
    if spec.can_denoise:
        return "Less keeps grain and fine texture."
    return "Fixed at 100 %: the model's second file, which less would need, is not on this site."
