"""The known tile and its answer: a device that computes something else is not used.

Every model is published with what it makes of one small picture. Rounding, Winograd's sums and
weights stored in 16 bits change that by less than a level of 255; a broken driver changes it by dozens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fourxl import image, weights
from fourxl.errors import WrongNumbers
from fourxl.geometry import Size
from fourxl.png import PngEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.weights import WeightsSource

    Floats = NDArray[np.float32]

SIDE_PX = 24
"""Of the tile: enough for detail of every kind, and computed in a blink."""

TOLERANCE_LEVELS = 2.0
"""Of 255, at the worst pixel. Half a level is the rounding of the stored answer."""


def tile() -> Floats:
    """Return the known tile, (1, 3, 24, 24) RGB in [0, 1]: the same in every interpreter.

    Its quarters, which share no symmetry: gradients, edges, texture and saturated colours.
    """
    half = SIDE_PX // 2
    y, x = np.mgrid[0:half, 0:half]
    gradients = (x * 23, y * 23, 253 - (x + y) * 11)
    slanted, steep = (2 * x + 3 * y) % 15 < 7, (3 * x - y) % 17 < 8  # noqa: PLR2004 - widths of stripes
    edges = (slanted * 220 + 20, steep * 200 + 30, (slanted ^ steep) * 235 + 10)
    texture = tuple((x * x * a + y * y * b + x * y * 29 + 57) % 256 for a, b in ((7, 13), (11, 5), (3, 17)))
    block = x // 4 + y // 4 * 3  # nine blocks: all saturated colours, black and white among them
    colours = tuple((block + 1 >> bit & 1) * 255 for bit in range(3))
    top = np.concatenate([np.stack(gradients), np.stack(edges)], axis=2)
    bottom = np.concatenate([np.stack(texture), np.stack(colours)], axis=2)
    levels = np.concatenate([top, bottom], axis=1).astype(np.float32)
    return levels[None] / np.float32(255)


def encode(result_f32: Floats) -> bytes:
    """Return a network's result for the tile, (1, 3, height, width), as it is stored: PNG, 8 bits RGB."""
    levels = np.rint(result_f32[0].clip(0, 1) * 255).astype(np.uint8)
    parts: list[bytes] = []
    encoder = PngEncoder(parts.append, Size(levels.shape[2], levels.shape[1]), channels=3, depth=8)
    encoder.write(levels.transpose(1, 2, 0))
    encoder.finish()
    return b"".join(parts)


async def check(runtime: TileRuntime, expected: bytes) -> None:
    """Run the known tile and return when the answer is the stored one, ``expected`` (what ``encode`` gave).

    Raises:
        WrongNumbers: with the largest and the mean difference, in levels of 255, as far as there is one.
        RuntimeFailure: what the runtime raised.
    """
    wanted = image.decode(expected).planes
    result = await runtime.run(tile())
    if result.shape != (1, *wanted.shape):
        given, asked = str(result.shape), str((1, *wanted.shape))
        words = f"a result of shape {given} instead of {asked}"
        raise _wrong(runtime, "wrong-shape-of-known-tile", words, shape=given, expected=asked)
    if not np.isfinite(result).all():
        raise _wrong(runtime, "no-numbers-in-known-tile", "values that are no numbers")
    off = np.abs(result[0].clip(0, 1) * 255 - wanted)
    largest, mean = float(off.max()), float(off.mean())
    if largest > TOLERANCE_LEVELS:
        words = f"off by up to {largest:.1f} levels of 255, {mean:.1f} on average"
        raise _wrong(runtime, "wrong-known-tile", words, largest=largest, mean=mean)


async def check_model(runtime: TileRuntime, spec: ModelSpec, source: WeightsSource) -> None:
    """Return when ``runtime``, which runs ``spec`` as it was trained, gives the answer in ``source``.

    A model that was published without an answer is not asked.

    Raises:
        WrongNumbers: it gives another.
        ModelError: the answer cannot be had.
        RuntimeFailure: what the runtime raised.
    """
    if spec.answer is not None:
        await check(runtime, await weights.load(spec.answer, source))


def _wrong(runtime: TileRuntime, about: str, words: str, **fields: str | float) -> WrongNumbers:
    return WrongNumbers(
        f"{runtime.name} on this device computes wrong numbers for a known tile ({words}) and was not used. "
        "Choose another device, or another model.",
        about=about,
        runtime=runtime.name,
        known_tile=True,
        **fields,
    )
