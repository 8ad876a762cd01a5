"""Where a job is computed: in this process, or on a GPU that is lent for as long as the job takes (ZeroGPU)."""

from __future__ import annotations

import asyncio
import importlib
import os
from contextlib import closing
from typing import TYPE_CHECKING

from backend.work import enlarge
from fourxl.errors import FourxlError, ServerBusy, ServerFailed
from fourxl.settings import JobSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from backend.library import Library
    from backend.service import Work
    from backend.settings import Limits
    from backend.work import Step
    from fourxl.manifest import Manifest, ModelSpec

    Told = Generator[Step | FourxlError, None, None]
    """What crosses from one process to the other."""


def work(library: Library, table: Manifest, limits: Limits) -> Work:
    """Return what runs one job with the models of ``library``.

    On ZeroGPU it runs in a process of its own, which is forked with all models loaded as jobs usually want them,
    since what is loaded there is gone with it (Hugging Face's documentation of ZeroGPU). The package ``spaces``
    comes first: it has PyTorch accept a card that is not there yet.
    """

    def run(data: bytes, job: JobSettings, spec: ModelSpec) -> Generator[Step, None, None]:
        yield from enlarge(data, job, spec, library, limits.max_seconds)

    if not os.environ.get("SPACES_ZERO_GPU"):
        return run
    spaces = importlib.import_module("spaces")
    for spec in table.models:
        if spec.is_ready:
            asyncio.run(_load(library, spec))
    return _raising(spaces.GPU(duration=limits.max_seconds)(_telling(run)))


async def _load(library: Library, spec: ModelSpec) -> None:
    async with library.lend(spec, JobSettings().denoise):
        """Loaded, and kept as long as there is room."""


def _telling(run: Work) -> Callable[..., Told]:
    """Return ``run`` with its error as its last step: of an exception, ``spaces`` brings back the name of its class."""

    def told(data: bytes, job: JobSettings, spec: ModelSpec) -> Told:
        try:
            yield from run(data, job, spec)
        except FourxlError as error:
            yield error
        except Exception as error:  # noqa: BLE001 - the edge of a process: told without its message, which may hold what is private
            yield ServerFailed(f"Something went wrong in the server itself ({type(error).__name__}).")

    return told


def _raising(lent: Callable[..., Told]) -> Work:
    """Return ``lent`` with an error that it tells raised again; what ``spaces`` itself refuses is in its words."""
    refused: type[Exception] = importlib.import_module("gradio").Error

    def raising(data: bytes, job: JobSettings, spec: ModelSpec) -> Generator[Step, None, None]:
        try:
            with closing(lent(data, job, spec)) as steps:
                for step in steps:
                    if isinstance(step, FourxlError):
                        raise step
                    yield step
        except refused as error:
            words = f"No graphics card could be lent for the picture: {error.args[0]}"
            raise ServerBusy(words) from error

    return raising
