"""The question that comes before a picture first leaves this device."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyodide.ffi import create_proxy

from fourxl_web.page import server_words

if TYPE_CHECKING:
    from fourxl.errors import FourxlError


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided."""

    may_send: bool
    is_lasting: bool
    """Whether it holds for what comes later too."""


class Consent:
    """A dialog of the page: it takes the focus, and Escape means no."""

    def __init__(self, dialog: Any) -> None:
        """Ask in ``dialog``, an element of that kind."""
        self._dialog = dialog
        self._answer: asyncio.Future[Answer] | None = None
        for name in ("send", "keep"):
            self._part(name).addEventListener(
                "click", create_proxy(lambda _event, name=name: dialog.close(name))
            )
        dialog.addEventListener("close", create_proxy(self._closed))

    async def ask(self, host: str, failed: FourxlError, *, is_for_all: bool) -> Answer:
        """Return whether the picture, or all that fail like it, may go to ``host``, since this device ``failed``."""
        question, reason = server_words.question(host, failed, is_for_all=is_for_all)
        self._part("question").textContent, self._part("reason").textContent = question, reason
        self._part("lasting").checked = False
        self._dialog.returnValue = ""
        self._answer = asyncio.get_running_loop().create_future()
        self._dialog.showModal()
        return await self._answer

    def _closed(self, _event: Any) -> None:
        may_send = self._dialog.returnValue == "send"
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(may_send, may_send and self._part("lasting").checked))

    def _part(self, name: str) -> Any:
        return self._dialog.querySelector(f"[data-part={name}]")
