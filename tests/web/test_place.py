"""What a page may do with a picture: no more than its site and its person allow."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product

import pytest

from fourxl import errors
from fourxl.errors import FourxlError
from fourxl.manifest import OWN as OWN_ARCHITECTURE
from fourxl.manifest import ModelFile, ModelSpec
from fourxl_web.page.remote import place
from fourxl_web.page.remote.place import NOWHERE_ELSE, Place, Server

PAGE = "https://example.org/some/4xl/index.html?x=1#y"
SERVER, OTHER = (
    Server("https://space.example/up/", "space.example"),
    Server("https://b.example/", "b.example"),
)
GRAPH = ModelFile("a.onnx", 9, "0" * 64)
HERE = ModelSpec("a", "A", "Photos.", "rrdb", 4, 8, 16, 512, "MIT", "ours", {"wasm": GRAPH}, None, None, None)
NOT_HERE = replace(HERE, id="b", graphs={})
OWN = replace(HERE, id="own-1", architecture=OWN_ARCHITECTURE)
each = pytest.mark.parametrize


@each(
    ("named", "base", "host"),
    [
        (".", "https://example.org/some/4xl/", "example.org"),
        ("./", "https://example.org/some/4xl/", "example.org"),
        ("/", "https://example.org/", "example.org"),
        ("../server", "https://example.org/some/server/", "example.org"),
        ("https://a.hf.space", "https://a.hf.space/", "a.hf.space"),
        ("http://localhost:7860/up/", "http://localhost:7860/up/", "localhost:7860"),
        ("//other.example/x", "https://other.example/x/", "other.example"),
        ("https://me:secret@a.example", "https://me:secret@a.example/", "a.example"),
    ],
)
def test_addresses(named: str, base: str, host: str) -> None:
    """A server is named relative to the page or by itself, with a slash at its end or without."""
    assert place.read_config(json.dumps({"server": named}), PAGE) == Server(base, host)


@each(
    "text",
    [
        "",
        "<!doctype html>",
        "null",
        "[]",
        "{}",
        '{"server": null}',
        '{"server": ""}',
        '{"server": 7}',
        '{"server": ["."]}',
        '{"server": "javascript:alert(1)"}',
        '{"server": "data:text/plain,x"}',
        '{"server": "ftp://a.example"}',
        '{"server": "https://a.example/?x=1"}',
        '{"server": "http://[broken"}',
    ],
)
def test_no_server(text: str) -> None:
    """A configuration that cannot be read, or names nothing to ask, is a page without a server."""
    assert place.read_config(text, PAGE) is None
    assert place.recall('{"mode": "server", "server": null}', None) == NOWHERE_ELSE


@each(("mode", "may_send"), list(product(["device", "auto", "server"], [True, False])))
def test_what_was_chosen_is_remembered(mode: place.Mode, may_send: bool) -> None:
    """For the same server all of it; for another one only that nothing is to leave."""
    chosen = Place(SERVER, mode, may_send)
    assert place.recall(chosen.to_text(), SERVER) == chosen
    elsewhere = place.recall(chosen.to_text(), OTHER)
    assert elsewhere == Place(OTHER, "device" if mode == "device" else "auto", may_send=False)


@each(
    "text",
    [
        None,
        "",
        "{",
        "null",
        "[]",
        '{"mode": "everywhere"}',
        '{"mode": "auto", "may_send": "yes", "server": 1}',
    ],
)
def test_nonsense_that_was_remembered(text: str | None) -> None:
    """Nothing, or nonsense, is Automatic, and asks."""
    assert place.recall(text, SERVER) == Place(SERVER, "auto")


def all_errors(cls: type[FourxlError] = FourxlError) -> list[type[FourxlError]]:
    """Return every class of the tree."""
    return [cls, *(found for child in cls.__subclasses__() for found in all_errors(child))]


FALLS_BACK = {
    errors.RuntimeFailure, errors.OutOfMemory, errors.DeviceLost, errors.WrongNumbers, errors.RuntimeUnavailable,
    errors.WeightsUnavailable, errors.WeightsMismatch, errors.BrokenWeights,
}  # fmt: skip


@each("cls", all_errors(), ids=lambda cls: cls.code)
def test_what_falls_back(cls: type[FourxlError]) -> None:
    """Only what the device is to blame for, only in Automatic, and never a network of the person's own."""
    error = cls("No.")
    assert Place(SERVER, "auto").may_fall_back(error, HERE) == (cls in FALLS_BACK)
    assert Place(SERVER, "auto").may_fall_back(error, None) == (cls in FALLS_BACK)
    assert not Place(SERVER, "auto").may_fall_back(error, OWN)
    for other in (NOWHERE_ELSE, Place(SERVER, "device"), Place(SERVER, "device", may_send=True)):
        assert not other.may_fall_back(error, HERE)


