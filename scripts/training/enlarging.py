"""Runs a network on one whole picture: as a torch module or as the ONNX file that is shipped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import nn

    from scripts.training.evaluate import Enlarge

TIMED_SIDE_PX = 256
RUNS_A_ROUND = 3


def by_torch(network: nn.Module) -> Enlarge:
    """Return an enlarger of RGB pictures (height, width, 3) that runs the module."""

    def enlarge(small: NDArray[np.uint8]) -> NDArray[np.uint8]:
        with torch.no_grad():
            result = network(torch.from_numpy(_to_f32(small)))
        return _to_u8(result.numpy())

    return enlarge


def by_onnxruntime(path: Path) -> Enlarge:
    """Return an enlarger of RGB pictures (height, width, 3) that runs the file."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def enlarge(small: NDArray[np.uint8]) -> NDArray[np.uint8]:
        (result,) = session.run(["output"], {"input": _to_f32(small)})
        return _to_u8(result)

    return enlarge


def seconds(paths: Sequence[Path], rounds: int) -> list[float]:
    """Return the least processor time one thread of onnxruntime takes for 256x256 px with each file.

    Processor time, and by turns, so that what else the machine does does not count.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    providers = ["CPUExecutionProvider"]
    sessions = [onnxruntime.InferenceSession(path, options, providers=providers) for path in paths]
    picture = np.random.default_rng(0).random((1, 3, TIMED_SIDE_PX, TIMED_SIDE_PX), dtype=np.float32)
    times_s: list[list[float]] = [[] for _ in paths]
    for _ in range(rounds):
        for session, times in zip(sessions, times_s, strict=True):
            session.run(["output"], {"input": picture})
            for _ in range(RUNS_A_ROUND):
                started = time.thread_time()
                session.run(["output"], {"input": picture})
                times.append(time.thread_time() - started)
    return [min(times) for times in times_s]


def _to_f32(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (height, width, 3) in 0..255 as (1, 3, height, width) in 0..1."""
    return np.ascontiguousarray(small.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)


def _to_u8(result: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return (1, 3, height, width) around 0..1 as (height, width, 3) in 0..255, rounded."""
    levels = np.rint(result[0].transpose(1, 2, 0) * np.float32(255))
    return np.asarray(np.clip(levels, 0, 255), dtype=np.uint8)
