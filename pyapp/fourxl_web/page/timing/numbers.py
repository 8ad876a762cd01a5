"""What the page tells in numbers: times and sizes to come, and how a result was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyodide.ffi import create_proxy

from fourxl_web.page import speaking
from fourxl_web.page.form.size_guess import SizeGuess
from fourxl_web.page.results.report_view import ReportView
from fourxl_web.page.timing.estimating import Estimates
from fourxl_web.page.view import element

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.engine import EngineClient
    from fourxl_web.page.files import Files
    from fourxl_web.page.messages import Message
    from fourxl_web.page.running import Orders
    from fourxl_web.page.state import State


class Numbers:
    """Follows the state, the form and what is heard of jobs; changes none of them."""

    def __init__(
        self,
        files: Files,
        now: Callable[[], State],
        engine: Callable[[], EngineClient | None],
        orders: Callable[[], Orders],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Tell of the state of ``now`` by the ``orders`` of the form; work is started with ``do``."""
        self._now = now
        self._report = ReportView(element("report"), element("report-copy"), element("report-copied"), do)
        self._estimates = Estimates(element("estimate"), element("models"), engine, orders, do)
        self._guess = SizeGuess(element("size-guess"), files, engine, orders, do)
        for event in ("input", "change"):
            element("job").addEventListener(event, create_proxy(lambda _event: self._form_changed()))
        speaking.on_change(self._say_again)

    def hear(self, message: Message, state: State) -> None:
        """Follow ``message``, after which the page is in ``state`` and shows it."""
        self._estimates.hear(message, state)
        self._estimates.show(state)
        self._guess.show(state)
        self._report.show(state)

    def _form_changed(self) -> None:
        self._estimates.say(self._now())
        self._guess.show(self._now())

    def _say_again(self) -> None:
        self._estimates.say(self._now())
        self._guess.say()
