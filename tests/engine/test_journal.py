"""Jobs that are cut off and go on: the same bytes as if nothing had happened, whatever a crash left behind."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourxl import events, journal
from fourxl.errors import DeviceLost, OutOfMemory
from fourxl.journal import CHECKPOINT, ROWS, Journal
from fourxl.testing import BlurRuntime, OutOfMemoryAt

from .drawing import noise, pillow_file, png_file
from .folders import MemoryFolder, StopAt
from .jobs import Job, model

if TYPE_CHECKING:
    from fourxl.runtime import TileRuntime

MARK = 255
HALO_PX = 1
"""Less than the blur reaches: rows tell which tiles they came from."""
TILE_PX = 40


class Tight(BlurRuntime):
    """Blurs, and has no memory for tiles of more than 30 px in which there is a mark: always at the same place."""

    async def run(self, tile_f32: Any) -> Any:
        """Return the blurred tile, or fail."""
        if max(tile_f32.shape[2:]) > 30 and tile_f32.max() == 1:
            raise OutOfMemory("There is no memory for the mark, as the test wished.")
        return await super().run(tile_f32)


def _picture(channels: int = 3, depth: int = 8, mark: int | None = None, height: int = 130) -> bytes:
    """Return the file of a noisy picture whose only white pixels are in the row ``mark``."""
    samples = noise(45, height, channels, depth)
    samples[samples == samples.max()] -= 1
    if mark is not None:
        samples[mark, 5:40] = np.iinfo(samples.dtype).max
    return png_file(samples, depth)


def _run(data: bytes, folder: MemoryFolder, runtime: TileRuntime | None = None, **settings: Any) -> Job:
    """Return the job, run to its end or to where the runtime stops it."""
    result = folder.file(f"result.{settings.get('format', 'png')}")
    keep = Journal(folder, result)
    job = Job(data, runtime or Tight(2), model(HALO_PX), result, {"keep": keep}, tile_px=TILE_PX, **settings)
    with suppress(DeviceLost):
        job.run()
    return job


def _calls(data: bytes, **settings: Any) -> tuple[bytes, int]:
    """Return the result of a job that is not kept, and how many tiles it takes."""
    runtime = OutOfMemoryAt(Tight(2))
    job = Job(data, runtime, model(HALO_PX), tile_px=TILE_PX, **settings).run()
    return job.sink.getvalue(), runtime.calls


def _tear(folder: MemoryFolder, number: int) -> None:
    """Leave what a crash may leave behind the last checkpoint, every other time."""
    for file in folder.files.values():
        if number % 2:
            file.write(b"\0\0\1\0IDATtorn"[: number + 1])


KINDS = [
    ({}, 3, 8),
    ({}, 4, 8),
    ({}, 1, 16),
    ({}, 4, 16),
    ({"depth": "16", "strength": 0.4}, 3, 8),
    ({"format": "jpeg"}, 3, 8),
    ({"format": "jpeg"}, 4, 8),
    ({"format": "webp"}, 4, 8),
    ({"width": 101}, 4, 8),
    ({"scale": 2}, 3, 16),
    ({"width": 90, "format": "webp", "strength": 0.5}, 3, 8),
]


@pytest.mark.parametrize(
    ("kind", "mark"), [*((kind, None) for kind in KINDS), (KINDS[0], 60), (KINDS[1], 100), (KINDS[5], 60)]
)
def test_a_job_that_was_cut_off_anywhere_ends_with_the_same_bytes(kind, mark):
    """At every tile, with and without smaller tiles before or after, in every format: as if never cut off."""
    settings, channels, depth = kind
    data = _picture(channels, depth, mark)
    expected, calls = _calls(data, **settings)
    assert calls >= 8
    for call in range(calls + 1):
        folder = MemoryFolder()
        first = _run(data, folder, StopAt(Tight(2), call), **settings)
        is_done = bool(first.told(events.Done))
        assert is_done == (call == calls)
        is_kept = bool(folder.written) and not (is_done and ROWS in folder.files)
        _tear(folder, call)
        again = _run(data, folder, **settings)
        assert again.sink.getvalue() == expected
        assert again.done.size_bytes == len(expected)
        assert (again.done.resumed_share > 0) == is_kept


def test_cut_off_again_and_again():
    """A few tiles a visit are enough to come to the end, as long as a strip gets done."""
    data = _picture(mark=60)
    expected, calls = _calls(data)
    folder = MemoryFolder()
    jobs = [_run(data, folder, StopAt(Tight(2), 14))]
    while not jobs[-1].told(events.Done):
        assert len(jobs) < calls
        jobs.append(_run(data, folder, StopAt(Tight(2), 14)))
    job = jobs[-1]
    assert len(jobs) > 2
    assert job.sink.getvalue() == expected


@pytest.mark.parametrize("settings", [{}, {"format": "jpeg"}])
def test_progress_begins_at_the_share_that_is_done(settings):
    """It starts where the first run stood, never goes back, ends at one; only this run's tiles are counted."""
    data = _picture()
    _, calls = _calls(data, **settings)
    folder = MemoryFolder()
    _run(data, folder, StopAt(Tight(2), calls - 3), **settings)
    share = journal.share_done(folder.texts[CHECKPOINT])
    assert 0.4 < share < 1
    job = _run(data, folder, **settings)
    steps = job.told(events.Progress)
    assert steps[0] == events.Progress(0, steps[-1].tile, share, None)
    assert all(after.fraction >= before.fraction for before, after in pairwise(steps))
    assert (steps[-1].fraction, steps[-1].seconds_left) == (1.0, 0.0)
    assert job.done.resumed_share == share
    assert job.done.tiles == steps[-1].tile < calls


