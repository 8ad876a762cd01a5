"""A network of the person's own, from a file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fourxl import own_model, own_reasons
from fourxl.errors import RuntimeUnavailable
from fourxl.network import Network
from fourxl.own_runtime import OwnRuntime
from fourxl_native.onnx_runtime import OnnxRuntime

if TYPE_CHECKING:
    from pathlib import Path

    from fourxl.manifest import ModelSpec


async def open_file(path: Path, threads: int) -> tuple[ModelSpec, OwnRuntime]:
    """Return what the network in the ONNX file ``path`` is, and a runtime for it.

    Raises:
        UnsuitableModel: it enlarges no pictures.
        OSError: the file cannot be read.
    """
    content = await asyncio.to_thread(path.read_bytes)
    try:
        runtime = OnnxRuntime(Network(content), threads=threads)
    except RuntimeUnavailable as failure:
        raise own_reasons.refusal(failure) from failure
    model = await own_model.inspect(runtime, path.name, content)
    return model.spec, OwnRuntime(runtime, model.form)
