"""The page's program: wires the form to the state and the state to the view."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pyodide.ffi import create_proxy

from fourxl import settings
from fourxl.errors import FourxlError
from fourxl_web.page import compare, intake, options, state
from fourxl_web.page.engine import Cancelled, EngineClient
from fourxl_web.page.shelf import ShelfControl, ask_to_keep
from fourxl_web.page.view import View, element
from fourxl_web.shelf import NOTABLE_BYTES

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
        self._shelf: ShelfControl | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._view.show(self._state)
        intake.watch(element("file"), element("drop"), self._pick)
        intake.watch_networks(element("own-model"), self._pick_network)
        compare.watch(element("split"), element("compare"))
        options.watch()
        element("model").addEventListener("change", create_proxy(lambda _event: self._view.show_model()))
        element("job").addEventListener("submit", create_proxy(self._submit))
        element("cancel").addEventListener("click", create_proxy(self._cancel))
        self._connected = self._do(self._connect())

    def _tell(self, message: state.Message) -> None:
        self._state = state.reduce(self._state, message)
        self._view.show(self._state)

    def _pick(self, file: Any) -> None:
        if intake.is_network(file):
            self._pick_network(file)
        elif self._state.job is None:
            self._file = file
            self._view.show_source(file)
            self._tell(state.FilePicked(state.Picked(file.name, file.size)))

    def _pick_network(self, file: Any) -> None:
        if self._state.job is None and self._state.bringing is None:
            self._tell(state.ModelPicked(file.name))
            self._do(self._bring(file))

    def _submit(self, event: Any) -> None:
        event.preventDefault()
        if self._state.can_start:
            self._ask_to_keep()
            self._tell(state.JobStarted())  # at once, so that a second press finds the job running
            self._do(self._upscale())

    def _cancel(self, _event: Any) -> None:
        if self._engine and self._state.job:
            self._tell(state.CancelAsked())
            self._do(self._engine.cancel())

    def _ask_to_keep(self) -> None:
        """Ask the browser to keep what the job will download, if it is much."""
        chosen = next((spec for spec in self._state.models if spec.id == element("model").value), None)
        shelf = self._state.shelf
        if chosen and shelf and shelf.missing_bytes(chosen) >= NOTABLE_BYTES:
            ask_to_keep()

    async def _bring(self, file: Any) -> None:
        """Take a network of the person's own, once there is an engine to try it."""
        await self._connected
        if self._engine is not None:
            try:
                spec, shelf = await self._engine.bring(file)
            except FourxlError as error:
                self._tell(state.ModelRefused(error))
            else:
                self._tell(state.ModelBrought(spec))
                self._tell(state.ShelfRead(shelf))
                self._view.choose(spec)

    async def _connect(self) -> None:
        try:
            self._engine = await EngineClient.connect(self._tell)
            self._tell(state.EngineReady(self._engine.table.models))
            self._shelf = ShelfControl(element("shelf"), element("kept"), self._engine, self._tell, self._do)
            await self._shelf.look()
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
        if self._shelf is not None:
            await self._shelf.look()

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work``, and keep it from being collected while it runs."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


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
