"""What a result will weigh: close to what it weighs, where no network comes into it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fourxl import errors, guessing
from fourxl.settings import JobSettings
from tests import pictures
from tests.engine import jobs

PLAIN = JobSettings(strength=0.0)
"""The plain enlargement and nothing of a network: what a guess begins with."""


def weight(source: bytes, settings: JobSettings) -> int:
    """Return how many bytes the result has."""
    return len(jobs.Job(source, **settings.to_wire()).run().sink.getvalue())


@pytest.mark.parametrize(
    "settings",
    [
        PLAIN,
        replace(PLAIN, format="jpeg"),
        replace(PLAIN, format="jpeg", quality=60),
        replace(PLAIN, format="webp"),
        replace(PLAIN, scale=2),
        replace(PLAIN, width=777),
    ],
)
def test_near_the_truth(settings: JobSettings) -> None:
    """In every format, quality and size a guess from parts of a picture is near what the whole weighs."""
    source = pictures.encoded(pictures.scene(400, 300))
    guess = guessing.size_bytes(guessing.take(source), 4, settings)
    assert guess == pytest.approx(weight(source, settings), rel=0.15)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA"])
def test_channels(mode: str) -> None:
    """Grey and transparency count as what they are."""
    source = pictures.encoded(pictures.scene(300, 200).convert(mode))
    guess = guessing.size_bytes(guessing.take(source), 4, PLAIN)
    assert guess == pytest.approx(weight(source, PLAIN), rel=0.15)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (129, 128)])
def test_small_pictures(size: tuple[int, int]) -> None:
    """A picture smaller than a part, a line and a single pixel have a guess too."""
    source = pictures.encoded(pictures.scene(*size))
    guess = guessing.size_bytes(guessing.take(source), 4, PLAIN)
    assert guess == pytest.approx(weight(source, PLAIN), rel=0.4)


def test_profile_counts() -> None:
    """A colour profile goes into the result as it is, so it weighs what it weighs."""
    source = pictures.encoded(pictures.scene(200, 150))
    samples = guessing.take(source)
    heavier = replace(samples, icc=bytes(5000))
    difference = guessing.size_bytes(heavier, 4, PLAIN) - guessing.size_bytes(samples, 4, PLAIN)
    assert difference == 5000


def test_more_detail_weighs_more() -> None:
    """Noise weighs more than a flat grey of the same size."""
    random = np.random.default_rng(1)
    noise = Image.fromarray(random.integers(0, 256, (200, 200, 3), np.uint8))
    flat = Image.new("RGB", (200, 200), (90, 90, 90))
    guesses = [
        guessing.size_bytes(guessing.take(pictures.encoded(picture)), 4, JobSettings())
        for picture in (flat, noise)
    ]
    assert guesses[1] > 50 * guesses[0]


def test_what_no_job_would_do() -> None:
    """A picture that cannot be read and a size that is too large are refused as a job refuses them."""
    with pytest.raises(errors.NotAnImage):
        guessing.take(b"no picture at all")
    samples = guessing.take(pictures.encoded(pictures.scene(20, 20)))
    with pytest.raises(errors.InvalidSettings):
        guessing.size_bytes(samples, 4, replace(PLAIN, width=81))
