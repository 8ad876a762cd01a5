"""What the page does beyond its own content: each part follows the state, and none changes it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from fourxl_web.page.device.forgetting import Forgetting
from fourxl_web.page.device.shortcuts import Shortcuts
from fourxl_web.page.device.updates import Updates
from fourxl_web.page.results.clipboard import Clipboard
from fourxl_web.page.telling.alerts import Alerts
from fourxl_web.page.telling.notifying import Notifications
from fourxl_web.page.telling.speech import Speech
from fourxl_web.page.telling.waking import Waking
from fourxl_web.page.view import element

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.engine import EngineClient
    from fourxl_web.page.files import Files
    from fourxl_web.page.state import State


class Surroundings:
    """Tab, screen, clipboard, keyboard, screen reader, stores and new builds."""

    def __init__(
        self,
        files: Files,
        engine: Callable[[], EngineClient | None],
        select: Callable[[str], object],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Build the parts; ``select`` shows the picture with an id, and work is started with ``do``."""
        self._speech, self._spoken = Speech(), element("spoken")
        self._parts = (
            Updates(element("update"), do),
            Alerts(Notifications(element("notify"), element("notify-hint"), do)),
            Waking(do),
            Clipboard(element("result"), element("download"), files, do),
            Shortcuts(element("help-dialog"), element("help"), select),
            Forgetting(element("forget"), element("forgetting"), element("notice"), engine, do),
        )

    def show(self, state: State) -> None:
        """Follow ``state``, which the page shows already."""
        for part in self._parts:
            part.show(state)
        line = str(element("status").textContent)
        if (said := self._speech.next(state, line, time.monotonic())) is not None:
            self._spoken.textContent = said
