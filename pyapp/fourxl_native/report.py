"""A progress bar on standard error, fed by the job's events."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from tqdm import tqdm

from fourxl import events

if TYPE_CHECKING:
    from types import TracebackType

_BAR = "{desc} {bar} {percentage:3.0f} %{postfix}"


class Report:
    """Shows stage, tile k of n and seconds left; silent when ``quiet`` or when nobody watches."""

    def __init__(self, *, quiet: bool) -> None:
        hidden = quiet or not sys.stderr.isatty()
        self._bar: tqdm[None] = tqdm(total=1.0, bar_format=_BAR, disable=hidden, leave=False)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar off the screen."""
        self._bar.close()

    def tell(self, event: events.Event) -> None:
        """Show one event of the job."""
        match event:
            case events.Stage(name):
                self._bar.set_description_str(name)
            case events.Progress():
                left = f", {event.seconds_left:.0f} s left" if event.seconds_left is not None else ""
                self._bar.set_postfix_str(f"tile {event.tile} of {event.tiles}{left}", refresh=False)
                self._bar.update(event.fraction - self._bar.n)
            case events.SmallerTiles():
                self._bar.write(f"out of memory: going on in tiles of {event.to_px} px", file=sys.stderr)
