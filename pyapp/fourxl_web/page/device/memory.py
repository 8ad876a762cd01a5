"""What this site's tabs remember together on this device."""

from __future__ import annotations

import js
from pyodide.ffi import JsException


class Memory:
    """One text under one name, the same in every tab."""

    def __init__(self, name: str) -> None:
        """Remember under ``name``."""
        self.name = name
        self._own: str | None = None
        """What the browser would not keep; it holds for this visit."""

    def read(self) -> str | None:
        """Return what was written last, by whichever tab."""
        if self._own is not None:
            return self._own
        try:
            kept = js.localStorage.getItem(self.name)
        except JsException:  # storage is forbidden
            return None
        return str(kept) if kept else None

    def write(self, text: str) -> None:
        """Remember ``text``."""
        try:
            js.localStorage.setItem(self.name, text)
            self._own = None
        except JsException:
            self._own = text
