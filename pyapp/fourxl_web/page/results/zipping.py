"""One archive of many files, written as it is read, so that it never is in memory whole."""

from __future__ import annotations

from typing import Any

import js
from pyodide.ffi import JsException, create_once_callable
from pyscript.js_modules import boot


async def save(files: list[tuple[str, Any]], name: str) -> bool:
    """Save Blobs under their paths in an archive called ``name``; return whether the person wished so to the end.

    Where the browser lets a person choose the file it is written there, else it is a download.

    Raises:
        JsException: it could not be written.
    """
    target = None
    if hasattr(js.window, "showSaveFilePicker"):
        try:
            target = await js.window.showSaveFilePicker(_options(suggestedName=name))
        except JsException:
            return False  # no file was chosen
    client_zip = await boot.load_module(boot.client_zip_url)
    stream = client_zip.makeZip(_entries(files))
    if target is not None:
        await stream.pipeTo(await target.createWritable())
        return True
    link = js.document.createElement("a")
    link.href = js.URL.createObjectURL(await js.Response.new(stream).blob())
    link.download = name
    link.click()
    js.setTimeout(create_once_callable(lambda: js.URL.revokeObjectURL(link.href)), 60_000)
    return True


def _entries(files: list[tuple[str, Any]]) -> Any:
    """Return what client-zip reads: the bytes of each Blob stay where they are till their turn."""
    entries = js.Array.new()
    now = js.Date.new()
    for path, blob in files:
        entries.push(_options(name=path, input=blob, lastModified=now))
    return entries


def _options(**values: Any) -> Any:
    options = js.Object.new()
    for name, value in values.items():
        setattr(options, name, value)
    return options
