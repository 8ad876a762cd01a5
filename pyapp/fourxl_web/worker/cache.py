"""Model files that the browser keeps (Cache API), or that this page holds where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException

from fourxl_web.language import pack

if TYPE_CHECKING:
    from fourxl.manifest import ModelFile

_NAME = "4xl-models"
_FULL = pack("shelf.full")
_FORBIDDEN = pack("shelf.forbidden")


class ModelCache:
    """Files by their sha256, as bytes that nobody has checked: stores can be damaged."""

    def __init__(self, models_url: str) -> None:
        """Keep files under ``models_url``, apart from those of other sites at the same origin."""
        self._prefix = models_url
        self._held: dict[str, Any] = {}
        self.obstacle = ""
        """Why a file had to be held in memory, packed as a sentence; empty when none had to be."""

    @property
    def is_possible(self) -> bool:
        """Whether this browser has a store for this page; only on https and localhost."""
        try:
            return getattr(js, "caches", None) is not None
        except JsException:  # it has one, and the page may not touch it
            return False

    async def get(self, file: ModelFile) -> bytes | None:
        """Return the file's bytes as they are here, or None."""
        try:
            found = self._held.get(file.sha256) or await self._match(file)
            if found:
                content: bytes = (await found.arrayBuffer()).to_bytes()
                return content
        except JsException:
            """An entry that cannot be read is no entry."""
        return None

    async def put(self, file: ModelFile, blob: Any) -> None:
        """Keep ``blob`` as that file; in memory if it cannot be stored, and ``obstacle`` says why."""
        try:
            if not self.is_possible:
                self._hold(file, blob, _FORBIDDEN)
            elif await _room_bytes() < file.size_bytes:
                self._hold(file, blob, _FULL)
            else:
                cache = await js.caches.open(_NAME)
                await cache.put(self._key(file.sha256), js.Response.new(blob))
        except JsException as exc:
            self._hold(file, blob, _FULL if "Quota" in f"{exc.name} {exc}" else _FORBIDDEN)

    async def drop(self, sha256: str) -> None:
        """Forget the file of that name."""
        self._held.pop(sha256, None)
        try:
            if self.is_possible:
                await (await js.caches.open(_NAME)).delete(self._key(sha256))
        except JsException:
            """What cannot be reached cannot be used either."""

    async def names(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the sha256 of what is stored and of what is held."""
        stored: set[str] = set()
        try:
            if self.is_possible:
                keys = await (await js.caches.open(_NAME)).keys()
                stored = {key.url.removeprefix(self._prefix) for key in keys}
        except JsException:
            """What cannot be listed is fetched anew."""
        return frozenset(name for name in stored if "/" not in name), frozenset(self._held)

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{sha256}"

    async def _match(self, file: ModelFile) -> Any:
        return await (await js.caches.open(_NAME)).match(self._key(file.sha256)) if self.is_possible else None

    def _hold(self, file: ModelFile, blob: Any, obstacle: str) -> None:
        self._held[file.sha256], self.obstacle = blob, obstacle


async def _room_bytes() -> float:
    """Return how much the browser says it would still store; it may know it badly, or not at all."""
    storage = getattr(js.navigator, "storage", None)
    if storage is None:
        return float("inf")
    estimate = await storage.estimate()
    return float(estimate.quota - estimate.usage)
