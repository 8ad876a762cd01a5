"""Every sentence of the page that depends on its state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fourxl import events
from fourxl.errors import BrokenImage
from fourxl.manifest import Checkpoint, ModelFile, ModelSpec, Trained
from fourxl.settings import JobSettings
from fourxl_web.page import quantities, words
from fourxl_web.page.state import Job, Picked, Result, State
from fourxl_web.shelf import Shelf

from .showing import showing

PICKED = Picked("photo.png", 2048)
PLACED = events.Placed("webgpu", "GPU", "Computed by WebGPU (some adapter).")
DONE = events.Done(288, 224, 123_456, 1.52, 1.2, 4, (), "4x")
RESULT = Result(DONE, PLACED, "photo.png", "png")
MODEL = ModelSpec("swift", "Swift", "Enlarges.", "swift", 4, 7, 16, 1024, "MIT", "ours", {}, None, None, None)
CHECKPOINT = Checkpoint("https://example.org/a.pth", 1, "0" * 64)
READY = showing(PICKED)
TILE = events.Progress(3, 12, 0.25, 41.0)
each = pytest.mark.parametrize


@each(
    ("state", "sentence"),
    [
        (State(), "Starting the engine… You can choose a picture already."),
        (showing(PICKED, engine="starting"), "Starting the engine; your picture is ready to go."),
        (State(engine="ready"), "Choose, drop or paste a picture."),
        (READY, "Ready: press Enhance."),
        (showing(PICKED, phase="cancelled"), "Cancelled. Nothing was kept."),
        (
            showing(PICKED, phase="failed", error=BrokenImage("The picture is damaged.")),
            "The picture is damaged.",
        ),
        (State(engine="failed", fault=BrokenImage("No engine.")), "No engine."),
        (showing(PICKED, phase="done", result=RESULT), "Done in 1.5 s."),
        (
            replace(showing(PICKED, phase="done", result=RESULT), left_out=1),
            "1 file is no picture and was left out. Done in 1.5 s.",
        ),
    ],
)
def test_status_without_a_job(state: State, sentence: str) -> None:
    """While no job runs, the line says what to do next or how the last job ended."""
    assert words.status(state) == sentence


@each(
    ("job", "sentence"),
    [
        (Job(), "Reading the picture…"),
        (Job("loading"), "Loading the model…"),
        (Job("enlarging"), "Enlarging…"),
        (Job("enlarging", TILE), "Enlarging: tile 3 of 12, about 40 s left"),
        (Job("enlarging", replace(TILE, seconds_left=None)), "Enlarging: tile 3 of 12"),
        (Job("enlarging", events.Progress(12, 12, 1, 0.0)), "Enlarging: tile 12 of 12"),
        (
            Job("enlarging", TILE, events.SmallerTiles(256, 128)),
            "Enlarging: tile 3 of 12, about 40 s left (memory was short, now in tiles of 128 px)",
        ),
        (Job("writing", TILE), "Writing the file…"),
        (Job("enlarging", TILE, cancelling=True), "Cancelling after this tile…"),
    ],
)
def test_status_of_a_job(job: Job, sentence: str) -> None:
    """A running job is told before everything else, with tiles and time while there are any."""
    state = showing(PICKED, job=job, error=BrokenImage("Old."), result=RESULT)
    assert words.status(state) == sentence


@each("stage", ["reading", "loading", "enlarging", "writing"])
def test_every_stage_has_words(stage: events.StageName) -> None:
    """No stage is shown as its bare name."""
    sentence = words.status(showing(PICKED, job=Job(stage)))
    assert sentence[0].isupper()
    assert sentence.endswith("…")


def test_badge() -> None:
    """The badge is one word and its reason; before anything was computed it is empty."""
    assert words.badge(PLACED) == ("GPU", "Computed by WebGPU (some adapter).")
    assert words.badge(None) == ("", "")


def test_report() -> None:
    """The report tells size, bytes, tiles, place and time."""
    assert words.report(RESULT) == (
        "288 x 224 pixels, 121 KB, 4 tiles on the GPU (webgpu) in 1.5 s. Nothing left this device."
    )


def test_report_of_one_tile_somewhere() -> None:
    """One tile is no tiles, and a place that is not known is not told."""
    line = words.report(replace(RESULT, done=replace(DONE, tiles=1), placed=None))
    assert line == "288 x 224 pixels, 121 KB, 1 tile in 1.5 s. Nothing left this device."


def test_report_with_notes() -> None:
    """Notes follow the report, each a sentence."""
    noted = replace(RESULT, done=replace(DONE, notes=("First frame.", "CMYK converted.")))
    assert words.report(noted) == f"{words.report(RESULT)} First frame. CMYK converted."


@each(
    ("scale", "choices"),
    [
        (4, ["2x", "3x", "4x", "Exact width"]),
        (3, ["2x", "3x", "Exact width"]),
        (2, ["2x", "Exact width"]),
        (1, ["1x", "Exact width"]),
        (8, ["2x", "3x", "4x", "8x", "Exact width"]),
    ],
)
def test_sizes(scale: int, choices: list[str]) -> None:
    """A model offers no more than it makes; what it makes itself is always among the choices."""
    assert list(words.sizes(scale).values()) == choices
    for value in words.sizes(scale):
        if value != "width":
            JobSettings(scale=int(value) if value else None)


def test_denoise() -> None:
    """The strength is explained where it can be set; else the line says why not."""
    here = Trained(CHECKPOINT, ModelFile("a.safetensors", 1, "0" * 64))
    both = replace(MODEL, trained=here, weak_denoise=here)
    assert words.denoise(both) == "Less keeps grain and fine texture."
    missing = words.denoise(replace(both, weak_denoise=Trained(CHECKPOINT, None)))
    assert missing.startswith("Fixed at 100 %:")
    assert missing.endswith("is not on this site.")


@each(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (1.25, "1.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (61.0, "1 min 1 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 0 min"),
        (3 * 3600 + 25 * 60 + 7, "3 h 25 min"),
        (100 * 3600.0, "100 h 0 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    """Seconds are told in two units at most, and never as 60 of the smaller one."""
    assert quantities.duration(seconds) == text


@each(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (1_000_000, "977 KB"),
        (1_048_063, "1023 KB"),
        (1_048_575, "1.0 MB"),
        (1_048_576, "1.0 MB"),
        (30_000_000, "28.6 MB"),
        (2**31, "2048.0 MB"),
    ],
)
def test_size(size_bytes: int, text: str) -> None:
    """Bytes are told in B, KB or MB, and never as 1024 KB."""
    assert quantities.size(size_bytes) == text


def test_network_that_is_tried_out_is_named() -> None:
    """While a network of the person's own is tried out, the status says which."""
    assert words.status(State(engine="ready", bringing="mine.onnx")) == "Trying out the network mine.onnx…"


