"""Starts the engine: PyScript offers the page every name in `__export__`."""

from fourxl_web.worker.main import *  # noqa: F403
from fourxl_web.worker.main import __all__ as __export__  # noqa: F401
