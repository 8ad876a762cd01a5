"""Puts the parts of a server together and keeps them running."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio import mcp
from starlette.middleware import Middleware

from backend import incoming, lending, site
from backend.admission import Admission
from backend.api import Api
from backend.files import Files
from backend.front import Front
from backend.gate import Gate
from backend.interface import build
from backend.library import Library, read_table
from backend.listening import Listeners
from backend.service import Service
from backend.sessions import Sessions
from backend.settings import MIB
from fourxl import __version__
from fourxl.weights import FolderSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from backend.settings import Limits
    from fourxl.manifest import Manifest
    from fourxl_native.provider import NativeProvider

_SPARE_THREADS = 16
"""For what is no job, beside one for each job that runs or waits."""

_SESSIONS = 16
"""Whose last values Gradio remembers; none of them are needed."""


@contextmanager
def serving(
    models: Path,
    chosen: NativeProvider,
    limits: Limits,
    folder: Path,
    host: str,
    port: int,
    page: Path | None,
) -> Iterator[str]:
    """Serve as long as the block lasts, and give the address.

    Args:
        models: folder with manifest.json and the model files.
        chosen: what computes.
        limits: what is taken.
        folder: for uploads and results, nobody else's.
        host: address to listen on.
        port: port to listen on.
        page: a built site to serve at ``/``; None for Gradio's own page there.

    Raises:
        WeightsUnavailable, BadManifest: there is no table of models, or it cannot be read.
        OSError: the port cannot be used, or ``page`` is no built site.
    """
    table = read_table(models)
    library = Library(FolderSource(models), chosen, limits.models_mb * MIB)
    blocks, application = assemble(table, library, limits, folder, page)
    _, url, _ = blocks.launch(
        server_name=host,
        server_port=port,
        app_kwargs=application,
        max_threads=limits.jobs + limits.max_waiting + _SPARE_THREADS,
        state_session_capacity=_SESSIONS,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        **look(),
    )
    try:
        yield url
    finally:
        blocks.close(verbose=False)


def assemble(
    table: Manifest,
    library: Library,
    limits: Limits,
    folder: Path,
    page: Path | None,
) -> tuple[gr.Blocks, dict[str, Any]]:
    """Return a server that only lacks a port: Gradio's part, and what its application is made with.

    The arguments are as for ``serving``; ``library`` has the models of ``table``.
    """
    admission, files = Admission(limits), Files(folder, limits.disk_mb * MIB)
    service = Service(table, admission, limits, lending.work(library, limits))
    gate, listeners = Gate(admission, files, limits.max_upload_bytes), Listeners()

    def health() -> dict[str, Any]:
        return {
            "status": "ok",
            "version": __version__,
            "runtime": library.provider.name,
            "device": library.provider.device,
            "reason": library.provider.reason,
            "models": [spec.id for spec in table.models if spec.is_ready],
            "loaded": library.loaded,
            "seconds_a_pixel": library.seconds_a_pixel,
            "running": admission.running,
            "waiting": admission.waiting,
            "limits": limits.to_wire(),
        }

    os.environ["GRADIO_TEMP_DIR"] = str(files.folder)
    mcp.DEFAULT_TEMP_DIR = str(files.folder)  # which it has read from there already
    api = Api(service, gate, listeners, files, health)
    blocks = build(api, files)
    sessions = Sessions(blocks)
    api.ended = sessions.ended
    front = Middleware(
        Front,
        gate=gate,
        listeners=listeners,
        sessions=sessions,
        files=files,
        limits=limits,
        jobs={number: fn.api_name for number, fn in blocks.fns.items() if fn.api_name in incoming.JOBS},
        health=health,
        site=site.site(page) if page else None,
    )
    blocks.queue(max_size=None)  # our own queue has the bounds
    return blocks, {"middleware": [front], "lifespan": _sweeping(files)}


def look() -> dict[str, Any]:
    """Return how Gradio shows itself, and what it leaves out, wherever it runs."""
    return {
        "theme": gr.themes.Default(font="system-ui", font_mono="monospace"),
        "footer_links": ["api"],
        "mcp_server": True,
        "run_history": False,
        "ssr_mode": False,
        "pwa": False,
    }


def _sweeping(files: Files) -> Any:
    """Return what sweeps the folder as long as the application lives."""

    @asynccontextmanager
    async def life(_app: object) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(files.keep_sweeping())
        try:
            yield
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper

    return life
