"""Where a job is computed: in this process, or on a GPU that is lent for as long as the job takes (ZeroGPU)."""

from __future__ import annotations

import importlib
import os
from contextlib import closing
from typing import TYPE_CHECKING

from backend.work import enlarge
from fourxl.errors import FourxlError, ServerBusy, ServerFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from backend.library import Library
    from backend.service import Work
    from backend.settings import Limits
    from backend.work import Step
    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings

    Told = Generator[Step | FourxlError, None, None]
    """What crosses from one process to the other."""


def work(library: Library, limits: Limits) -> Work:
    """Return what runs one job with the models of ``library``.

    On ZeroGPU it runs in a process of its own, since only there is a card, and its model is loaded there: outside,
    a known tile could not be computed, nor timed. That costs a job less than a second. The package ``spaces`` has to
    be imported before PyTorch.
    """

    def run(data: bytes, job: JobSettings, spec: ModelSpec) -> Generator[Step, None, None]:
        yield from enlarge(data, job, spec, library, limits.max_seconds)

    if not os.environ.get("SPACES_ZERO_GPU"):
        return run
    spaces = importlib.import_module("spaces")
    return _raising(spaces.GPU(duration=limits.max_seconds)(_telling(run)))


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
