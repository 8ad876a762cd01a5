"""Where a running job puts what it makes, and what the page gets of it in the end."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pyodide.ffi import to_js

from fourxl import encode, events, layers
from fourxl.journal import CHECKPOINT, Journal
from fourxl.layers import Looks
from fourxl_web.worker.blobs import BlobFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fourxl.bands import Layer
    from fourxl.events import Done, Placed
    from fourxl.settings import Format
    from fourxl_web.worker.blobs import BlobFile
    from fourxl_web.worker.opfs import OpfsFile, OpfsFolder

_PNG = "image/png"


class Desk:
    """The files of one job, in a folder that is kept or in memory."""

    def __init__(self, file_format: Format, folder: OpfsFolder | BlobFolder | None = None) -> None:
        """Work in ``folder``; without one nothing outlasts the visit."""
        self._folder: OpfsFolder | BlobFolder = folder or BlobFolder()
        self._format = file_format
        self._name = f"result.{file_format}"
        self._result: OpfsFile | BlobFile | None = None
        self.is_kept = folder is not None
        self.placed: Placed | None = None
        """Where it is computed, once that was told."""

    async def begin(self) -> tuple[OpfsFile | BlobFile, Journal | None, Looks]:
        """Return what one attempt at the job writes to.

        Raises:
            OSError: there is no room.
        """
        self._result = await self._folder.open(self._name)
        journal = Journal(self._folder, self._result) if self.is_kept else None
        if journal is None:
            self._result.truncate(0)
        return self._result, journal, Looks(self._folder)

    async def finish(self, done: Done, looks: Looks) -> dict[str, Any]:
        """Return what is written down of a job that is done, after its files are closed."""
        made = looks.made
        if self._format != "png" and done.width * done.height > layers.LARGE_PIXELS:
            made = await self._layers_of_file()
        if self.is_kept:
            with suppress(OSError):  # without room for this the next time it is not done from the start
                await self._folder.write_text(CHECKPOINT, "")
        self._folder.close()
        return {
            "format": self._format,
            "done": events.to_wire(done),
            "placed": events.to_wire(self.placed) if self.placed else None,
            "layers": [layer.to_wire() for layer in made],
        }

    async def _layers_of_file(self) -> tuple[Layer, ...]:
        assert self._result is not None  # noqa: S101 - begin comes first
        try:
            return await layers.of_file(self._result.read(0, self._result.size()), self._folder)
        except (MemoryError, OSError):
            return ()  # it is shown as a whole, as far as the browser can

    async def answer(self, made: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the page is given of a finished job."""
        return await answer(self._folder, made)

    def close(self) -> None:
        """Close all files."""
        self._folder.close()


async def answer(folder: OpfsFolder | BlobFolder, made: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``blob``, ``done`` and ``placed`` (JSON), ``layers`` (JSON) and ``files``, a Blob for each of those."""
    name = f"result.{made['format']}"
    blobs = {name: await folder.blob(name, encode.MIME_TYPES[made["format"]])}
    for layer in made["layers"]:
        if layer["file"] not in blobs:
            blobs[layer["file"]] = await folder.blob(layer["file"], _PNG)
    return {
        "blob": blobs[name],
        "done": json.dumps(made["done"]),
        "placed": json.dumps(made["placed"]),
        "layers": json.dumps(made["layers"]),
        "files": to_js([blobs[layer["file"]] for layer in made["layers"]]),
    }
