"""Settings: every value is checked once, where it enters."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest

from fourxl import settings
from fourxl.errors import InvalidSettings
from fourxl.settings import JobSettings

GOOD = [
    {},
    {"model_id": "other", "format": "jpeg", "quality": 1, "depth": "8"},
    {"format": "webp", "quality": 100, "keep_exif": True, "keep_location": True},
    {"format": "png", "depth": "16", "tile_px": 16},
    {"tile_px": 4096, "depth": "same", "device": "cpu"},
    {"scale": 2, "strength": 0, "denoise": 1.0},
    {"scale": 4, "width": 1, "strength": 0.35, "denoise": 0},
]

BAD = [
    ("model_id", ""), ("model_id", None), ("model_id", 3),
    ("format", "gif"), ("format", "PNG"), ("format", None), ("format", ["png"]),
    ("quality", 0), ("quality", 101), ("quality", 92.0), ("quality", "92"), ("quality", True), ("quality", None),
    ("depth", 8), ("depth", "12"), ("depth", None),
    ("keep_exif", "false"), ("keep_exif", 1), ("keep_exif", None),
    ("keep_location", "no"), ("keep_location", 0),
    ("scale", 1), ("scale", 5), ("scale", 2.0), ("scale", "4"), ("scale", True),
    ("width", 0), ("width", -5), ("width", 640.0), ("width", "640"), ("width", True),
    ("strength", -0.1), ("strength", 1.1), ("strength", "1"), ("strength", None), ("strength", True), ("strength", float("nan")),
    ("denoise", -1), ("denoise", 2), ("denoise", "0.5"), ("denoise", None), ("denoise", False),
    ("tile_px", 15), ("tile_px", 4097), ("tile_px", 64.0), ("tile_px", "64"), ("tile_px", True), ("tile_px", -64),
    ("device", "tpu"), ("device", None),
]  # fmt: skip


@pytest.mark.parametrize("values", GOOD)
def test_settings_survive_the_wire(values):
    """What ``from_wire`` makes of settings' JSON equals them."""
    job = JobSettings(**values)
    assert settings.from_wire(json.loads(json.dumps(job.to_wire()))) == job


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_refused_by_its_name(name, value):
    """A value outside its range or of another type is refused, naming setting and value."""
    with pytest.raises(InvalidSettings, match=name) as refused:
        settings.from_wire({name: value})
    assert {"name": name, "value": str(value)}.items() <= refused.value.fields.items()


@pytest.mark.parametrize("format_name", ["jpeg", "webp"])
def test_only_png_holds_16_bits(format_name):
    """16 bits in a format that has none are refused, not silently lost."""
    with pytest.raises(InvalidSettings, match="PNG"):
        JobSettings(format=format_name, depth="16")


def test_an_unknown_name_is_refused():
    """A misspelt setting is refused, not ignored, and the right names are told."""
    with pytest.raises(InvalidSettings, match="quality") as refused:
        settings.from_wire({"qualty": 90})
    assert refused.value.fields["name"] == "qualty"


def test_settings_do_not_change():
    """A job's settings are what they were when it was asked for."""
    job = JobSettings()
    with pytest.raises(FrozenInstanceError):
        job.quality = 1  # type: ignore[misc]