def test_a_job_that_was_not_cut_off_tells_of_no_share():
    """And its first step is its first tile."""
    job = _run(_picture(), MemoryFolder())
    assert job.done.resumed_share == 0
    assert job.told(events.Progress)[0].tile == 1


def test_the_result_is_the_journal_where_it_can_be():
    """A PNG is kept in itself; other results, and smaller ones, beside themselves, until they are there."""
    for settings, is_beside in (({}, False), ({"format": "webp"}, True), ({"scale": 2}, True)):
        data = _picture()
        _, calls = _calls(data, **settings)
        folder = MemoryFolder()
        _run(data, folder, StopAt(Tight(2), calls - 1), **settings)
        assert (ROWS in folder.files) == is_beside
        assert not is_beside or folder.files[ROWS].size() > 1000
        _run(data, folder, **settings)
        assert not is_beside or folder.files[ROWS].size() == 0


def test_a_picture_of_one_strip_is_not_kept():
    """There is nothing to go on from, so nothing is written but the result."""
    for settings in ({}, {"format": "webp"}):
        folder = MemoryFolder()
        name = f"result.{settings.get('format', 'png')}"
        folder.file(name).write(b"of an earlier run")
        job = _run(_picture(height=30), folder, **settings)
        assert (list(folder.files), folder.texts) == ([name], {})
        assert job.sink.getvalue() == _calls(_picture(height=30), **settings)[0]


def _damaged(text: str) -> list[str]:
    """Return texts that are no checkpoint of this job."""
    content = json.loads(text)
    other = {**content, "bands": content["bands"][:-1]}
    place = {**content, "last": {**content["last"], "strip": 0}}
    return ["", "{", "null", "[]", '{"seal": 1}', text[:-9], json.dumps(other), json.dumps(place)]


@pytest.mark.parametrize("settings", [{}, {"format": "jpeg"}])
def test_a_damaged_checkpoint_begins_anew(settings):
    """Whatever stands there, the job is done, from its start."""
    data = _picture()
    expected, calls = _calls(data, **settings)
    folder = MemoryFolder()
    _run(data, folder, StopAt(Tight(2), calls - 1), **settings)
    for text in _damaged(folder.texts[CHECKPOINT]):
        folder.texts[CHECKPOINT] = text
        job = _run(data, folder, StopAt(Tight(2), calls), **settings)
        assert (job.sink.getvalue(), job.done.resumed_share) == (expected, 0)


