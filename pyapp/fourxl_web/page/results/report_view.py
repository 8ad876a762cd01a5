"""Shows how the selected result was made, and copies it as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_proxy

from fourxl_web.language import say
from fourxl_web.page import speaking, words
from fourxl_web.page.results import report

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl_web.page.state import State


class ReportView:
    """A line that sums up, and below it each fact by its name."""

    def __init__(
        self, place: Any, button: Any, told: Any, do: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        """Write into ``place``; ``button`` copies, ``told`` says that it did. Work is started with ``do``."""
        self._place, self._button, self._told = place, button, told
        self._state: State | None = None
        self._rows: tuple[report.Row, ...] = ()
        button.addEventListener("click", create_proxy(lambda _event: do(self._copy())))
        speaking.on_change(self._write)

    def show(self, state: State) -> None:
        """Show the report of the result of ``state``, unless it is shown."""
        is_new = self._state is None or state.result is not self._state.result
        self._state = state
        if is_new:
            self._write()

    def _write(self) -> None:
        self._told.textContent = ""
        self._place.replaceChildren()
        item = self._state.selected_item if self._state else None
        self._button.hidden = item is None or item.result is None
        if self._state is None or item is None or item.result is None:
            return
        self._rows = report.rows(item.picked, item.result, self._state.models)
        self._place.append(_element("p", words.report(item.result)))
        facts = js.document.createElement("dl")
        for name, value in self._rows:
            facts.append(_element("dt", name), _element("dd", value))
        self._place.append(facts)

    async def _copy(self) -> None:
        """Copy the facts; where a browser does not let a page do that, select them for the person."""
        try:
            await js.navigator.clipboard.writeText(report.text(self._rows))
        except (JsException, AttributeError):  # forbidden, or not https
            js.getSelection().selectAllChildren(self._place.querySelector("dl"))
            self._told.textContent = say("report.selected")
        else:
            self._told.textContent = say("report.copied")


def _element(kind: str, text: str) -> Any:
    made = js.document.createElement(kind)
    made.textContent = text
    return made
