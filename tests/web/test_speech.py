"""What of the status line is read aloud."""

from __future__ import annotations

from dataclasses import replace

from fourxl import events
from fourxl_web.page import words
from fourxl_web.page.remote.steps import Sending
from fourxl_web.page.state import Job, Picked, State
from fourxl_web.page.telling.speech import EVERY_S, Speech
from tests.web.showing import showing

PICKED = Picked("photo.png", 2048)


def at_tile(tile: int, tiles: int = 1000) -> State:
    """Return the state of a job that far."""
    return showing(PICKED, job=Job("enlarging", events.Progress(tile, tiles, tile / tiles, None)))


def said(*moments: tuple[float, State]) -> list[str]:
    """Return all that is read aloud of these states, each after so many seconds."""
    speech = Speech()
    heard = [speech.next(state, words.status(state), now_s) for now_s, state in moments]
    return [line for line in heard if line is not None]


def test_a_job_of_many_tiles_is_no_chatter() -> None:
    """A thousand tiles in a hundred seconds: the beginning, then a line every ten seconds, then the end."""
    tiles = [(tile / 10, at_tile(tile)) for tile in range(1, 1000)]
    heard = said((0, showing(PICKED)), *tiles, (100, showing(PICKED, phase="cancelled")))
    assert len(heard) == 1 + 100 / EVERY_S + 1
    assert heard[0] == words.status(showing(PICKED))
    assert heard[1] == words.status(at_tile(1))
    assert heard[-1] == words.status(showing(PICKED, phase="cancelled"))


def test_what_is_done_is_said_at_once() -> None:
    """An idle page's line is said when it changes, and only then."""
    states = [State(), State(engine="ready"), State(engine="ready"), showing(PICKED)]
    assert said(*[(i / 100, state) for i, state in enumerate(states)]) == [
        words.status(state) for state in (states[0], states[1], states[3])
    ]


def test_what_leaves_the_device_is_said_at_once() -> None:
    """That a picture is sent must not wait for ten seconds."""
    sending = showing(PICKED, job=Job(step=Sending("example.org", "photo.png")))
    assert said((0, at_tile(1)), (0.1, sending)) == [words.status(at_tile(1)), words.status(sending)]


def test_the_next_picture_of_a_batch_is_no_news() -> None:
    """In a batch of small pictures each begins and ends within a second."""
    running = at_tile(1)
    between = replace(running, items=(replace(running.items[0], phase="done", job=None),))
    assert len(said((0, running), (0.1, between), (0.2, at_tile(2)), (0.3, between))) == 1
