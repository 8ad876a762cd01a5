"""Runs of the whole pipeline, for the tests of its order and of its tiles."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from fourxl import events, image, pipeline
from fourxl.manifest import ModelSpec
from fourxl.settings import JobSettings
from fourxl.testing import NearestRuntime

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fourxl.runtime import TileRuntime


SIZES = [
    (1, 1), (1, 90), (90, 1), (2, 3), (20, 20),
    (31, 32), (32, 32), (33, 32), (32, 33), (33, 33), (57, 91), (130, 9), (9, 130), (75, 64),
]  # fmt: skip
"""Width and height: lines, less than a tile of 32, exactly one, one more, odd, wide, tall."""


def model(halo_px: int = 3, scale: int = 4, min_tile_px: int = 1, max_tile_px: int = 4096) -> ModelSpec:
    """Return a model with the facts that matter here."""
    return ModelSpec(
        "t",
        "T",
        "Tests.",
        "none",
        scale,
        halo_px,
        min_tile_px,
        max_tile_px,
        "MIT",
        "here",
        {},
        None,
        None,
        None,
    )


class Job:
    """One run of the pipeline, with all that came out of it."""

    def __init__(
        self,
        data: bytes,
        runtime: TileRuntime | None = None,
        spec: ModelSpec | None = None,
        sink: Any = None,
        aside: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        """Prepare; ``aside`` is what the pipeline may be given besides (keep, looks, preview)."""
        self.sink = sink or io.BytesIO()
        self.aside = aside or {}
        self.events: list[Any] = []
        self.notify: Any = self.events.append
        self.opened = 0
        self._runtime = runtime or NearestRuntime()
        self._given = (data, JobSettings(**settings), spec or model())

    async def _open(self) -> TileRuntime:
        self.opened += 1
        return self._runtime

    async def upscale(self) -> events.Done:
        """Run in the loop that is there."""
        return await pipeline.upscale(*self._given, self._open, self.sink, self.notify, **self.aside)

    def run(self) -> Job:
        """Run to the end in a loop of its own, and return the job."""
        self.done = asyncio.run(self.upscale())
        return self

    def told(self, kind: type) -> list[Any]:
        """Return the events of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def pixels(self) -> NDArray[Any]:
        """(height, width, channels) of the result."""
        picture = image.decode(self.sink.getvalue())
        planes = [*picture.planes, *([] if picture.alpha is None else [picture.alpha])]
        return np.stack(planes, axis=2)


def enlarged(samples: NDArray[Any], scale: int = 4) -> NDArray[Any]:
    """Return every pixel repeated to both sides."""
    return samples.repeat(scale, axis=0).repeat(scale, axis=1)


def assert_repeated(result: NDArray[Any], samples: NDArray[Any], scale: int = 4) -> None:
    """Compare exactly, but for colours under alpha 0, which nobody sees and the engine may choose."""
    expected = enlarged(samples, scale)
    if samples.shape[2] in (2, 4):
        visible = expected[..., -1:] > 0
        result, expected = result * visible, expected * visible
    assert np.array_equal(result, expected)
