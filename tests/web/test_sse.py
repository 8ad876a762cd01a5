"""A stream of events means the same however it is cut into pieces and lines end."""

from __future__ import annotations

import random

import pytest

from fourxl_web.page.remote.sse import Parser, ServerSent

STREAM = (
    ": a comment\n"
    "event: generating\ndata: [null, {}]\n\n"
    "event: heartbeat\ndata: null\n\n"
    "event: nothing\n\n"
    "data:first\ndata:\ndata:  third, one blank kept\n\n"
    "id: 7\nretry: 10\nunknown: field\nevent:complete\ndata\ndata: 猫 🐈 ärger\n\n"
    "event: never ends\ndata: lost"
)
EVENTS = [
    ServerSent("generating", "[null, {}]"),
    ServerSent("heartbeat", "null"),
    ServerSent("message", "first\n\n third, one blank kept"),
    ServerSent("complete", "\n猫 🐈 ärger"),
]
ENDINGS = ["\n", "\r\n", "\r"]


def parsed(pieces: list[bytes]) -> list[ServerSent]:
    """Return the events of a stream in these pieces."""
    parser = Parser()
    return [sent for piece in pieces for sent in parser.feed(piece)]


@pytest.mark.parametrize("ending", ENDINGS, ids=ascii)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "BOM"])
def test_any_cut_gives_the_same_events(ending: str, mark: str) -> None:
    """Cut at every single byte, in bytes, or at random: the same events, comments and unknown fields left out."""
    stream = (mark + STREAM.replace("\n", ending)).encode()
    assert parsed([stream]) == EVENTS
    assert parsed([bytes([byte]) for byte in stream]) == EVENTS
    for at in range(len(stream)):
        assert parsed([stream[:at], b"", stream[at:]]) == EVENTS
    chance = random.Random(4)  # noqa: S311 - places to cut, no secrets
    for _ in range(50):
        cuts = sorted(chance.sample(range(len(stream)), 9))
        pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        assert parsed(pieces) == EVENTS


def test_an_event_comes_with_the_piece_that_ends_it() -> None:
    """Nothing is held back until more comes."""
    parser = Parser()
    assert list(parser.feed(b"event: a\ndata: 1\n")) == []
    assert list(parser.feed(b"\n")) == [ServerSent("a", "1")]
    assert list(parser.feed(b"data: 2\r\n\r\n")) == [ServerSent("message", "2")]
    assert list(parser.feed(b"data: \xff\n\n")) == [ServerSent("message", "\ufffd")], (
        "bad bytes do not end a stream"
    )
