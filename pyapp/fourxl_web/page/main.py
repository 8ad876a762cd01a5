"""The page's program: wires the form to the state and the state to the view."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pyodide.ffi import create_proxy

from fourxl import settings
from fourxl.errors import FourxlError
from fourxl_web.page import compare, intake, options, state
from fourxl_web.page.engine import Cancelled, EngineClient
from fourxl_web.page.view import View, element

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Page:
    """One person, one picture at a time."""

    def __init__(self) -> None:
        """Show the first state, listen to the form and wait for the engine."""
        self._state = state.State()
        self._view = View()
        self._file: Any = None
        self._engine: EngineClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._view.show(self._state)
        intake.watch(element("file"), element("drop"), self._pick)
        compare.watch(element("split"), element("compare"))
        options.watch()
        element("model").addEventListener("change", create_proxy(lambda _event: self._view.show_model()))
        element("job").addEventListener("submit", create_proxy(self._submit))
        element("cancel").addEventListener("click", create_proxy(self._cancel))
        self._do(self._connect())

    def _tell(self, message: state.Message) -> None:
        self._state = state.reduce(self._state, message)
        self._view.show(self._state)

    def _pick(self, file: Any) -> None:
        if self._state.job is None:
            self._file = file
            self._view.show_source(file)
            self._tell(state.FilePicked(state.Picked(file.name, file.size)))

    def _submit(self, event: Any) -> None:
        event.preventDefault()
        if self._state.can_start:
            self._tell(state.JobStarted())  # at once, so that a second press finds the job running
            self._do(self._upscale())

    def _cancel(self, _event: Any) -> None:
        if self._engine and self._state.job:
            self._tell(state.CancelAsked())
            self._do(self._engine.cancel())

    async def _connect(self) -> None:
        try:
            self._engine = await EngineClient.connect(self._tell)
            self._tell(state.EngineReady(self._engine.table.models))
        except FourxlError as error:
            self._tell(state.EngineFailed(error))

    async def _upscale(self) -> None:
        assert self._engine is not None  # noqa: S101 - can_start says that the engine is ready
        try:
            wanted = _wanted()
            blob, done = await self._engine.upscale(self._file, wanted)
        except Cancelled:
            self._tell(state.JobCancelled())
        except FourxlError as error:
            self._tell(state.JobFailed(error))
        else:
            self._view.show_result(blob)
            self._tell(state.JobFinished(done, wanted.format))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work``, and keep it from being collected while it runs."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _wanted() -> settings.JobSettings:
    """Return what the form asks for.

    Raises:
        InvalidSettings: a number is out of range.
    """
    tile_px = element("tile").value
    return settings.from_wire(
        {
            "model_id": element("model").value,
            "format": element("format").value,
            "quality": int(element("quality").value),
            "depth": element("depth").value if element("format").value == "png" else "same",
            "keep_exif": element("keep-exif").checked,
            "keep_location": element("keep-location").checked,
            "device": element("device").value,
            "tile_px": int(tile_px) if tile_px else None,
            **options.wanted(),
        }
    )
