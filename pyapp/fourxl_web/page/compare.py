"""The slider between before and after."""

from __future__ import annotations

from typing import Any

from pyodide.ffi import create_proxy


def watch(slider: Any, frame: Any) -> None:
    """Let the range input ``slider`` (0 to 100) move the border inside ``frame``."""

    def move(_event: Any = None) -> None:
        frame.style.setProperty("--split", f"{slider.value}%")

    slider.addEventListener("input", create_proxy(move))
    move()
