"""Where pictures are enlarged: what the site offers, what a person chose, and what follows from that."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urljoin, urlsplit

from fourxl.errors import BrokenWeights, RuntimeFailure, WeightsMismatch, WeightsUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fourxl.errors import FourxlError
    from fourxl.manifest import ModelSpec

Mode = Literal["device", "auto", "server"]

FAULTS_OF_A_DEVICE = (RuntimeFailure, WeightsUnavailable, WeightsMismatch, BrokenWeights)
"""What another place may do better; a bad picture or setting is bad everywhere."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that this site names."""

    base: str
    """Its address; ends in a slash."""

    host: str
    """How it is named to people."""


@dataclass(frozen=True, slots=True)
class Place:
    """What may happen to a picture."""

    server: Server | None = None
    """Without one, nothing can leave this device."""

    mode: Mode = "device"
    """Only ``device`` without a server."""

    may_send: bool = False
    """Whether Automatic sends what this device cannot do without asking again."""

    models: frozenset[str] | None = None
    """What the server has, by their ids; None until it has been asked."""

    seconds_a_pixel: Mapping[str, float] = field(default_factory=dict, hash=False)
    """What a source pixel takes there, by the ids of models, as far as it tells."""

    ahead: int = 0
    """Jobs that it had to do when it was asked."""

    def can_replace(self, engine: str) -> bool:
        """Return whether a job can start though the engine is not ready, but in the state ``engine``."""
        return self.mode == "server" or (self.mode == "auto" and engine == "failed")

    @property
    def may_be_asked(self) -> bool:
        """Whether the server may be asked how it is without a person's word: they chose it, or allowed sending."""
        return self.mode == "server" or (self.mode == "auto" and self.may_send)

    def may_fall_back(self, error: FourxlError, spec: ModelSpec | None) -> bool:
        """Return whether a job that failed on this device with ``error`` may go on at the server."""
        is_own = spec is not None and spec.is_own
        return self.mode == "auto" and isinstance(error, FAULTS_OF_A_DEVICE) and not is_own

    def offers(self, spec: ModelSpec) -> bool:
        """Return whether a picture can be enlarged with ``spec``, as far as is known."""
        is_there = not spec.is_own and (self.models is None or spec.id in self.models)
        match self.mode:
            case "device":
                return spec.is_ready
            case "auto":
                return spec.is_ready or is_there
            case "server":
                return is_there

    def to_text(self) -> str:
        """Return what is worth remembering, as ``recall`` reads it."""
        base = self.server.base if self.server else None
        return json.dumps({"mode": self.mode, "server": base, "may_send": self.may_send})


NOWHERE_ELSE = Place()
"""A page without a server."""


def read_config(text: str, page_url: str) -> Server | None:
    """Return the server that ``text``, the site's config.json, names; None also for what makes no sense.

    Addresses are relative to ``page_url``.
    """
    try:
        named = json.loads(text)["server"]
        if not named:
            return None
        base = urljoin(page_url, named.rstrip("/") + "/")
        found = urlsplit(base)
        is_good = found.scheme in ("http", "https") and found.hostname and not (found.query or found.fragment)
        return Server(base, found.netloc.rpartition("@")[2]) if is_good else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def recall(text: str | None, server: Server | None) -> Place:
    """Return the place that ``to_text`` described, at first Automatic.

    What was allowed for one server holds for no other.
    """
    if server is None:
        return NOWHERE_ELSE
    fresh = Place(server, "auto")
    try:
        kept = json.loads(text or "{}")
        mode, may_send = kept.get("mode"), kept.get("may_send") is True
        is_same = kept.get("server") == server.base
    except (ValueError, AttributeError):
        return fresh
    if mode == "device" or (mode in get_args(Mode) and is_same):
        return replace(fresh, mode=mode, may_send=may_send and is_same)
    return fresh


def agreed(now: Place, text: str | None) -> Place:
    """Return ``now`` with what is allowed by ``text``, which another tab may have written.

    The mode is each tab's own: none begins to send because of what was chosen in another.
    """
    return replace(now, may_send=recall(text, now.server).may_send)


def chosen(now: Place, text: str | None, **changed: Any) -> tuple[Place, str]:
    """Return what holds in this tab after a choice, and what is remembered in place of ``text``: no more is ``changed``."""
    return replace(agreed(now, text), **changed), replace(recall(text, now.server), **changed).to_text()
