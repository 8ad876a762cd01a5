"""What is written down of a kept job: it comes back as it was, and nothing else comes back at all."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from typing import Any

import pytest

from fourxl import bands, events
from fourxl.bands import Band, Layer
from fourxl.geometry import Size
from fourxl.settings import JobSettings
from fourxl_web.kept import KeptJob
from fourxl_web.worker import halves, records
from fourxl_web.worker.halves import Half
from fourxl_web.worker.records import Record

WIRE = json.dumps(JobSettings("swift").to_wire())
JOB = KeptJob("an id", "beach/palm.jpg", 900, WIRE, "begun", 0.0, saved=False, at=1000.0)
LAYER = Layer("result.png", Size(4, 4), 1, b"head", (Band(0, 4, 40, 60, 1),))
DONE_EVENT = events.Done(4, 4, 100, 1.0, 0.5, 1, (), "4x")
MADE: dict[str, Any] = {
    "format": "png",
    "done": events.to_wire(DONE_EVENT),
    "placed": events.to_wire(events.Placed("wasm", "cpu", "badge.cpu")),
    "layers": [LAYER.to_wire()],
}
DONE = Record(replace(JOB, phase="done", share_done=1.0), MADE)
DEEP = "[" * 100_000


def changed(**change: object) -> str:
    """Return the text of a finished job, but for ``change``."""
    found = json.loads(DONE.to_text())
    for name, value in change.items():
        found["made" if name in MADE else "job"][name] = value
    return json.dumps(found)


@pytest.mark.parametrize("record", [Record(JOB, {}), DONE, replace(DONE, made={**MADE, "placed": None})])
def test_text(record: Record) -> None:
    """A record comes back from its text as it was, and its layers with it."""
    found = records.from_text(record.to_text(), "an id", None)
    assert found == record
    assert [bands.from_wire(layer) for layer in found.made.get("layers", ())] in ([], [LAYER])


def test_share() -> None:
    """A job that was cut off is as far as its checkpoint tells."""
    found = records.from_text(Record(JOB, {}).to_text(), "an id", '{"share_done": 0.5}')
    assert found is not None
    assert found.job.share_done == 0.5


@pytest.mark.parametrize(
    "text",
    [
        None, "", "{", "5", "[]", "{}", '{"job": [], "made": {}}', '{"job": null, "made": {}}', DEEP,
        changed(size_bytes=float("inf")), changed(phase=["done"]), changed(phase="lost"), changed(at="then"),
        changed(wire="{"), changed(wire="[]"), changed(wire=DEEP),
        changed(wire='{"model_id": "swift", "colour": "red"}'), changed(wire='{"model_id": ["swift"]}'),
        changed(done=None), changed(done=MADE["placed"]), changed(done={"event": "Done"}), changed(done=[]),
        changed(placed=MADE["done"]), changed(placed="here"), changed(format="exe"), changed(format=[]),
        changed(layers=5), changed(layers=[5]), changed(layers=[{**LAYER.to_wire(), "width": 0}]),
        changed(layers=[{**LAYER.to_wire(), "head": "?"}]),
        json.dumps({"job": DONE.job.to_wire(), "made": {}}),
    ],
)  # fmt: skip
def test_damage(text: str | None) -> None:
    """What another version, another page or a crash has left is no record, and never an error."""
    assert records.from_text(text, "an id", None) is None


@pytest.mark.parametrize(
    "checkpoint", [None, "", DEEP, '{"share_done": NaN}', '{"share_done": 1%s}' % ("0" * 400)]
)
def test_damaged_checkpoint(checkpoint: str | None) -> None:
    """Whatever a checkpoint holds, the share is one."""
    found = records.from_text(Record(JOB, {}).to_text(), "an id", checkpoint)
    assert found is not None
    assert 0 <= found.job.share_done <= 1


@pytest.mark.parametrize("body", [b"\xff\n{}", b"turn\n{}", b"", b"-"])
def test_damaged_half(body: bytes) -> None:
    """A file with a right checksum need not be one of ours."""
    assert halves.from_bytes(b"%08x " % zlib.crc32(body) + body) is None
    assert halves.from_bytes(Half(1, "ours").to_bytes()) == Half(1, "ours")
