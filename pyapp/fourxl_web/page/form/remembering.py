"""What the form is set to, remembered on this device."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl_web.page.device.memory import Memory
from fourxl_web.page.form import model_cards, options

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTROLS = (
    "scale", "width", "format", "quality", "strength", "denoise", "depth", "device", "tile",
    "keep-exif", "keep-location", "name-pattern", "notify", "keep-work",
)  # fmt: skip

_MODEL = "model"


class Remembering:
    """Writes down each change of the form, and sets it so again at the next visit.

    What depends on the model (sizes, denoising) is set when the models are known; till then it waits.
    """

    def __init__(self, form: Any, models: Any) -> None:
        """Follow ``form``, in which ``models`` is the group of the models."""
        self._models = models
        self._memory = Memory("4xl-options")
        self._kept = _read(self._memory.read())
        self._waits = True
        for name in _CONTROLS:
            _set(_control(name), self._kept.get(name))
        form.addEventListener("change", create_proxy(self._write))

    def restore(self, choose: Callable[[str], bool], follow: Callable[[], None]) -> None:
        """Set what waited for the models, once: ``choose`` the model, and ``follow`` with what depends on it.

        A model that is not to be had yet is waited for, till the person chooses another.
        """
        if self._waits and choose(str(self._kept.get(_MODEL, "swift"))):
            self._waits = False
            follow()
            _set(_control("scale"), self._kept.get("scale"))
            if not _control("denoise").disabled:
                _set(_control("denoise"), self._kept.get("denoise"))
            options.show()

    def _write(self, event: Any) -> None:
        """Remember what every control is set to; one that is not offered now, or waited for, stays as it was."""
        self._waits = self._waits and event.target.name != _MODEL
        controls = {name: _control(name) for name in _CONTROLS}
        found = {name: _value(control) for name, control in controls.items() if _is_good(control)}
        if not self._waits:
            found[_MODEL] = model_cards.chosen_id(self._models)
        self._kept = {**self._kept, **found}
        self._memory.write(json.dumps(self._kept))


def _read(text: str | None) -> dict[str, Any]:
    """Return what was remembered; nothing of what makes no sense."""
    try:
        kept = json.loads(text or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _set(control: Any, value: object) -> None:
    """Set a control, unless it cannot have that value."""
    before = _value(control)
    if type(value) is not type(before):
        return
    _put(control, value)
    if _value(control) != value or not control.checkValidity():
        _put(control, before)


def _put(control: Any, value: object) -> None:
    if control.type == "checkbox":
        control.checked = value
    else:
        control.value = value


def _value(control: Any) -> str | bool:
    return bool(control.checked) if control.type == "checkbox" else str(control.value)


def _is_good(control: Any) -> bool:
    return not control.disabled and bool(control.checkValidity())


def _control(name: str) -> Any:
    return js.document.getElementById(name)
