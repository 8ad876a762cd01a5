"""What the worker reads from the site, and where the result's bytes go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, to_js

from fourxl.errors import WeightsUnavailable

if TYPE_CHECKING:
    from fourxl.manifest import ModelFile

MANIFEST = "manifest.json"


class SiteSource:
    """Model files in the site's own folder ``models/``."""

    def __init__(self, site_url: str) -> None:
        """Read below ``site_url``, which ends in a slash."""
        self._folder = f"{site_url}models/"

    async def read(self, file: ModelFile, *, fresh: bool) -> bytes:
        """Return the file's bytes, past the browser's cache when ``fresh``.

        Raises:
            WeightsUnavailable: the site has no such file, or cannot be reached.
        """
        return await self.fetch(file.path, fresh=fresh)

    async def fetch(self, name: str, *, fresh: bool) -> bytes:
        """Return the bytes of any file of the folder; raises as ``read``."""
        options = js.Object.new()
        options.cache = "reload" if fresh else "default"
        try:
            response = await js.fetch(f"{self._folder}{name}", options)
            if response.ok:
                content: bytes = (await response.arrayBuffer()).to_bytes()
                return content
        except JsException as exc:
            raise WeightsUnavailable(
                f"The model file {name} could not be fetched. Check the connection, then try again.",
                file=name,
            ) from exc
        raise WeightsUnavailable(
            f"The model file {name} could not be fetched: this site answers {response.status}.",
            file=name,
            status=response.status,
        )


class BlobSink:
    """Collects the result outside Python's memory, which never shrinks."""

    def __init__(self) -> None:
        """Start empty."""
        self._parts = js.Array.new()

    def write(self, data: bytes) -> None:
        """Append a copy of ``data``."""
        self._parts.push(to_js(data))

    def blob(self, mime_type: str) -> Any:
        """Return all that was written as one Blob."""
        options = js.Object.new()
        options.type = mime_type
        return js.Blob.new(self._parts, options)
