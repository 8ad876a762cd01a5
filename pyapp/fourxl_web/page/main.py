"""The page's program: wires the form to the state and the state to the view."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl import settings
from fourxl.errors import FourxlError
from fourxl_web.page import compare, focus, intake, messages, options, state
from fourxl_web.page.engine import EngineClient
from fourxl_web.page.jobs import Jobs
from fourxl_web.page.place_control import PlaceControl
from fourxl_web.page.shelf import ShelfControl, ask_to_keep
from fourxl_web.page.view import View, element, shown_sides_px
from fourxl_web.page.work import Work
from fourxl_web.shelf import NOTABLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from fourxl.manifest import ModelSpec
    from fourxl_web.page.place import Place


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
        self._job: asyncio.Task[None] | None = None
        """The last one."""

        self._trying = asyncio.Lock()
        """One network at a time."""

        self._view.show(self._state)
        self._place = PlaceControl(self._tell, self._do)
        self._jobs = Jobs(self._tell, self._place.may_send, self._place.ask)
        intake.watch(element("file"), element("drop"), self._pick)
        intake.watch_networks(element("own-model"), self._pick_network)
        compare.watch(element("split"), element("compare"))
        options.watch()
        element("model").addEventListener("change", create_proxy(lambda _event: self._view.show_model()))
        element("job").addEventListener("submit", create_proxy(self._submit))
        element("cancel").addEventListener("click", create_proxy(self._cancel))
        self._found = self._do(self._find_server())
        self._connected = self._do(self._connect())

    def _tell(self, message: messages.Message) -> None:
        with focus.kept(lambda: self._state.job is not None):
            self._state = state.reduce(self._state, message)
            self._view.show(self._state)

    def _pick(self, file: Any) -> None:
        if intake.is_network(file):
            self._pick_network(file)
        elif self._state.job is None:
            self._file = file
            self._view.show_source(file)
            self._tell(messages.FilePicked(state.Picked(file.name, file.size)))

    def _pick_network(self, file: Any) -> None:
        if self._state.job is None and self._state.bringing is None:
            self._do(self._bring(file))

    def _submit(self, event: Any) -> None:
        event.preventDefault()
        if self._state.can_start:
            if self._state.place.mode != "server":
                self._ask_to_keep()
            self._tell(messages.JobStarted())  # at once, so that a second press finds the job running
            self._job = self._do(self._upscale(self._state.place))

    def _cancel(self, _event: Any) -> None:
        if self._state.job:
            self._tell(messages.CancelAsked())
            self._do(self._jobs.cancel())

    def _ask_to_keep(self) -> None:
        """Ask the browser to keep what the job will download, if it is much."""
        chosen, shelf = self._chosen(), self._state.shelf
        if chosen and shelf and shelf.missing_bytes(chosen) >= NOTABLE_BYTES:
            ask_to_keep()

    def _chosen(self) -> ModelSpec | None:
        """Return the model that the form is set to."""
        return next((spec for spec in self._state.models if spec.id == element("model").value), None)

    async def _bring(self, file: Any) -> None:
        """Take a network of the person's own, once there is an engine to try it and no job runs."""
        await self._connected
        async with self._trying:
            await self._until_idle()
            if self._engine is None:
                if self._jobs.fault is not None:
                    self._tell(messages.ModelRefused(self._jobs.fault))
                return
            self._tell(messages.ModelPicked(file.name))
            try:
                spec, shelf = await self._engine.bring(file)
            except FourxlError as error:
                self._tell(messages.ModelRefused(error))
            else:
                self._tell(messages.ModelBrought(spec))
                self._tell(messages.ShelfRead(shelf))
                self._view.choose(spec)

    async def _connect(self) -> None:
        try:
            self._engine = self._jobs.device = await EngineClient.connect(self._tell)
            self._tell(messages.EngineReady(self._engine.table.models))
            self._shelf = ShelfControl(element("shelf"), element("kept"), self._engine, self._tell, self._do)
            await self._shelf.look()
        except FourxlError as error:
            self._jobs.fault = error
            self._tell(messages.EngineFailed(error))
            await self._found
            if self._place.client is not None:
                await self._place.read_models()

    async def _find_server(self) -> None:
        server = await self._place.find()
        await self._until_idle()  # what the page says of a running job goes on to hold
        if server is not None:
            self._place.begin(server)
            self._jobs.remote = self._place.client
        else:
            self._place.stay()

    async def _until_idle(self) -> None:
        while self._job is not None and not self._job.done():
            await asyncio.wait({self._job})

    async def _upscale(self, place: Place) -> None:
        """Do what the form asks for, where that was to be when Enhance was pressed."""
        try:
            work = Work(
                self._file, self._file.name, self._file.size, shown_sides_px(), _wanted(), self._chosen()
            )
            outcome = await self._jobs.run(work, place)
        except asyncio.CancelledError:
            self._tell(messages.JobCancelled())
        except FourxlError as error:
            self._tell(messages.JobFailed(error))
        except Exception as error:  # noqa: BLE001 - the last edge: say it in words, and let the next job start
            js.console.error(f"{type(error).__name__}: {error}")
            sentence = f"Something went wrong in 4XL itself ({type(error).__name__}: {error})."
            self._tell(messages.JobFailed(FourxlError(sentence)))
        else:
            self._view.show_result(outcome.blob)
            self._tell(messages.JobFinished(outcome.done, work.wanted.format, outcome.sent))
        if self._shelf is not None:
            await self._shelf.look()

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work``, and keep it from being collected while it runs."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Say what ended ``task`` without a word: nobody else would."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            js.console.error(f"{type(error).__name__}: {error}")


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
