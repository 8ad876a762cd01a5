"""The laws of runtimes over the fakes and over onnxruntime; tests/e2e runs them in the browser."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fourxl import answer
from fourxl.network import Network
from fourxl.testing import NearestRuntime, OutOfMemoryAt
from fourxl_native.onnx_runtime import OnnxRuntime

from .laws import LAWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl.runtime import TileRuntime

MODELS = Path(__file__).parents[2] / "models"
SWIFT = MODELS / "swift.onnx"

RUNTIMES: dict[str, Callable[[], TileRuntime]] = {
    "nearest": NearestRuntime,
    "wrapped": lambda: OutOfMemoryAt(NearestRuntime()),
    "onnxruntime": lambda: OnnxRuntime(Network(SWIFT.read_bytes())),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", RUNTIMES)
def test_law(name: str, law: str) -> None:
    """The runtime keeps the law, whose docstring states it."""

    async def scenario() -> None:
        runtime = RUNTIMES[name]()
        try:
            await LAWS[law](runtime, 4)
        finally:
            await runtime.close()

    asyncio.run(scenario())


def test_gives_the_known_answer() -> None:
    """What swift was published with is what onnxruntime makes of the known tile."""
    runtime = RUNTIMES["onnxruntime"]()
    asyncio.run(answer.check(runtime, (MODELS / "answers" / "swift.png").read_bytes()))
