"""What the page keeps of a queue: every picture as the batch wants it, and nothing that nobody wants."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from fourxl.settings import JobSettings
from fourxl_web.page import messages, reducer
from fourxl_web.page.device.keeping import Keeping
from fourxl_web.page.files import Files
from fourxl_web.page.state import Picked, State

if TYPE_CHECKING:
    from collections.abc import Coroutine

WANTED = JobSettings("swift", scale=2)


class Kept:
    """Stands in for the engine: notes what it is asked to keep and to drop."""

    keeps = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, JobSettings, str]] = []
        self.dropped: list[str] = []

    async def keep(self, item_id: str, _file: Any, wanted: JobSettings, path: str) -> bool:
        """Note what is to be kept, and how."""
        self.asked.append((item_id, wanted, path))
        return True

    async def drop(self, item_id: str) -> None:
        """Note what is not wanted any more."""
        self.dropped.append(item_id)


class Visit:
    """A page with pictures, all of whose work is done at once."""

    def __init__(self, *names: str) -> None:
        self.kept, self.files, self.state = Kept(), Files(), State()
        self.keeping = Keeping(self.files, lambda: self.state, self._do)
        self.keeping.engine = self.kept  # type: ignore[assignment]
        self.keeping.runner = SimpleNamespace(wanted=WANTED)  # type: ignore[assignment]
        self.tell(messages.EngineReady(()))
        for name in names:
            self.files.source[name] = name
        self.tell(messages.FilesAdded(tuple((name, Picked(name, 1)) for name in names)))

    def tell(self, message: messages.Message) -> None:
        """Let the page know."""
        self.state = reducer.reduce(self.state, message)
        self.keeping.show(self.state)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run(work)


def test_as_the_batch_wants_it() -> None:
    """Each picture is kept with the settings that its batch runs by, whatever the form asks for by now."""
    visit = Visit("a", "b")
    visit.tell(messages.Queued(("a", "b")))
    assert visit.kept.asked == [("a", WANTED, "a"), ("b", WANTED, "b")]


def test_cancelling() -> None:
    """What is cancelled, and what then still waited, is dropped."""
    visit = Visit("a", "b")
    visit.tell(messages.Queued(("a", "b")))
    visit.tell(messages.JobStarted("a"))
    visit.tell(messages.CancelAsked(None))
    visit.tell(messages.JobCancelled())
    assert sorted(visit.kept.dropped) == ["a", "b"]


def test_removing() -> None:
    """A picture that is taken out of the list is dropped, also one of an earlier visit."""
    visit = Visit("a")
    visit.keeping.add("a")
    visit.tell(messages.Removed("a"))
    assert visit.kept.dropped == ["a"]


def test_settings_that_cannot_be() -> None:
    """A batch that asks for what cannot be keeps nothing."""
    visit = Visit("a")
    visit.keeping.runner = SimpleNamespace(wanted=None)  # type: ignore[assignment]
    visit.tell(messages.Queued(("a",)))
    assert visit.kept.asked == []