WEIGHTS = ModelFile("a.safetensors", 2_500_000, "a" * 64)
GRAPH = ModelFile("graphs/a.onnx", 20_000, "b" * 64)
FAST = ModelSpec(
    "fast", "Fast", "Photos.", "compact", 4, 34, 16, 512, "BSD-3-Clause", "published",
    {"wasm": GRAPH}, Trained(CHECKPOINT, WEIGHTS), None, None,
)  # fmt: skip
NOT_HERE = replace(FAST, graphs={}, trained=Trained(CHECKPOINT, None))
EMPTY, FULL = Shelf(), Shelf(stored=frozenset({"a" * 64, "b" * 64}))


@each(
    ("job", "download", "sentence"),
    [
        (
            Job("loading"),
            events.Download("fast", 1_250_000, 2_520_000),
            "Downloading the model Fast: 1.2 of 2.4 MB",
        ),
        (Job("loading"), events.Download("fast", 2_520_000, 2_520_000), "Loading the model…"),
        (Job("loading", cancelling=True), events.Download("fast", 9, 2_520_000), "Cancelling…"),
        (Job("enlarging"), events.Download("fast", 9, 2_520_000), "Enlarging…"),
    ],
)
def test_status_of_a_job_that_waits_for_its_model(job: Job, download: events.Download, sentence: str) -> None:
    """Only a job that cannot go on without it tells of a download."""
    state = showing(PICKED, job=job)
    assert words.status(replace(state, models=(FAST,), download=download)) == sentence


@each(
    ("received", "total", "text"),
    [
        (0, 264_176, "0 of 258 KB"),
        (100_000, 264_176, "98 of 258 KB"),
        (400, 900, "400 of 900 B"),
        (999, 2_520_000, "0.0 of 2.4 MB"),
        (33_500_000, 33_500_000, "31.9 of 31.9 MB"),
    ],
)
def test_downloaded(received: int, total: int, text: str) -> None:
    """What is here is told in the unit of the whole, and in the end it is the whole."""
    assert quantities.downloaded(events.Download("a", received, total)) == text


@each(
    ("shelf", "sentence"),
    [
        (None, "Photos."),
        (EMPTY, "Photos. 2.4 MB to download first."),
        (Shelf(stored=frozenset({"a" * 64})), "Photos."),
        (FULL, "Photos."),
    ],
)
def test_purpose(shelf: Shelf | None, sentence: str) -> None:
    """What a model is for comes with what it downloads, if that is a megabyte or more."""
    assert words.purpose(FAST, shelf) == sentence


def test_place() -> None:
    """Where a model is, and that it works offline only when the page is kept as well."""

    def told(spec: ModelSpec, shelf: Shelf, *, is_page_kept: bool = True) -> str:
        is_deletable = bool(shelf.deletable(spec, (spec,)))
        return words.place(spec, shelf, is_deletable=is_deletable, is_page_kept=is_page_kept)

    assert told(FAST, FULL) == "On this device, 2.4 MB. Works offline."
    assert told(FAST, FULL, is_page_kept=False) == "On this device, 2.4 MB."
    assert told(FAST, Shelf(held=FULL.stored)) == "In memory until this page is closed, 2.4 MB."
    assert told(FAST, EMPTY) == "Not downloaded, 2.4 MB."
    assert told(FAST, Shelf(stored=frozenset({"a" * 64}))) == "Partly downloaded, 20 KB missing."
    assert told(replace(FAST, trained=None), EMPTY) == "Comes with this page, 20 KB. Works offline."
    assert told(NOT_HERE, FULL) == f"Not on this site. {FAST.how_to_add}"


def test_shelf_total() -> None:
    """All that models take is told in one figure."""
    assert words.shelf_total(State(models=(FAST, NOT_HERE), shelf=FULL)) == "2.4 MB used"
    assert words.shelf_total(State(models=(FAST,), shelf=EMPTY)) == "none yet"
