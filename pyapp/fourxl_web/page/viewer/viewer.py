"""The viewer: original and result of the selected item, with a divider between them, at any zoom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_proxy

from fourxl_web.page.viewer import keys, pictures, sentences
from fourxl_web.page.viewer.gestures import Gestures
from fourxl_web.page.viewer.navigation import Navigation
from fourxl_web.page.viewer.scene import Scene
from fourxl_web.page.viewer.strips import Strip, Strips
from fourxl_web.page.viewer.surface import Surface
from fourxl_web.page.viewer.viewport import Frame

if TYPE_CHECKING:
    from fourxl_web.page.files import Files
    from fourxl_web.page.state import Item, State
    from fourxl_web.page.viewer.pictures import Picture

_BUDGET_PX = 48_000_000
_SMALL_BUDGET_PX = 20_000_000
"""Opened pixels that are kept, of four bytes each: on a computer, and on what has touch alone."""

_LIKELY_SCALE = 4
"""Before there is a result the original is shown as large as one that many times larger."""


class Viewer:
    """Shows what is selected; ``compare`` is the element with the canvas, the range and the tools."""

    def __init__(self, compare: Any, note: Any, files: Files) -> None:
        """Show nothing yet; ``note`` is the element for what is to be said below."""
        self._compare, self._note, self._files = compare, note, files
        self._split = compare.querySelector("#split")
        self._tools = compare.querySelector("#compare-tools")
        self._zoom = compare.querySelector("#zoom")
        self._is_small = bool(js.matchMedia("(hover: none) and (pointer: coarse)").matches)
        self._item: Item | None = None
        self._scene: Scene | None = None
        self._finished: object = None
        self._surface = Surface(compare.querySelector("#canvas"), self._draw, self._look)
        self._navigation = Navigation(self._surface.ask, lambda: self._surface.ratio)
        self._strips = Strips(self._surface.ask)
        Gestures(
            self._surface.canvas,
            compare.querySelector("#divider"),
            self._navigation,
            self._split_to,
            lambda: bool(compare.contains(js.document.activeElement)),
        )
        keys.watch(compare, self._navigation, self._split_share)
        self._split.addEventListener("input", create_proxy(lambda _event: self._surface.ask()))
        self._tools.addEventListener("click", create_proxy(self._press))
        self._arrange()

    def show(self, state: State) -> None:
        """Show the selected item as it is now."""
        self._item = item = state.selected_item
        file = self._files.source.get(item.id) if item else None
        if self._scene is not None and (item is None or item.id != self._scene.item_id):
            self._scene.close()
            self._scene, self._finished = None, None
            self._navigation.leave()
        if item is not None and file is not None and self._scene is None:
            budget_px = _SMALL_BUDGET_PX if self._is_small else _BUDGET_PX
            self._scene = Scene(item.id, file, budget_px, self._changed)
        finished = self._files.result.get(item.id) if item and item.result else None
        if self._scene is not None and finished is not self._finished:
            self._finished = finished
            self._scene.show_result(self._picture(item) if item and finished else None)
        if state.running is None:
            self._strips.clear()
        self._arrange()

    def say(self) -> None:
        """Say everything again, in the language of now."""
        self._changed()

    def preview(self, job_id: str, strip: Strip) -> None:
        """Show rows of a running job that are finished."""
        self._strips.add(job_id, strip)

    def _picture(self, item: Item) -> Picture | None:
        finished = self._files.result[item.id]
        if finished.layers:
            return pictures.LayeredPicture(finished.layers)
        if item.result is None:
            return None
        done = item.result.done
        return pictures.BlobPicture(finished.blob, done.width, done.height, is_small_device=self._is_small)

    def _press(self, event: Any) -> None:
        if button := event.target.closest("button"):
            self._navigation.do(button.dataset.do)

    def _split_to(self, x: float) -> None:
        """Move the divider to ``x``, in CSS pixels of the view."""
        self._split_share(self._navigation.share_at(x))

    def _split_share(self, share: float) -> None:
        if not self._split.disabled:
            self._split.value = str(round(share * 100))
            self._surface.ask()

    def _changed(self) -> None:
        """Look at what there is now, which may have another size."""
        self._arrange()
        self._surface.ask()

    def _arrange(self) -> None:
        """Say what is shown, and offer what can be done with it."""
        scene = self._scene
        size = scene.size if scene else None
        has_both = scene is not None and scene.loader is not None and scene.still is not None
        self._compare.hidden = self._tools.hidden = size is None
        self._split.hidden = self._split.disabled = not has_both
        self._compare.classList.toggle("divided", has_both)
        if size is not None:
            width, height = size
            likely = height * (1 if scene and scene.loader else _LIKELY_SCALE)
            for name, value in (("--width", width), ("--height", height), ("--natural", likely)):
                self._compare.style.setProperty(name, str(value))
            self._look()
        sentences.show(self._surface.canvas, self._note, self._item, scene)

    def _look(self) -> None:
        """Show the picture in a view, or of a size, that may be another than before."""
        size = self._scene.size if self._scene else None
        if size is not None and self._scene is not None:
            canvas = self._surface.canvas
            enlarged = 1 if self._scene.loader else _LIKELY_SCALE
            largest_fit = enlarged * js.devicePixelRatio
            self._navigation.look(Frame(canvas.width, canvas.height, *size, largest_fit=largest_fit))

    def _draw(self) -> None:
        frame, viewport, scene = self._navigation.frame, self._navigation.viewport, self._scene
        if frame is None or scene is None:
            return
        divider = round(viewport.across(float(self._split.value) / 100, frame))
        scene.draw(self._surface.context, frame, viewport, divider, self._strips.of(scene.item_id))
        self._compare.style.setProperty("--split", f"{divider / frame.view_width * 100:.3f}%")
        self._compare.classList.toggle("pannable", self._navigation.can_pan)
        zoom = sentences.zoom(viewport.zoom)
        if self._zoom.textContent != zoom:
            self._zoom.textContent = zoom
