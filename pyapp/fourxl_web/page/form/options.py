"""What the form asks for, and controls that follow the model and one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl.settings import from_wire
from fourxl_web.language import say
from fourxl_web.page import numerals, words
from fourxl_web.page.form import model_cards

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fourxl.manifest import ModelSpec
    from fourxl.settings import JobSettings

_EXACT = "width"
"""The choice of a size that is told in pixels."""

_RANGES = ("strength", "denoise")


def watch() -> None:
    """Keep what depends on a control in step with it, also with what the browser restored."""
    _control("job").addEventListener("invalid", create_proxy(_unfold), True)
    _control("scale").addEventListener("change", create_proxy(lambda _event: _show_width()))
    _control("format").addEventListener("change", create_proxy(lambda _event: _show_format()))
    for name in _RANGES:
        _control(name).addEventListener("input", create_proxy(lambda _event: _show_shares()))
    show()


def show() -> None:
    """Show what depends on a control that was set by the page."""
    _show_width()
    _show_format()
    _show_shares()


def follow(spec: ModelSpec) -> None:
    """Offer the sizes that ``spec`` can make, and its denoise strength or why it cannot be set.

    Whoever had chosen the most has the most again.
    """
    chooser = _control("scale")
    chosen, sizes = chooser.value, words.sizes(spec.scale)
    had_most = chosen == _most(option.value for option in chooser.options)
    chooser.replaceChildren()
    for value, label in sizes.items():
        option = js.document.createElement("option")
        option.value, option.textContent = value, label
        chooser.append(option)
    chooser.value = chosen if chosen in sizes and not had_most else _most(sizes)
    _show_width()
    denoise = _control("denoise")
    _control("denoise-row").hidden = spec.weak_denoise is None
    _control("denoise-hint").textContent = words.denoise(spec)
    is_fixed = spec.weak_denoise is not None and not spec.can_denoise
    if is_fixed != denoise.disabled:
        denoise.disabled = is_fixed
        denoise.value = 100 if is_fixed else denoise.defaultValue
        _show_shares()


def _most(sizes: Iterable[str]) -> str:
    return [size for size in sizes if size != _EXACT][-1]


def settings() -> JobSettings:
    """Return what the form asks for.

    Raises:
        InvalidSettings: a number is out of range.
    """
    tile_px, format_name = _control("tile").value, _control("format").value
    return from_wire(
        {
            "model_id": model_cards.chosen_id(_control("models")),
            "format": format_name,
            "quality": numerals.whole(str(_control("quality").value)),
            "depth": _control("depth").value if format_name == "png" else "same",
            "keep_exif": _control("keep-exif").checked,
            "keep_location": _control("keep-location").checked,
            "device": _control("device").value,
            "tile_px": int(tile_px) if tile_px else None,
            **_size_and_shares(),
        }
    )


def _size_and_shares() -> dict[str, Any]:
    scale = _control("scale").value
    is_exact = scale == _EXACT
    return {
        "scale": int(scale) if scale and not is_exact else None,
        "width": numerals.whole(str(_control("width").value)) if is_exact else None,
        **{name: int(_control(name).value) / 100 for name in _RANGES},
    }


def _unfold(event: Any) -> None:
    """Show a field that keeps the form from being sent: the browser cannot point at one in a fold."""
    if fold := event.target.closest("details"):
        fold.open = True


def _show_width() -> None:
    """Ask for a width when it counts; a control that is disabled does not keep the form from being sent."""
    is_exact = _control("scale").value == _EXACT
    _control("width-row").hidden = not is_exact
    _control("width").disabled = not is_exact


def _show_format() -> None:
    """Offer quality where something may be lost, and bits where nothing is."""
    is_exact = _control("format").value == "png"
    _control("quality").disabled = is_exact
    _control("depth").disabled = not is_exact


def _show_shares() -> None:
    for name in _RANGES:
        _control(f"{name}-value").textContent = say("quantity.percent", value=int(_control(name).value))


def _control(name: str) -> Any:
    return js.document.getElementById(name)
