"""Where a job is computed: in this process, or on a GPU that is lent for as long as the job takes (ZeroGPU)."""

from __future__ import annotations

import asyncio
import importlib
import os
from typing import TYPE_CHECKING

from backend.work import enlarge

if TYPE_CHECKING:
    from collections.abc import Generator

    from backend.library import Library
    from backend.service import Work
    from backend.settings import Limits
    from backend.work import Step
    from fourxl.manifest import Manifest, ModelSpec
    from fourxl.settings import JobSettings


def work(library: Library, table: Manifest, limits: Limits) -> Work:
    """Return what runs one job with the models of ``library``.

    On ZeroGPU it runs in a process of its own, which is forked with all models loaded, since what is loaded there
    is gone with it (Hugging Face's documentation of ZeroGPU).
    """

    def run(data: bytes, job: JobSettings, spec: ModelSpec) -> Generator[Step, None, None]:
        yield from enlarge(data, job, spec, library, limits.max_seconds)

    if not os.environ.get("SPACES_ZERO_GPU"):
        return run
    for spec in table.models:
        if spec.is_ready:
            asyncio.run(_load(library, spec))
    lent: Work = importlib.import_module("spaces").GPU(duration=limits.max_seconds)(run)
    return lent


async def _load(library: Library, spec: ModelSpec) -> None:
    async with library.lend(spec, 1.0):
        """Loaded, and kept as long as there is room."""
