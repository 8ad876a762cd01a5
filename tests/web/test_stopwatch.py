"""What a job waits for does not count as its pace."""

from __future__ import annotations

from fourxl import events
from fourxl_web.page import messages
from fourxl_web.page.remote import steps
from fourxl_web.page.timing.stopwatch import Stopwatch

READING, LOADING, ENLARGING = (events.Stage(name) for name in ("reading", "loading", "enlarging"))
STARTED = messages.JobStarted("one")
SENDING = steps.Sending("host.example", "a.png")


def after(*heard: tuple[float, object]) -> Stopwatch:
    """Return a stopwatch that heard messages at times."""
    stopwatch = Stopwatch()
    for at, message in heard:
        stopwatch.hear(message, at)  # type: ignore[arg-type]
    return stopwatch


def test_loading_a_model_is_waiting() -> None:
    """From the word that it is loaded to the first word of tiles, a download included."""
    found = after((0, STARTED), (1, READING), (2, LOADING), (9, events.Download("a", 1, 2)), (30, ENLARGING))
    assert found.waited_s == 28
    assert found.upload_s is None


def test_the_next_device_begins_anew() -> None:
    """What the first one waited is not the second one's."""
    found = after((0, STARTED), (1, LOADING), (5, ENLARGING), (6, READING), (7, LOADING), (8, ENLARGING))
    assert found.waited_s == 1


def test_the_next_job_begins_anew() -> None:
    """Nothing of one job is left for another."""
    found = after((0, STARTED), (1, LOADING), (5, ENLARGING), (6, SENDING), (7, READING), (9, STARTED))
    assert (found.waited_s, found.upload_s) == (0, None)


def test_a_picture_is_on_its_way_until_the_server_tells_of_it() -> None:
    """By its place in the queue, or by its first stage; later ones do not count."""
    assert after((0, STARTED), (1, SENDING), (4, events.Waiting(2)), (9, READING)).upload_s == 3
    assert after((0, STARTED), (1, SENDING), (6, READING), (7, LOADING)).upload_s == 5
