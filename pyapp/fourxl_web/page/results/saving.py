"""Saves results: one, all as a zip, or each into a folder as soon as it is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, create_once_callable, create_proxy

from fourxl_web.language import count, say
from fourxl_web.page.form import model_cards
from fourxl_web.page.results import naming, zipping
from fourxl_web.page.results.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl_web.page.files import Files
    from fourxl_web.page.picking.intake import Do
    from fourxl_web.page.state import Item, Result, State


class Saving:
    """The buttons that save, and what a saved file is called."""

    def __init__(self, now: Callable[[], State], files: Files, do: Do, saved: Callable[[str], None]) -> None:
        """Save what is in ``files``; ``saved`` hears the id of every result that has been."""
        self._now, self._files, self._do, self._saved = now, files, do, saved
        self._folder: Folder | None = None
        self._is_zipping = False
        self._address = ""
        self._offered: Any = None
        """The Blob at that address."""

        self._shown: tuple[object, ...] = ()
        self._note, self._link = _element("saved"), _element("download")
        self._pattern = _element("name-pattern")
        self._zip, self._into = _element("save-zip"), _element("save-folder")
        self._into.hidden = not hasattr(js.window, "showDirectoryPicker")
        self._link.addEventListener("click", create_proxy(lambda _event: self._tell_saved()))
        self._zip.addEventListener("click", create_proxy(lambda _event: do(self._save_zip())))
        self._into.addEventListener("click", create_proxy(lambda _event: do(self._choose_folder())))
        for name in ("input", "change"):
            _element("job").addEventListener(name, create_proxy(lambda _event: self.say()))

    def show(self, state: State) -> None:
        """Offer what there is to be saved."""
        finished = sum(item.result is not None for item in state.items)
        self._zip.hidden = not finished
        self._zip.disabled = self._is_zipping
        following = naming.next_item(state)
        shown = (state.selected, state.result, len(state.items), following and following.picked)
        if shown != self._shown:
            self._shown = shown
            self._offer(state)

    def say(self) -> None:
        """Say everything again: the pattern has changed, or the language."""
        self._offer(self._now())

    def save(self, item_id: str) -> None:
        """Save one result as a download."""
        state, done = self._now(), self._files.result.get(item_id)
        item = state.item(item_id)
        if item and item.result and done:
            _download(done.blob, self._name(item, item.result))
            self._saved(item_id)

    def finished(self, item_id: str) -> None:
        """Write a result that is there into the folder, if one was chosen."""
        if self._folder is not None:
            self._do(self._write([item_id]))

    def _offer(self, state: State) -> None:
        """Offer the selected result under its name, and say what the next one will be called."""
        item, result = state.selected_item, state.result
        done = self._files.result.get(item.id) if item else None
        self._offer_file(done.blob if done and result else None)
        if item and result:
            self._link.download = self._name(item, result)
        obstacle = naming.obstacle(str(self._pattern.value))
        self._pattern.setCustomValidity(obstacle)
        example = _element("name-example")
        example.textContent = obstacle or say("save.pattern-example", name=self._example(state))
        example.classList.toggle("error", bool(obstacle))

    def _offer_file(self, blob: Any) -> None:
        """Have the link lead to ``blob``; an address that nothing leads to any more would keep its file in memory."""
        if blob is self._offered:
            return
        self._offered = blob
        if self._address:
            js.URL.revokeObjectURL(self._address)
        self._address = str(js.URL.createObjectURL(blob)) if blob is not None else ""
        if blob is not None:
            self._link.href = self._address

    def _example(self, state: State) -> str:
        scale = str(_element("scale").value)
        label = f"{_element('width').value or 1}w" if scale == "width" else f"{scale or 1}x"
        model_id = model_cards.chosen_id(_element("models"))
        known = naming.expected(state, label, model_id, _today())
        return naming.fill(str(self._pattern.value), known, str(_element("format").value))

    def _name(self, item: Item, result: Result) -> str:
        known = naming.facts(item, result, self._now(), _today())
        return naming.fill(str(self._pattern.value), known, result.format)

    def _tell_saved(self) -> None:
        if selected := self._now().selected:
            self._saved(selected)

    def _wanted(self, item_ids: list[str] | None = None) -> list[tuple[Item, Result]]:
        """Return what is finished, all of it or these."""
        return [
            (item, item.result)
            for item in self._now().items
            if item.result and item.id in self._files.result and (item_ids is None or item.id in item_ids)
        ]

    async def _save_zip(self) -> None:
        """Save all that is finished as one archive, which is written as it is read."""
        wanted = self._wanted()
        paths = naming.paths(str(self._pattern.value), wanted, self._now(), _today())
        blobs = [self._files.result[item.id].blob for item, _ in wanted]
        self._is_zipping = self._zip.disabled = True
        self._note.textContent = say("save.zip-busy")
        try:
            is_saved = await zipping.save(list(zip(paths, blobs, strict=True)), f"4XL {_today()}.zip")
        except JsException as error:
            self._note.textContent = say("save.failed", reason=str(error.message))
        else:
            self._note.textContent = say("save.zip-done") if is_saved else ""
            for item, _ in wanted if is_saved else []:
                self._saved(item.id)
        finally:
            self._is_zipping = self._zip.disabled = False

    async def _choose_folder(self) -> None:
        """Ask for a folder, and write into it what is finished now and what will be."""
        options = js.Object.new()
        options.mode = "readwrite"
        try:
            handle = await js.window.showDirectoryPicker(options)
        except JsException:
            return  # no folder was chosen
        self._folder = Folder(handle)
        await self._write([item.id for item, _ in self._wanted()])

    async def _write(self, item_ids: list[str]) -> None:
        """Write these results into the folder, one after the other."""
        assert self._folder is not None  # noqa: S101 - whoever calls has looked
        folder, state = self._folder, self._now()
        for item, result in self._wanted(item_ids):
            path = naming.paths(str(self._pattern.value), [(item, result)], state, _today())[0]
            try:
                await folder.write(path, self._files.result[item.id].blob)
            except JsException as error:
                self._note.textContent = say("save.failed", reason=str(error.message))
                return
            self._saved(item.id)
            # Who listens is told at the end, not of each.
            self._note.setAttribute("aria-live", "off" if self._now().queue else "polite")
            self._note.textContent = count("save.into", folder.written, folder=folder.name)


def _download(blob: Any, name: str) -> None:
    link = js.document.createElement("a")
    link.href, link.download = js.URL.createObjectURL(blob), name
    link.click()
    js.setTimeout(create_once_callable(lambda: js.URL.revokeObjectURL(link.href)), 60_000)


def _today() -> str:
    return time.strftime("%Y-%m-%d")


def _element(name: str) -> Any:
    return js.document.getElementById(name)
