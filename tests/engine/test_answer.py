"""The known tile: the same everywhere, and no fault of a device gets past it."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourxl import answer, image
from fourxl.errors import WrongNumbers
from fourxl.testing import BlurRuntime, LyingRuntime

if TYPE_CHECKING:
    from collections.abc import Callable

    Floats = np.ndarray[Any, np.dtype[np.float32]]

NETWORK = BlurRuntime(1)
EXPECTED = answer.encode(asyncio.run(NETWORK.run(answer.tile())))


def told(lie: Callable[[Floats], Floats]) -> WrongNumbers:
    """Return what is said of a runtime that answers with a lie."""
    with pytest.raises(WrongNumbers) as raised:
        asyncio.run(answer.check(LyingRuntime(NETWORK, lie), EXPECTED))
    return raised.value


def test_same_tile_in_every_interpreter() -> None:
    """The tile is the one that stored answers were made from, to the last bit."""
    tile = answer.tile()
    assert tile.shape == (1, 3, 24, 24)
    assert tile.dtype == np.float32
    assert hashlib.sha256(tile.tobytes()).hexdigest().startswith("06169a37310e6494")


def test_tile_has_something_of_everything() -> None:
    """The tile holds black, white, every saturated colour, and hard edges in every channel and direction."""
    rgb = answer.tile()[0]
    colours = {tuple(pixel) for pixel in rgb.reshape(3, -1).T.tolist()}
    assert {(r, g, b) for r in (0, 1) for g in (0, 1) for b in (0, 1)} <= colours
    for axis in (1, 2):
        assert (np.abs(np.diff(rgb, axis=axis)).max(axis=(1, 2)) > 0.5).all()


@pytest.mark.parametrize("turn", [(0, 1, 2), (0, 2, 1), (1, 0, 2)])
@pytest.mark.parametrize("flips", [(), (1,), (2,), (1, 2)])
def test_tile_has_no_symmetry(turn: tuple[int, ...], flips: tuple[int, ...]) -> None:
    """Turned, mirrored, or with red and green swapped, the tile is another."""
    tile = answer.tile()[0]
    same = np.array_equal(np.flip(tile.transpose(turn) if turn[0] == 0 else tile[list(turn)], flips), tile)
    assert same == (turn == (0, 1, 2) and not flips)


def test_answer_is_the_clipped_result() -> None:
    """The stored answer is what a picture file would hold: values outside [0, 1] are black and white."""
    result = np.linspace(-0.5, 1.5, 3 * 8 * 4, dtype=np.float32).reshape(1, 3, 8, 4)
    planes = image.decode(answer.encode(result)).planes
    assert planes.dtype == np.uint8
    assert np.array_equal(planes, np.rint(result[0].clip(0, 1) * 255))


def test_right_numbers_pass() -> None:
    """The network itself gives the known answer, also with overshoot and with a level of noise on top."""
    noise = np.random.default_rng(1).uniform(-1, 1, (1, 3, 96, 96)).astype(np.float32) / 255
    for right in (lambda result: result, lambda result: result + noise):
        asyncio.run(answer.check(LyingRuntime(NETWORK, right), EXPECTED))
    overshoot = LyingRuntime(NETWORK, lambda result: result * 3 - 1)
    asyncio.run(answer.check(overshoot, answer.encode(asyncio.run(overshoot.run(answer.tile())))))


LIES: dict[str, Callable[[Floats], Floats]] = {
    "zeros": np.zeros_like,
    "grey": lambda result: np.full_like(result, 0.5),
    "transposed": lambda result: result.swapaxes(2, 3),
    "upside down": lambda result: result[:, :, ::-1],
    "mirrored": lambda result: result[..., ::-1],
    "shifted down by a pixel": lambda result: np.roll(result, 1, axis=2),
    "shifted right by a pixel": lambda result: np.roll(result, 1, axis=3),
    "red and blue swapped": lambda result: result[:, ::-1],
    "red and green swapped": lambda result: result[:, [1, 0, 2]],
    "channels last in memory": lambda result: result.transpose(0, 2, 3, 1).reshape(result.shape),
    "3 % brighter": lambda result: result * np.float32(1.03),
    "1 % lighter": lambda result: result + np.float32(0.01),
    "bars of one workgroup": lambda result: np.concatenate([result[..., :-8], result[..., :8] * 0], axis=3),
    "one wrong column": lambda result: result + (np.arange(96) == 50).astype(np.float32) / 20,
    "5 bits per channel": lambda result: (result * 31).round() / np.float32(31),
}


@pytest.mark.parametrize("lie", LIES)
def test_lie_is_told_with_its_figure(lie: str) -> None:
    """A device whose answer is off anywhere is told, and by how much."""
    error = told(LIES[lie])
    largest, mean = error.fields["largest"], error.fields["mean"]
    assert isinstance(largest, float)
    assert isinstance(mean, float)
    assert largest > answer.TOLERANCE_LEVELS
    assert 0 < mean <= largest
    assert f"off by up to {largest:.1f} levels of 255, {mean:.1f} on average" in error.message
    assert error.fields["runtime"] == NETWORK.name


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_no_numbers(value: float) -> None:
    """A single value that is no number is a wrong answer, which clipping would have hidden."""

    def lie(result: Floats) -> Floats:
        result[0, 2, 95, 95] = value
        return result

    assert "no numbers" in told(lie).message


def test_wrong_shape() -> None:
    """An answer of another size is told with both shapes."""
    message = told(lambda result: result[:, :, :, ::2]).message
    assert "(1, 3, 96, 48) instead of (1, 3, 96, 96)" in message