@each(
    ("mode", "models", "offered"),
    [
        ("device", None, {HERE.id, OWN.id}),
        ("auto", None, {HERE.id, OWN.id, NOT_HERE.id}),
        ("auto", {HERE.id}, {HERE.id, OWN.id}),
        ("server", None, {HERE.id, NOT_HERE.id}),
        ("server", {NOT_HERE.id}, {NOT_HERE.id}),
    ],
)
def test_what_is_offered(mode: place.Mode, models: set[str] | None, offered: set[str]) -> None:
    """A model is offered where it may be had; as long as the server was not asked, it may have any but own ones."""
    found = Place(SERVER, mode, models=None if models is None else frozenset(models))
    assert {spec.id for spec in (HERE, NOT_HERE, OWN) if found.offers(spec)} == offered


@each(
    ("mode", "replaces"),
    [("device", set()), ("auto", {"failed"}), ("server", {"failed", "starting", "ready"})],
)
def test_work_without_an_engine(mode: place.Mode, replaces: set[str]) -> None:
    """The server needs no engine here; Automatic waits for it, until it has failed."""
    found = Place(SERVER, mode)
    assert {engine for engine in ("starting", "ready", "failed") if found.can_replace(engine)} == replaces


@each(("mode", "may_send", "is_asked"), [
    ("device", False, False), ("device", True, False), ("auto", False, False), ("auto", True, True),
    ("server", False, True), ("server", True, True),
])  # fmt: skip
def test_no_server_is_asked_before_a_yes(mode: place.Mode, may_send: bool, is_asked: bool) -> None:
    """Not even how it is: a person chose it, or allowed sending to it."""
    assert Place(SERVER, mode, may_send).may_be_asked == is_asked


@each(("mode", "other_mode"), list(product(["device", "auto", "server"], repeat=2)))
@each(("may_send", "is_allowed"), list(product([True, False], repeat=2)))
def test_two_tabs(mode: place.Mode, other_mode: place.Mode, may_send: bool, is_allowed: bool) -> None:
    """What another tab allowed or took back holds here, its mode does not; a choice changes nothing else of either."""
    now, text = Place(SERVER, mode, may_send), Place(SERVER, other_mode, is_allowed).to_text()
    assert place.agreed(now, text) == Place(SERVER, mode, is_allowed)
    assert place.chosen(now, text, mode="server") == (
        Place(SERVER, "server", is_allowed),
        Place(SERVER, "server", is_allowed).to_text(),
    )
    assert place.chosen(now, text, may_send=False) == (
        Place(SERVER, mode),
        Place(SERVER, other_mode).to_text(),
    )


def test_what_other_tabs_do_not_allow() -> None:
    """Nothing that is remembered, nonsense, or another server's allows nothing."""
    now = Place(SERVER, "auto", may_send=True)
    for text in (None, "{", Place(OTHER, "auto", may_send=True).to_text()):
        assert not place.agreed(now, text).may_send
    assert place.agreed(NOWHERE_ELSE, now.to_text()) == NOWHERE_ELSE