@pytest.mark.parametrize("settings", [{}, {"format": "jpeg"}])
@pytest.mark.parametrize("where", [0, 30, 0.3, 0.9])
@pytest.mark.parametrize("cut", [False, True])
def test_damaged_rows_begin_anew(settings, where, cut):
    """A changed byte, or an end that is missing, is found: no row of doubtful origin gets into a result."""
    data = _picture()
    expected, calls = _calls(data, **settings)
    folder = MemoryFolder()
    _run(data, folder, StopAt(Tight(2), calls - 1), **settings)
    file = folder.files[ROWS if settings else "result.png"]
    (*_, last) = json.loads(folder.texts[CHECKPOINT])["bands"]
    at = where if isinstance(where, int) else int(last[3] * where)
    file.data[at] ^= 64
    if cut:
        file.truncate(at)
    job = _run(data, folder, **settings)
    assert (job.sink.getvalue(), job.done.resumed_share) == (expected, 0)


def test_another_job_does_not_go_on_from_this_one():
    """Another source, setting, model or device begins anew; a name of the model's file would not tell."""
    data = _picture()
    _, calls = _calls(data)
    other = BlurRuntime(2)
    other.name = "other"
    changes: list[tuple[bytes, Any, dict[str, Any]]] = [
        (_picture(mark=3), None, {}), (data, None, {"strength": 0.5}), (data, other, {}),
        (pillow_file(noise(45, 130), "PNG"), None, {}),
    ]  # fmt: skip
    for source, runtime, settings in changes:
        folder = MemoryFolder()
        _run(data, folder, StopAt(Tight(2), calls - 1))
        job = _run(source, folder, runtime, **settings)
        fresh = _run(source, MemoryFolder(), runtime, **settings)
        assert job.done.resumed_share == 0
        assert job.sink.getvalue() == fresh.sink.getvalue()


def test_no_memory_for_the_last_strip_again():
    """A device with less memory than before goes on in smaller tiles, and loses no row that was done."""
    data = _picture()
    _, calls = _calls(data)
    folder = MemoryFolder()
    _run(data, folder, StopAt(Tight(2), calls - 2))
    kept = folder.file("result.png").getvalue()
    (*_, last) = json.loads(folder.texts[CHECKPOINT])["bands"]
    job = _run(data, folder, OutOfMemoryAt(Tight(2), max_px=30))
    assert job.sink.getvalue().startswith(kept[: last[3]])
    assert len(job.told(events.SmallerTiles)) == 1
    assert job.pixels.shape == (520, 180, 3)


@pytest.mark.parametrize("room", [{"room_bytes": 5000}, {"takes_text": False}])
def test_no_room_for_a_journal_ends_no_job(room):
    """Rows that cannot be kept are not; the result is the same."""
    data = _picture()
    folder = MemoryFolder(**room)
    result = MemoryFolder().file("result.jpeg")
    keep = Journal(folder, result)
    job = Job(data, Tight(2), model(HALO_PX), result, {"keep": keep}, tile_px=TILE_PX, format="jpeg").run()
    assert job.sink.getvalue() == _calls(data, format="jpeg")[0]
    assert folder.file(ROWS).size() == 0


def test_no_room_for_the_result_is_told():
    """Where the rows are the result, losing them is losing it."""
    data = _picture()
    folder = MemoryFolder(room_bytes=5000)
    with pytest.raises(OSError, match="no room"):
        _run(data, folder)


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"share_done": "x"}', '{"share_done": null}', "5"])
def test_the_share_of_nonsense_is_none(text):
    """Text that is no checkpoint tells of no share; one out of range is bounded."""
    assert journal.share_done(text) == 0
    assert journal.share_done('{"share_done": 7}') == 1


def test_every_strip_is_kept():
    """Checkpoints tell of ever more rows, up to all of them, and smaller tiles are written down at once."""
    folder = MemoryFolder()
    _run(_picture(mark=100), folder)
    told = [json.loads(text) for text in folder.written]
    shares = [content["share_done"] for content in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert any(content["tile_px"] < content["last"]["tile_px"] for content in told)
