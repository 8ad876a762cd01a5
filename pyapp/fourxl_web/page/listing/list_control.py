"""What a person does in the list: select, leave out, remove, do again, empty it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyodide.ffi import create_proxy

from fourxl_web.page import messages
from fourxl_web.page.listing.list_keys import ListKeys
from fourxl_web.page.listing.list_view import ListView

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl_web.page.files import Files
    from fourxl_web.page.messages import Message
    from fourxl_web.page.picking.intake import Do
    from fourxl_web.page.running import Orders, Runner
    from fourxl_web.page.state import State


class ListControl:
    """The list as a person uses it."""

    def __init__(
        self,
        section: Any,
        outside: Any,
        tell: Callable[[Message], None],
        do: Do,
        files: Files,
        runner: Runner,
        orders: Callable[[], Orders],
        save: Callable[[str], None],
    ) -> None:
        """Listen to ``section``; ``save`` saves the result with an id, ``orders`` is what the form asks for."""
        self._tell, self._files, self._runner = tell, files, runner
        self._orders, self._save = orders, save
        self._view = ListView(section, files, do)
        self._keys = ListKeys(section, outside)
        self._is_busy = False
        section.querySelector("#items").addEventListener("click", create_proxy(self._click))
        section.querySelector("#clear").addEventListener("click", create_proxy(lambda _event: self._clear()))

    def show(self, state: State) -> None:
        """Follow ``state``."""
        self._is_busy = bool(state.queue)
        with self._keys.kept():
            self._view.show(state)

    def say(self) -> None:
        """Say everything again, in the language of now."""
        self._view.say()

    def _click(self, event: Any) -> None:
        button = event.target.closest("button")
        if not button or button.hidden:
            return
        item_id = str(button.closest("li").dataset.id)
        match button.dataset.do:
            case "select":
                self._tell(messages.Selected(item_id))
            case "save":
                self._save(item_id)
            case "cancel":
                self._runner.cancel(item_id)
            case "retry":
                self._runner.start((item_id,), self._orders())
            case "remove":
                self._tell(messages.Removed(item_id))
                self._files.forget(item_id)

    def _clear(self) -> None:
        if not self._is_busy:
            self._files.clear()
            self._tell(messages.Cleared())
