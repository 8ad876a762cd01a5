"""Keeps what waits for its turn, and lets go of what nobody wants any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fourxl.errors import FourxlError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl.settings import JobSettings
    from fourxl_web.page.engine import EngineClient
    from fourxl_web.page.files import Files
    from fourxl_web.page.running import Runner
    from fourxl_web.page.state import Item, State


class Keeping:
    """Follows the queue; the job that runs is the engine's own matter."""

    def __init__(
        self, files: Files, now: Callable[[], State], do: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        """Keep what is in ``files``."""
        self._files, self._now, self._do = files, now, do
        self.engine: EngineClient | None = None
        """Who keeps it; None while there is nobody."""

        self.runner: Runner | None = None
        """Who does it, as the batch that runs wants it."""

        self._seen: tuple[object, ...] = ()
        self._queue: frozenset[str] = frozenset()
        self._ids: set[str] = set()
        """What may be kept."""

    def add(self, item_id: str) -> None:
        """Follow an item that is kept already."""
        self._ids.add(item_id)

    def show(self, state: State) -> None:
        """Keep what has come to the queue, and drop what has gone from it or from the list."""
        seen = len(state.items), state.queue
        if self.engine is None or seen == self._seen:
            return
        self._seen = seen
        queue = frozenset(state.queue)
        self._let_go(state, queue)
        new = [item_id for item_id in state.queue if item_id not in self._queue]
        self._queue = queue
        wanted = self.runner.wanted if self.runner else None
        if new and wanted and self.engine.keeps and state.place.mode != "server":
            self._ids.update(new)
            self._do(self._keep(self.engine, new, wanted))

    def _let_go(self, state: State, queue: frozenset[str]) -> None:
        phases = {item.id: item.phase for item in state.items}
        left = self._queue - queue
        for item_id in list(self._ids):
            if item_id not in phases or (item_id in left and phases[item_id] in ("waiting", "cancelled")):
                self._ids.discard(item_id)
                self._do(self._drop(item_id))

    async def _keep(self, engine: EngineClient, item_ids: list[str], wanted: JobSettings) -> None:
        """Copy pictures one after the other; what has gone meanwhile goes again."""
        for item_id in item_ids:
            if (item := self._waiting(item_id)) is not None:
                picked = item.picked
                path = f"{picked.folder}/{picked.name}" if picked.folder else picked.name
                try:
                    await engine.keep(item_id, self._files.source[item_id], wanted, path)
                except FourxlError:
                    return  # it is enlarged all the same
                if item_id not in self._ids:
                    await self._drop(item_id)

    def _waiting(self, item_id: str) -> Item | None:
        item = self._now().item(item_id) if item_id in self._ids else None
        return item if item and item.phase in ("waiting", "running", "done") else None

    async def _drop(self, item_id: str) -> None:
        if self.engine is not None:
            try:
                await self.engine.drop(item_id)
            except FourxlError:
                return  # the next visit finds it
