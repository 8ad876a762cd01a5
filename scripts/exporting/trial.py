"""Finished files beside the network they were made from: loaded as the product loads them, and compared."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fourxl import answer, network
from fourxl.weights import FolderSource
from fourxl_native.onnx_runtime import OnnxRuntime
from scripts.exporting.errors import ExportError
from scripts.exporting.pictures import psnr

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from fourxl.manifest import ModelSpec
    from fourxl.network import Network

    Floats = NDArray[np.float32]

LEAST_DB = 60.0
"""PSNR against torch in float32 that every graph reaches with its stored weights."""
FULL_STRENGTH = 1.0
"""The denoise strength of the training whose answer is stored."""


def run(loaded: Network, picture: Floats) -> Floats:
    """Return what the product's runtime on this computer makes of a picture."""
    return asyncio.run(OnnxRuntime(loaded).run(picture))


def require(result: Floats, wanted: Floats, what: str) -> float:
    """Return the PSNR of a result in dB.

    Raises: ExportError when it is below 60 dB; `what` says what gave the result.
    """
    quality_db = psnr(result, wanted)
    if not quality_db >= LEAST_DB:
        raise ExportError(
            f"{what} comes within {quality_db:.1f} dB PSNR of the network; {LEAST_DB:.0f} dB are required. "
            "The folder of models was left as it was."
        )
    return quality_db


def try_out(folder: Path, spec: ModelSpec, strength: float, picture: Floats, wanted: Floats) -> float:
    """Return the PSNR in dB of the worst of a model's graphs, read from the folder, hashes and all.

    `strength` chooses the training: 1 the model's own, whose stored answer each graph must give too, 0 the
    weak one.
    Raises: ExportError when a graph is below 60 dB; FourxlError as the engine raises it.
    """
    return min(
        require(
            asyncio.run(_run_model(folder, spec, runtime, strength, picture)),
            wanted,
            f"{spec.graphs[runtime].path} with the weights of {spec.id}",
        )
        for runtime in spec.graphs
    )


async def _run_model(folder: Path, spec: ModelSpec, runtime: str, strength: float, picture: Floats) -> Floats:
    source = FolderSource(folder)
    loaded = OnnxRuntime(await network.load(spec, runtime, source, denoise=strength))
    if strength == FULL_STRENGTH:
        await answer.check_model(loaded, spec, source)
    return await loaded.run(picture)
