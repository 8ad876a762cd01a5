"""How many threads WebAssembly computes with; where it is one, why, for a person to read."""

from __future__ import annotations

from dataclasses import dataclass

from fourxl_web.language import pack

_MOST = 8
_ALL_UP_TO = 4

_REASONS = {
    "off": "badge.thread-off",
    "later": "badge.thread-later",
    "framed": "badge.thread-framed",
    "insecure": "badge.thread-insecure",
    "unsupported": "badge.thread-unsupported",
    "failed": "badge.thread-failed",
}
"""Keys of sentences, by the words of site/boot/service_worker.mjs."""

_ON_IOS = "badge.thread-ios"
_NO_MEMORY = "badge.thread-memory"
_ONE_PROCESSOR = "badge.thread-processor"


@dataclass(frozen=True, slots=True)
class Threads:
    """A number of threads."""

    count: int
    reason: str = ""
    """The key of a sentence that says why there is one thread; "" when there are several."""

    @property
    def packed(self) -> str:
        """What the badge's reason says in brackets."""
        return pack("badge.threads", n=self.count) if self.count > 1 else pack(self.reason)


ONE_FOR_WANT_OF_MEMORY = Threads(1, _NO_MEMORY)
"""What is left after several did not start."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the browser tells about itself."""

    isolated: bool
    """Cross-origin isolated: memory can be shared between threads."""

    processors: int
    """Logical ones; browsers do not tell the number of cores."""

    user_agent: str
    touch_points: int
    """Fingers the screen tells apart; only the page knows, its workers do not."""

    word: str
    """Why the page is not isolated, or should not be used so; ""."""

    @property
    def is_ios(self) -> bool:
        """Whether this is an iPhone or an iPad; these say they are a Mac, but no Mac has a touch screen."""
        named = any(name in self.user_agent for name in ("iPhone", "iPad", "iPod"))
        return named or ("Macintosh" in self.user_agent and self.touch_points > 1)


def choose(where: Surroundings) -> Threads:
    """Return the threads to use: one for each core, as far as the cores can be told, and 8 at most.

    Of more than 4 logical processors half are taken, since two on one core only wait for each other
    in dense arithmetic, and of a phone's the slower half would hold the others up.
    """
    if where.word == "off":
        return Threads(1, _REASONS["off"])
    if where.is_ios:
        return Threads(1, _ON_IOS)
    if not where.isolated:
        return Threads(1, _REASONS.get(where.word, _REASONS["failed"]))
    if where.processors < 2:  # noqa: PLR2004 - several
        return Threads(1, _ONE_PROCESSOR)
    cores = where.processors if where.processors <= _ALL_UP_TO else where.processors // 2
    return Threads(min(_MOST, cores))
