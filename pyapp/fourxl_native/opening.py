"""A model of the table, opened with a runtime of this computer and known to compute right."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fourxl import answer, network
from fourxl_native import provider as providers
from fourxl_native.onnx_runtime import OnnxRuntime

if TYPE_CHECKING:
    from fourxl.manifest import ModelSpec
    from fourxl.network import Network
    from fourxl.runtime import TileRuntime
    from fourxl.weights import WeightsSource
    from fourxl_native.provider import NativeProvider

GRAPH = providers.ONNXRUNTIME
"""Whose graph in the table all native runtimes load."""

TILE_PX = 512
"""Side of a tile: halos cost more than larger buffers do, and a job can be cancelled between tiles only."""


async def open_model(
    spec: ModelSpec, source: WeightsSource, provider: NativeProvider, denoise: float = 1.0, threads: int = 0
) -> TileRuntime:
    """Return a runtime for ``spec``, which as it was trained has given its known answer; 0 threads: one a core.

    Raises:
        ModelError: a file cannot be had, or is not the published one.
        RuntimeUnavailable: the provider cannot load the model.
        WrongNumbers: it computes something else than the known answer.
        RuntimeFailure: the known tile cannot be computed.
    """

    async def start(share: float) -> TileRuntime:
        loaded = await network.load(spec, GRAPH, source, denoise=share)
        return await asyncio.to_thread(_start, spec.architecture, loaded, provider, threads)

    runtime = await start(1.0)
    try:
        await answer.check_model(runtime, spec, source)
    except BaseException:
        await runtime.close()
        raise
    if network.effective_denoise(spec, denoise) == 1:
        return runtime
    await runtime.close()
    return await start(denoise)


def _start(architecture: str, loaded: Network, provider: NativeProvider, threads: int) -> TileRuntime:
    """Return the provider's runtime, of which only the one that is used is imported."""
    match provider.name:
        case providers.OPENVINO:
            from fourxl_native.openvino_runtime import OpenVinoRuntime  # noqa: PLC0415 - optional

            return OpenVinoRuntime(loaded, threads=threads, tile_px=TILE_PX, reason=provider.reason)
        case providers.TORCH:
            from fourxl_native.torch_runtime import TorchRuntime  # noqa: PLC0415 - optional, and slow to import

            return TorchRuntime(
                architecture,
                loaded,
                device=provider.device,
                threads=threads,
                tile_px=TILE_PX,
                reason=provider.reason,
            )
    return OnnxRuntime(loaded, threads=threads, tile_px=TILE_PX, reason=provider.reason)
