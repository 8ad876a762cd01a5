"""Work that outlasts a visit: offered again at the next one, and gone on with where it stopped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl import settings
from fourxl.errors import FourxlError
from fourxl_web.page import messages, speaking
from fourxl_web.page.device import left_words
from fourxl_web.page.device.keeping import Keeping
from fourxl_web.page.files import Finished
from fourxl_web.page.picking import sides
from fourxl_web.page.remote.place import NOWHERE_ELSE
from fourxl_web.page.running import Orders
from fourxl_web.page.state import Picked, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl.settings import JobSettings
    from fourxl_web.kept import KeptJob
    from fourxl_web.page.engine import EngineClient, TakenUp
    from fourxl_web.page.files import Files
    from fourxl_web.page.messages import Message
    from fourxl_web.page.running import Runner
    from fourxl_web.page.state import State


class Resuming:
    """The bar with what is left, and the option that keeps it."""

    def __init__(
        self,
        bar: Any,
        option: Any,
        files: Files,
        now: Callable[[], State],
        tell: Callable[[Message], None],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Offer in ``bar`` what was left, and keep what is done from now on while ``option`` is set."""
        self._bar, self._option, self._text = bar, option, bar.querySelector("[data-part=text]")
        self._files, self._now, self._tell, self._do = files, now, tell, do
        self._keeping = Keeping(files, now, do)
        self._jobs: tuple[KeptJob, ...] = ()
        """What is offered."""

        self._go, drop = (bar.querySelector(f"#left-{name}") for name in ("go", "drop"))
        self._go.addEventListener("click", create_proxy(lambda _event: do(self._go_on())))
        drop.addEventListener("click", create_proxy(lambda _event: do(self._drop())))
        option.addEventListener("change", create_proxy(lambda _event: self._follow()))
        js.window.addEventListener("beforeunload", create_proxy(self._leaving))
        speaking.on_change(self._say)

    async def begin(self, engine: EngineClient, runner: Runner) -> None:
        """Look for what earlier visits left, once there is an engine; without leave to keep it, it goes.

        ``runner`` does what is not finished.
        """
        self._keeping.engine, self._keeping.runner = engine, runner
        self._option.disabled = not engine.can_keep
        self._follow()
        try:
            found = await engine.kept()
        except FourxlError:
            return  # what nobody can read is not offered; the engine serves all the same
        if self._option.checked:
            self._jobs = found
            self._say()
        else:
            for job in found:
                await engine.drop(job.id)

    def show(self, state: State) -> None:
        """Follow ``state``: work that was left is gone on with when no other runs."""
        self._keeping.show(state)
        self._go.disabled = not state.models or bool(state.queue) or state.bringing is not None

    def saved(self, item_id: str) -> None:
        """Take note that a result lies where the person wants it."""
        if engine := self._keeping.engine:
            self._do(engine.saved(item_id))

    def _follow(self) -> None:
        if engine := self._keeping.engine:
            engine.keeps = engine.can_keep and bool(self._option.checked)

    def _say(self) -> None:
        self._text.textContent = left_words.found(self._jobs)
        self._bar.hidden = not self._jobs

    def _take(self) -> tuple[KeptJob, ...]:
        """Return what was offered, once: it is not offered any more."""
        jobs, self._jobs = self._jobs, ()
        self._say()
        return jobs

    async def _drop(self) -> None:
        if engine := self._keeping.engine:
            for job in self._take():
                await engine.drop(job.id)

    async def _go_on(self) -> None:
        """Put everything into the list, and enlarge what is not finished as it was asked for then."""
        engine, runner = self._keeping.engine, self._keeping.runner
        if engine is None or runner is None or self._now().queue:
            return
        batches: dict[JobSettings, list[str]] = {}
        for job in self._take():
            try:
                wanted = settings.from_wire(json.loads(job.wire))
                taken = await engine.take_up(job.id)
            except FourxlError:  # another tab was quicker: then it stays there; or it is damaged
                await engine.drop(job.id)
                continue
            await self._restore(job, wanted, taken)
            if taken.outcome is None:
                batches.setdefault(wanted, []).append(job.id)
        for wanted, item_ids in batches.items():
            await runner.until_idle()
            spec = next((model for model in self._now().models if model.id == wanted.model_id), None)
            runner.start(tuple(item_ids), Orders(wanted, spec, NOWHERE_ELSE))

    async def _restore(self, job: KeptJob, wanted: JobSettings, taken: TakenUp) -> None:
        folder, _, name = job.path.rpartition("/")
        self._files.source[job.id] = taken.file
        self._keeping.add(job.id)
        picked = Picked(name, job.size_bytes, folder, await sides.read(taken.file))
        self._tell(messages.FilesAdded(((job.id, picked),)))
        if taken.outcome is not None:
            self._files.result[job.id] = Finished(taken.outcome.blob, taken.outcome.layers)
            done = taken.outcome.done
            result = Result(done, taken.placed, name, wanted.format, None, wanted.model_id, wanted)
            self._tell(messages.Restored(job.id, result))

    def _leaving(self, event: Any) -> None:
        """Let the browser ask when something runs that would be lost."""
        state, engine = self._now(), self._keeping.engine
        is_kept = engine is not None and engine.keeps and state.place.mode != "server"
        if state.queue and not is_kept:
            event.preventDefault()
