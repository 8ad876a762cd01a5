"""The pictures and results themselves, which only the browser can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finished:
    """What a job made."""

    blob: Any
    """The whole file: a JavaScript Blob, or a File that lies on the disk."""

    layers: Any = ()
    """How it can be shown in parts, where it is too large to be shown as one."""


class Files:
    """JavaScript objects by the ids of the items that they belong to."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.source: dict[str, Any] = {}
        """The Files that a person chose."""

        self.result: dict[str, Finished] = {}

    def forget(self, item_id: str) -> None:
        """Let go of what belongs to one item."""
        self.source.pop(item_id, None)
        self.result.pop(item_id, None)

    def clear(self) -> None:
        """Let go of everything."""
        self.source.clear()
        self.result.clear()
