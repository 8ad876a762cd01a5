"""Events: the same on both sides of the wire."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from fourxl import events
from fourxl.notes import Note

EXAMPLES = [
    events.Waiting(3),
    events.Stage("reading"),
    events.Download("a", 1200, 2400),
    events.Placed("webgpu", "GPU", "It gave the known answer."),
    events.Progress(3, 12, 0.25, None),
    events.Progress(4, 12, 1 / 3, 2.5),
    events.SmallerTiles(512, 256),
    events.Done(40, 20, 1234, 1.5, 1.25, 12, (), "4x"),
    events.Done(40, 20, 1234, 1.5, 1.25, 12, ("One.", "Two."), "1920w"),
    events.Done(40, 20, 1234, 1.5, 1.25, 12, (), "4x", resumed_share=0.5).noted(
        Note("first", "One."), Note("second", "Two of 3.", {"count": 3})
    ),
]


def test_every_kind_has_an_example():
    """No kind of event escapes the tests below."""
    assert {type(event) for event in EXAMPLES} == set(get_args(events.Event))


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_survives_the_wire(event):
    """What ``from_wire`` makes of an event's JSON equals it, tuples included."""
    wire = events.to_wire(event)
    assert wire["event"] == type(event).__name__
    assert events.from_wire(wire) == event
    assert events.from_wire(json.loads(json.dumps(wire))) == event


def test_notes_are_told_as_sentences_and_as_values():
    """Each note is in Done twice, in the same order: in words, and as what they are about."""
    done = events.Done(40, 20, 1234, 1.5, 1.25, 12, (), "4x").noted(Note("first", "One."))
    done = done.noted(Note("second", "Two of 3.", {"count": 3}))
    assert done.notes == ("One.", "Two of 3.")
    assert done.told == ({"about": "first"}, {"about": "second", "count": 3})


def test_an_unknown_kind_is_an_error():
    """A kind that does not exist is not taken for another."""
    with pytest.raises(KeyError):
        events.from_wire({"event": "Undone"})
