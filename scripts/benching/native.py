"""A graph in onnxruntime without a browser: what a server or the command line takes for one tile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from scripts.benching.pages import Job

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

_ERRORS_ONLY = 3


class NativeSession:
    """A session that enlarges the same photo each time, as one tile."""

    def __init__(self, graph: Path, photo: Image, threads: int) -> None:
        """Load the graph; ``photo`` is RGB."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, _ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._tile_f32 = np.asarray(photo, np.float32).transpose(2, 0, 1)[None] / 255

    def enlarge(self) -> Job:
        """Return how long the network took, which is the whole job."""
        started = time.perf_counter()
        self._session.run(None, {self._session.get_inputs()[0].name: self._tile_f32})
        taken_s = time.perf_counter() - started
        return Job(taken_s, taken_s, 1)


def version() -> str:
    """Return what runs the graphs."""
    return f"onnxruntime {onnxruntime.__version__}"
