"""What the worker reads from the site, and from the places that it names."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException

from fourxl.errors import WeightsUnavailable
from fourxl_web.worker.download import Cut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fourxl.manifest import ModelFile


class Site:
    """The site's own folder ``models/``, and the places it names for files that lie elsewhere."""

    def __init__(self, site_url: str) -> None:
        """Read below ``site_url``, which ends in a slash."""
        self.models_url = f"{site_url}models/"

    async def read_table(self) -> bytes:
        """Return the table of models.

        Raises:
            WeightsUnavailable: the site has none, or cannot be reached.
        """
        try:
            response = await js.fetch(f"{self.models_url}manifest.json")
            if response.ok:
                table: bytes = (await response.arrayBuffer()).to_bytes()
                return table
        except JsException as exc:
            raise WeightsUnavailable(
                "The table of models could not be fetched. Check the connection, then try again.",
                about="no-table",
            ) from exc
        raise WeightsUnavailable(
            f"The table of models could not be fetched: this site answers {response.status}.",
            about="no-table-on-site",
            status=response.status,
        )

    @asynccontextmanager
    async def ask(
        self, file: ModelFile, cache_mode: str, first_byte: int, tag: str
    ) -> AsyncIterator[HttpAnswer]:
        """Open a connection for ``file`` as ``download.Ask`` describes it; ``cache_mode`` is fetch's."""
        abort = js.AbortController.new()
        options = js.Object.new()
        options.cache, options.referrerPolicy, options.signal = cache_mode, "no-referrer", abort.signal
        if first_byte:
            options.headers = js.Headers.new()
            options.headers.set("Range", f"bytes={first_byte}-")
            if tag:
                options.headers.set("If-Range", tag)
        try:
            yield HttpAnswer(await js.fetch(js.URL.new(file.url or file.path, self.models_url), options))
        except JsException as exc:
            raise Cut(str(exc)) from exc
        finally:
            abort.abort()


class HttpAnswer:
    """A response of ``fetch`` as a ``download.Answer``."""

    def __init__(self, response: Any) -> None:
        """Read what the headers tell; of other sites' answers most are hidden."""
        self._body = response.body
        self.status: int = response.status
        tag = response.headers.get("ETag") or ""
        self.tag: str = "" if tag.startswith("W/") else tag
        span = (response.headers.get("Content-Range") or "").removeprefix("bytes ").partition("-")[0]
        self.first_byte = int(span) if span.isdecimal() else None

    async def chunks(self) -> AsyncIterator[Any]:
        """Yield the body as Uint8Arrays."""
        if not self._body:
            return
        reader = self._body.getReader()
        while not (part := await reader.read()).done:
            yield part.value
