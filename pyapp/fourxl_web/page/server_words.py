"""Every sentence of the page about the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl import events
from fourxl.errors import ImageTooLarge, ServerError, UnknownModel
from fourxl_web.language import count, has, join, pack, say
from fourxl_web.page import error_words
from fourxl_web.page.remote import steps

if TYPE_CHECKING:
    from fourxl.errors import FourxlError
    from fourxl.manifest import ModelSpec
    from fourxl_web.page.remote.place import Mode, Place

_QUOTED = 300
"""Characters of a foreign sentence at most."""

_ASLEEP_FROM_S = 3
"""A server that is up has answered by then."""


def modes(host: str) -> dict[Mode, str]:
    """Return what each mode is called."""
    return {
        "device": say("server.mode-device"),
        "auto": say("server.mode-auto", host=host),
        "server": say("server.mode-server", host=host),
    }


def tagline(place: Place) -> str:
    """Return what 4XL is."""
    return say("page.tagline-server" if place.mode == "server" else "page.tagline")


def privacy(place: Place) -> str:
    """Return what happens to a picture, in a sentence or two."""
    host = place.server.host if place.server else ""
    if place.mode == "server":
        return join(say("server.privacy-server", host=host), say("server.deleted"))
    if place.mode == "auto" and place.may_send:
        return join(say("server.privacy-allowed", host=host), say("server.deleted"))
    return say("server.privacy-asked", host=host) if place.mode == "auto" else say("server.privacy-device")


def label(spec: ModelSpec) -> str:
    """Return what a model is called; a person's own by its file."""
    if spec.is_own:
        return say("model.own.label", name=spec.label.removeprefix("Own: "))
    key = f"model.{spec.id}.label"
    return say(key) if has(key) else spec.label


def choice(spec: ModelSpec, place: Place) -> str:
    """Return how a model is offered."""
    host, model = place.server.host if place.server else "", label(spec)
    if place.mode == "server":
        if spec.is_own:
            return say("server.choice-own", model=model)
        return model if place.offers(spec) else say("server.choice-not-there", model=model, host=host)
    if spec.is_ready:
        return model
    if place.mode == "auto" and place.offers(spec):
        key = "server.choice-only-there" if place.models else "server.choice-perhaps-there"
        return say(key, model=model, host=host)
    return say("server.choice-nowhere", model=model)


def step(found: steps.Step) -> str:
    """Return what a job on its way to the server and back is doing."""
    match found:
        case steps.Asking(host):
            return say("status.asking", host=host)
        case steps.Waking(host, seconds):
            return say("status.waking-asked" if seconds < _ASLEEP_FROM_S else "status.waking", host=host)
        case steps.Sending(host, name):
            return say("status.sending" if name else "status.sending-unnamed", host=host, name=name)
        case events.Waiting(ahead):
            return count("status.turn", ahead)
        case steps.Fetching(host):
            return say("status.fetching", host=host)


def elapsed(found: steps.Step | None) -> str:
    """Return how long a server has been woken by now, which nobody wants to be told aloud each second."""
    match found:
        case steps.Waking(_, seconds) if seconds >= _ASLEEP_FROM_S:
            return say("quantity.seconds", seconds=seconds)
        case _:
            return ""


def reason(host: str, failed: FourxlError | None, computer: str = "") -> str:
    """Return why a job is at the server, packed for the badge; ``computer`` is what computes it there, if known."""
    how = "computed" if computer else "sent"
    if failed is None:
        return pack(f"badge.{how}-chosen", host=host, computer=computer)
    failure = error_words.packed(failed)
    return pack(f"badge.{how}-failed", host=host, computer=computer, failure=failure)


def question(host: str, failed: FourxlError, *, is_for_all: bool) -> tuple[str, str]:
    """Return what is asked before a picture leaves, or before all do that fail like it, and why it is asked."""
    why = say("server.question-reason", host=host, failure=error_words.packed(failed))
    key = "server.question-all" if is_for_all else "server.question"
    return say(key, host=host), join(why, say("server.deleted"))


def quoted(sentence: str) -> str:
    """Return a server's own sentence, of bounded length and without its end, to be quoted in one of ours."""
    short = sentence if len(sentence) <= _QUOTED else sentence[:_QUOTED] + "…"
    return short.rstrip(".")


def fault(error: FourxlError, place: Place, engine: str) -> str:
    """Return what went wrong, with a way out where this device is one: ``engine`` is the state of its own."""
    told = error_words.sentence(error)
    is_the_servers = isinstance(error, (ServerError, ImageTooLarge, UnknownModel))
    if place.mode == "server" and engine != "failed" and is_the_servers:
        return join(told, say("server.or-device"))
    return told
