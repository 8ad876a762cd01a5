"""What Gradio is made to forget, and who is waited for."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backend import sessions
from backend.listening import Listeners
from backend.sessions import Sessions
from fourxl.errors import ServerFailed


def gradio() -> Any:
    """Return what of Gradio remembers."""
    queue = SimpleNamespace(
        pending_messages_per_session={"a": "messages", "b": "messages"},
        pending_event_ids_session={"a": {"job a"}, "b": {"job b"}},
        event_ids_to_events={"job b": "running"},
    )
    held = SimpleNamespace(
        lock=threading.Lock(), session_data={"a": 1, "b": 1}, time_last_used={"a": 1, "b": 1}
    )
    return SimpleNamespace(_queue=queue, app=SimpleNamespace(state_holder=held))


def test_a_session_is_forgotten_after_its_last_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its values at once, its jobs and messages in a while; not as long as a job of it runs."""
    monkeypatch.setattr(sessions, "_READ_BY_S", 0.0)
    blocks = gradio()

    async def scenario() -> None:
        kept = Sessions(cast("Any", blocks))
        for session in ("a", "b"):
            kept.ended(session)
        assert blocks.app.state_holder.session_data == blocks.app.state_holder.time_last_used == {}
        await asyncio.sleep(0.01)
        assert [kept.knows(name) for name in ("a", "job a", "b", "job b")] == [False, False, True, True]

    asyncio.run(scenario())


def test_all_who_wait_for_a_listener_hear_of_one() -> None:
    """Also when another job of the same session has given up meanwhile."""

    async def scenario() -> None:
        listeners = Listeners()
        with pytest.raises(ServerFailed, match="Nobody listened"):
            await listeners.expect("a", 0.0)
        waiting = [
            asyncio.create_task(listeners.expect("a", patience_s)) for patience_s in (0.01, 10.0, 10.0)
        ]
        await asyncio.wait(waiting[:1])
        with listeners.listening("a"):
            await asyncio.gather(*waiting[1:])
            await listeners.expect("a", 0.0)
        with pytest.raises(ServerFailed):
            await listeners.expect("a", 0.0)

    asyncio.run(scenario())
