"""4XL as its command line runs it, with the weights that are compared."""

from __future__ import annotations

import asyncio
import io

from fourxl import manifest, pipeline
from fourxl.network import Network
from fourxl.settings import JobSettings
from fourxl_native.onnx_runtime import OnnxRuntime

from .reference import REPOSITORY

MODELS = REPOSITORY / "models"
GENERAL = "realesr-general-x4v3"
ANIME = "realesr-animevideov3"
WHOLE_PX = 1024
"""Side of a tile that holds every picture here whole."""


class Ours:
    """4XL with one model and one state of its network."""

    def __init__(self, weights: bytes, model_id: str = GENERAL, graph_for: str = OnnxRuntime.name) -> None:
        """Load the model's graph, the one for onnxruntime or for another runtime, with weights (safetensors)."""
        self.spec = manifest.parse((MODELS / "manifest.json").read_bytes()).find(model_id)
        graph = (MODELS / self.spec.graphs[graph_for].path).read_bytes()
        self._runtime = OnnxRuntime(Network(graph, weights))

    def enlarge(self, data: bytes, tile_px: int = WHOLE_PX) -> bytes:
        """Return the file, PNG, that the pipeline makes of the file ``data``."""
        sink = io.BytesIO()
        settings = JobSettings(model_id=self.spec.id, tile_px=tile_px)

        async def open_runtime() -> OnnxRuntime:
            return self._runtime

        asyncio.run(pipeline.upscale(data, settings, self.spec, open_runtime, sink, lambda _: None))
        return sink.getvalue()
