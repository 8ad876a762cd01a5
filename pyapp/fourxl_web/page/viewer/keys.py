"""The keyboard on the viewer, while it has the focus itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyodide.ffi import create_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl_web.page.viewer.navigation import Navigation

_STEP_PX = 64
"""How far an arrow pulls the picture, in CSS pixels."""


def watch(compare: Any, navigation: Navigation, split_share: Callable[[float], None]) -> None:
    """Do on ``compare`` what its keys say; ``split_share`` moves the divider."""
    pan, do = navigation.pan, navigation.do
    actions: dict[str, Callable[[], None]] = {
        **dict.fromkeys(("+", "="), lambda: do("in")),
        **dict.fromkeys(("-", "_"), lambda: do("out")),
        "0": lambda: do("fit"),
        "1": lambda: do("actual"),
        "ArrowLeft": lambda: pan(_STEP_PX, 0),
        "ArrowRight": lambda: pan(-_STEP_PX, 0),
        "ArrowUp": lambda: pan(0, _STEP_PX),
        "ArrowDown": lambda: pan(0, -_STEP_PX),
        "Home": lambda: split_share(0),
        "End": lambda: split_share(1),
    }

    def press(event: Any) -> None:
        action = actions.get(event.key)
        is_ours = event.target == compare and not (event.ctrlKey or event.metaKey or event.altKey)
        if action is not None and is_ours:
            event.preventDefault()
            event.stopPropagation()  # or the page's own shortcuts would do it again
            action()

    compare.addEventListener("keydown", create_proxy(press))
