"""The page's program: builds its parts and wires them to the state."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl.errors import FourxlError
from fourxl_web.page import batch, focus, messages, reducer, speaking
from fourxl_web.page.device.resuming import Resuming
from fourxl_web.page.device.shelf import ShelfControl, ask_to_keep
from fourxl_web.page.engine import EngineClient
from fourxl_web.page.files import Files
from fourxl_web.page.form import options
from fourxl_web.page.form.model_cards import ModelCards
from fourxl_web.page.form.offering import Offering
from fourxl_web.page.form.remembering import Remembering
from fourxl_web.page.jobs import Jobs
from fourxl_web.page.listing.list_control import ListControl
from fourxl_web.page.picking import receiving
from fourxl_web.page.picking.collecting import Collector
from fourxl_web.page.remote.place_control import PlaceControl
from fourxl_web.page.results.saving import Saving
from fourxl_web.page.running import Orders, Runner
from fourxl_web.page.state import State
from fourxl_web.page.surroundings import Surroundings
from fourxl_web.page.timing.numbers import Numbers
from fourxl_web.page.trying.control import Trying
from fourxl_web.page.view import View, element
from fourxl_web.page.viewer.viewer import Viewer
from fourxl_web.shelf import NOTABLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Page:
    """One person and their pictures."""

    def __init__(self) -> None:
        """Show the first state, listen to the form and wait for the engine."""
        self._state = State()
        self._files = Files()
        self._view = View(self._files)
        self._viewer = Viewer(element("compare"), element("compare-note"), self._files)
        cards = ModelCards(element("models"), element("model-card"))
        remembering = Remembering(element("job"), element("models"))
        self._offering = Offering(cards, element("purpose"), remembering)
        self._engine: EngineClient | None = None
        self._shelf: ShelfControl | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._surroundings = Surroundings(self._files, lambda: self._engine, self._select, self._do)
        self._trial = Trying(
            element("trying"), self._files, lambda: self._engine, self._offering.choose, self._tell, self._do
        )
        self._trying = asyncio.Lock()
        """One network at a time."""

        self._view.show(self._state)
        self._numbers = Numbers(self._files, self._now, lambda: self._engine, self._orders, self._do)
        self._resuming = Resuming(
            element("left"), element("keep-work"), self._files, self._now, self._tell, self._do
        )
        self._place = PlaceControl(self._tell, self._do)
        self._jobs = Jobs(
            self._tell, self._place.may_send, self._place.ask, lambda: batch.has_more(self._state)
        )
        self._saving = Saving(self._now, self._files, self._do, self._resuming.saved)
        self._runner = Runner(
            self._now, self._tell, self._do, self._jobs, self._files, self._saving.finished, self._look
        )
        self._list = ListControl(
            element("list"), element("file"), self._tell, self._do, self._files, self._runner, self._orders,
            self._saving.save,
        )  # fmt: skip
        collector = Collector(self._files, self._tell, self._do, self._take_network)
        collector.watch()
        options.watch()
        speaking.on_change(self._say)
        element("models").addEventListener("change", create_proxy(lambda _event: self._offering.follow()))
        element("job").addEventListener("submit", create_proxy(self._submit))
        element("cancel").addEventListener("click", create_proxy(lambda _event: self._cancel()))
        self._do(receiving.receive(collector.take_files, element("notice")))
        self._found = self._do(self._find_server())
        self._connected = self._do(self._connect())

    def _now(self) -> State:
        return self._state

    def _tell(self, message: messages.Message) -> None:
        with focus.kept(lambda: bool(self._state.queue)):
            self._state = reducer.reduce(self._state, message)
            self._show()
            self._numbers.hear(message, self._state)

    def _show(self) -> None:
        self._offering.show(self._state)
        self._view.show(self._state)
        self._list.show(self._state)
        self._saving.show(self._state)
        self._viewer.show(self._state)
        self._surroundings.show(self._state)
        self._trial.show(self._state)
        self._resuming.show(self._state)

    def _say(self) -> None:
        """Say everything again, in the language of now."""
        for part in (self._offering, self._list, self._saving, self._place, self._viewer):
            part.say()
        options.show()
        self._show()

    def _select(self, item_id: str) -> None:
        self._tell(messages.Selected(item_id))

    def _take_network(self, file: Any) -> None:
        self._do(self._bring(file))

    def _submit(self, event: Any) -> None:
        event.preventDefault()
        if self._state.can_start:
            if self._state.place.mode != "server":
                self._ask_to_keep()
            self._runner.start(batch.to_run(self._state), self._orders())

    def _orders(self) -> Orders:
        """Return what the form asks for now."""
        try:
            return Orders(options.settings(), self._offering.chosen, self._state.place)
        except FourxlError as error:
            return Orders(error, self._offering.chosen, self._state.place)

    def _cancel(self) -> None:
        if self._state.queue:
            self._runner.cancel()

    def _ask_to_keep(self) -> None:
        """Ask the browser to keep what the job will download, if it is much."""
        chosen, shelf = self._offering.chosen, self._state.shelf
        if chosen and shelf and shelf.missing_bytes(chosen) >= NOTABLE_BYTES:
            ask_to_keep()

    async def _bring(self, file: Any) -> None:
        """Take a network of the person's own, once there is an engine to try it and no job runs."""
        await self._connected
        async with self._trying:
            await self._runner.until_idle()
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
                self._offering.choose(spec)

    async def _connect(self) -> None:
        try:
            self._engine = self._jobs.device = await EngineClient.connect(self._tell, self._viewer.preview)
            self._tell(messages.EngineReady(self._engine.table.models))
            self._shelf = ShelfControl(element("shelf"), element("kept"), self._engine, self._tell, self._do)
            await self._shelf.look()
            await self._resuming.begin(self._engine, self._runner)
        except FourxlError as error:
            self._jobs.fault = error
            self._tell(messages.EngineFailed(error))
            await self._found
            if self._place.client is not None:
                await self._place.read_models()

    async def _find_server(self) -> None:
        server = await self._place.find()
        await self._runner.until_idle()  # what the page says of a running job goes on to hold
        if server is not None:
            self._place.begin(server)
            self._jobs.remote = self._place.client
        else:
            self._place.stay()

    async def _look(self) -> None:
        """Tell what is on this device, since a batch may have brought a model."""
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
