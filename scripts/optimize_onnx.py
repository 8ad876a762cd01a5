"""Makes a network's ONNX faster, for each runtime by what is faster there, and says what it gained.

`python -m scripts.optimize_onnx network.onnx --output FOLDER` writes `network.RUNTIME.onnx`.
Which pass helps which runtime is measured by `scripts/bench graphs`, in scripts/benching/RESULTS.md.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import onnx

from scripts.optimizing.clipping import drop_final_clip
from scripts.optimizing.upsampling import add_before_shuffle, fold_upsampling
from scripts.optimizing.winograd import winograd

WASM_RESULTS = 6
"""Results to a side of a Winograd tile, for WebAssembly: fewer and smaller steps than with 4."""

KEPT_KERNELS = 2_000_000
"""Weights above which transformed kernels, 7 times as large, would take too much memory to be kept."""


def variants(model: onnx.ModelProto) -> dict[str, onnx.ModelProto]:
    """Return the graph for each runtime: ``wasm``, ``webgpu``, ``onnxruntime``.

    All take and give what ``model`` does, up to rounding: less than 1e-4 where values are in 0..1.
    """
    smaller = fold_upsampling(drop_final_clip(model))
    weights = sum(math.prod(tensor.dims) for tensor in model.graph.initializer)
    fast = winograd(add_before_shuffle(smaller), WASM_RESULTS, keep_kernels=weights <= KEPT_KERNELS)
    return {
        "wasm": fast,
        "webgpu": smaller,
        "onnxruntime": smaller,
    }


def main() -> None:
    """Write the graphs of the file named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.optimize_onnx", description=__doc__)
    parser.add_argument("model", type=Path, help="an ONNX file")
    parser.add_argument("--output", type=Path, default=Path(), help="folder to write into (default: here)")
    options = parser.parse_args()
    for runtime, graph in variants(onnx.load(options.model)).items():
        path = options.output / f"{options.model.stem}.{runtime}.onnx"
        onnx.save(graph, path)
        print(f"{path}: {path.stat().st_size:,} bytes, {len(graph.graph.node)} nodes")


if __name__ == "__main__":
    main()
