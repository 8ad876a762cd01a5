"""How a result was made: each fact by its name, none that is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fourxl import events, manifest
from fourxl.settings import JobSettings
from fourxl_web.page.results import report
from fourxl_web.page.state import Picked, Result
from fourxl_web.page.work import Sent

MODELS = manifest.parse((Path(__file__).parents[2] / "models/manifest.json").read_bytes()).models
PICKED = Picked("photo.jpg", 250_000, sides_px=(640, 480))
PLACED = events.Placed("wasm", "CPU", "You chose the processor (2 threads).")
DONE = events.Done(2560, 1920, 2_500_000, 12.3, 10.0, 6, (), "4x")
RESULT = Result(DONE, PLACED, "photo.jpg", "png", None, "swift", JobSettings())
each = pytest.mark.parametrize


def told(result: Result = RESULT, picked: Picked = PICKED) -> dict[str, str]:
    """Return the rows by their names."""
    found = report.rows(picked, result, MODELS)
    assert len(dict(found)) == len(found) or any(name == "Note" for name, _ in found)
    return dict(found)


def test_a_plain_job() -> None:
    """What was done, with what, where and why, how long, how much, and where the picture went."""
    assert told() == {
        "Picture": "photo.jpg",
        "Model": "Swift (swift), licence MIT",
        "Computed on": "CPU (wasm)",
        "Why there": "You chose the processor (2 threads).",
        "Before": "640 x 480 pixels, 244 KB",
        "After": "2560 x 1920 pixels, 2.4 MB (16 times the pixels, 10 times the bytes)",
        "Time": "12 s, 10 s of it in the network",
        "Tiles": "6",
        "Format": "PNG",
        "Privacy": "Nothing left this device.",
    }


def test_a_picture_that_left() -> None:
    """Where to, when, and what computed it there."""
    placed = events.Placed("openvino", "Cloud", "Sent to host.example, since you chose the server.")
    found = told(replace(RESULT, placed=placed, sent=Sent("host.example", "14:03", "openvino", "CPU")))
    assert found["Privacy"] == "Sent to host.example at 14:03."
    assert found["Computed on"] == "CPU (openvino)"
    assert "Nothing left" not in " ".join(found.values())


@each(
    ("wanted", "name", "value"),
    [
        (JobSettings(strength=0.6), "Strength", "60 %"),
        (JobSettings(format="jpeg", quality=80), "Format", "JPEG, quality 80"),
        (JobSettings(width=1920), "Exact width", "1920 px"),
        (JobSettings(tile_px=64), "Tile size", "64 px"),
        (JobSettings(device="cpu"), "Compute on", "CPU (WebAssembly)"),
        (JobSettings(depth="16"), "Bits per channel of a PNG", "16"),
        (JobSettings(keep_exif=True), "Keep EXIF data (camera, date)", "on"),
    ],
)
def test_settings_that_were_changed(wanted: JobSettings, name: str, value: str) -> None:
    """A setting is told when it is not as at first, and only then."""
    assert told(replace(RESULT, wanted=wanted))[name] == value
    assert name == "Format" or name not in told()


def test_a_smaller_size() -> None:
    """Four times is what the model makes; less was asked for."""
    assert "Size of the result" not in told(replace(RESULT, wanted=JobSettings(scale=4)))
    done = replace(DONE, size_label="2x")
    assert told(replace(RESULT, done=done, wanted=JobSettings(scale=2)))["Size of the result"] == "2x"


def test_memory_that_was_short() -> None:
    """Smaller tiles are told with both sides."""
    found = told(replace(RESULT, smaller_tiles=events.SmallerTiles(288, 144)))
    assert found["Tiles"] == "6; memory was short at 288 px, so the rest are of 144 px"


def test_work_of_an_earlier_visit() -> None:
    """A job that was gone on with says how much was there."""
    assert "Gone on with" not in told()
    found = told(replace(RESULT, done=replace(DONE, resumed_share=0.4)))
    assert found["Gone on with"] == "40 % of it was done in an earlier visit."


def test_notes() -> None:
    """Each note is a line of its own."""
    noted = replace(RESULT, done=replace(DONE, notes=("First frame.", "CMYK converted.")))
    found = report.rows(PICKED, noted, MODELS)
    assert [value for name, value in found if name == "Note"] == ["First frame.", "CMYK converted."]


def test_what_is_not_known_is_left_out() -> None:
    """A pasted picture of unknown sides, a model that is gone, a result of an earlier visit."""
    bare = replace(RESULT, wanted=None, placed=None, model_id="gone")
    found = told(bare, Picked("", 250_000))
    assert (found["Before"], found["Model"]) == ("244 KB", "gone")
    assert not {"Format", "Computed on", "Why there"} & set(found)


def test_a_model_of_one_s_own_has_no_licence() -> None:
    """What is not known of it is not told."""
    own = replace(MODELS[0], id="own-1", label="Own: mine.onnx", architecture=manifest.OWN)
    found = dict(report.rows(PICKED, replace(RESULT, model_id="own-1"), (own,)))
    assert "mine.onnx" in found["Model"]
    assert "licence" not in found["Model"]


def test_as_text() -> None:
    """A line for each fact, its name first."""
    assert report.text((("Model", "Swift"), ("Tiles", "6"))) == "Model: Swift\nTiles: 6\n"
