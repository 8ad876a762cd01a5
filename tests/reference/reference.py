"""Asks the oracle: Real-ESRGAN's own program, in a process of its own."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from numpy.typing import NDArray

    State = Mapping[str, torch.Tensor]
    Samples = NDArray[np.unsignedinteger[Any]]

REPOSITORY = Path(__file__).parents[2]
INSTALLED = REPOSITORY / ".cache/reference"


class Reference:
    """Real-ESRGAN, for as long as the `with` block lasts; arrays in and out, RGB as everywhere else here."""

    def __init__(self, folder: Path) -> None:
        """Start it; what it is asked travels through files in ``folder``."""
        self._folder = folder
        self._numbers = itertools.count()
        self._log = folder / "oracle.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("oracle.py"), INSTALLED],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._process.communicate()

    def shapes(self, architecture: str) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor of the network's state, by key."""
        shapes = self._ask("describe", architecture=architecture)
        return {key: tuple(shape) for key, shape in shapes.items()}

    def run(self, architecture: str, state: State, tiles: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the network with that state makes of ``tiles`` (NCHW)."""
        answer = self._file("npy")
        self._ask(
            "run",
            architecture=architecture,
            checkpoint=self._checkpoint(state),
            tiles=self._array(tiles),
            answer=answer,
        )
        enlarged: NDArray[np.float32] = np.load(answer)
        return enlarged

    def read(self, data: bytes) -> Samples:
        """Return the pixels of a picture's file: (height, width), RGB or RGBA, uint8 or uint16."""
        picture, answer = self._file("picture"), self._file("npy")
        Path(picture).write_bytes(data)
        self._ask("read", file=picture, answer=answer)
        return _channels_turned(np.load(answer))

    def enhance(
        self,
        architecture: str,
        states: Sequence[State],
        pixels: Samples,
        *,
        pre_pad: int = 0,
        tile: int = 0,
        strength: float | None = None,
    ) -> Samples:
        """Return what ``RealESRGANer.enhance`` makes of a picture, of the same layout and type.

        ``pre_pad`` and ``tile`` are 0 as in upstream's program: nothing mirrored, the picture whole. A
        ``strength`` mixes two states.
        """
        answer = self._file("npy")
        self._ask(
            "enhance",
            architecture=architecture,
            checkpoints=[self._checkpoint(state) for state in states],
            pixels=self._array(_channels_turned(pixels)),
            answer=answer,
            pre_pad=pre_pad,
            tile=tile,
            strength=strength,
        )
        return _channels_turned(np.load(answer))

    def _ask(self, function: str, **arguments: Any) -> Any:
        questions, answers = self._process.stdin, self._process.stdout
        assert questions is not None
        assert answers is not None
        print(json.dumps({"function": function, **arguments}), file=questions, flush=True)
        line = answers.readline()
        assert line, f"the oracle has ended:\n{self._log.read_text()}"
        reply = json.loads(line)
        assert "answer" in reply, reply["error"]
        return reply["answer"]

    def _file(self, ending: str) -> str:
        return str(self._folder / f"{next(self._numbers)}.{ending}")

    def _array(self, array: NDArray[Any]) -> str:
        file = self._file("npy")
        np.save(file, array)
        return file

    def _checkpoint(self, state: State) -> str:
        file = self._file("pth")
        torch.save({"params": dict(state)}, file)
        return file


def _channels_turned(pixels: Samples) -> Samples:
    """Return RGB for BGR and the other way round; grey and alpha stay."""
    if pixels.ndim == 2:
        return pixels
    return np.ascontiguousarray(pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])
