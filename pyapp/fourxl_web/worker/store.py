"""The models of this device: fetched when first needed, then kept, and checked each time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

import js
from pyodide.ffi import to_js

from fourxl import events, weights
from fourxl_web import shelf
from fourxl_web.worker import download
from fourxl_web.worker.cache import ModelCache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fourxl.manifest import ModelFile, ModelSpec
    from fourxl_web.worker.site import Site

_STEPS = 100
"""How often a download is told at most."""


class Store:
    """A ``WeightsSource`` that keeps what it fetched, once the bytes proved to be the published ones."""

    def __init__(
        self, site: Site, models: Sequence[ModelSpec], notify: Callable[[events.Event], None]
    ) -> None:
        """Fetch ``models`` from ``site``; ``notify`` hears of downloads."""
        self._site, self._models, self._notify = site, models, notify
        self._cache = ModelCache(site.models_url)
        self._partial: defaultdict[str, download.Partial] = defaultdict(download.Partial)
        """Files that were cut or cancelled, by sha256, to go on with."""

        self._turn: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """A file is fetched once, also when two models want it at a time."""

    async def read(self, file: ModelFile, *, fresh: bool, meter: Meter | None = None) -> bytes:
        """Return the file's bytes from this device, or from the site when it has none or ``fresh``.

        ``meter`` is told of a download; without one it is told as a whole.

        Raises:
            WeightsUnavailable: the file cannot be had, or only a part of it for now.
        """
        async with self._turn[file.sha256]:
            if fresh:
                await self._cache.drop(file.sha256)
            elif (kept := await self._cache.get(file)) is not None:
                return kept
            return await self._download(file, meter or self._meter(file), fresh=fresh)

    async def fetch(self, spec: ModelSpec) -> None:
        """Return once all files of ``spec`` are on this device.

        Raises:
            WeightsUnavailable: a file cannot be had, or only a part of it for now.
            WeightsMismatch: the site's file is not the published one.
        """
        missing = (await self.shelf()).missing(spec)
        meter = Meter(spec.id, shelf.size_bytes(missing), self._notify)
        for file in missing:
            await weights.load(file, _Metered(self, meter))
            meter.before += file.size_bytes

    async def delete(self, spec: ModelSpec) -> None:
        """Forget the files of ``spec``, but for those that another model on this device needs."""
        for file in (await self.shelf()).deletable(spec, self._models):
            async with self._turn[file.sha256]:
                self._partial.pop(file.sha256, None)
                await self._cache.drop(file.sha256)

    async def forget(self) -> None:
        """Forget all models."""
        self._partial.clear()
        here = await self.shelf()
        for sha256 in here.stored | here.held:
            await self._cache.drop(sha256)

    async def notes(self, spec: ModelSpec) -> tuple[str, ...]:
        """Return what a person should know after using ``spec``: that it could not be kept."""
        here = await self.shelf()
        return (here.obstacle,) if here.place(spec) == "held" else ()

    async def tidy(self) -> None:
        """Forget what the site's models do not consist of any more."""
        known = {file.sha256 for spec in self._models for file in shelf.files(spec)}
        for sha256 in (await self.shelf()).stored - known:
            await self._cache.drop(sha256)

    async def shelf(self) -> shelf.Shelf:
        """Return what is on this device."""
        stored, held = await self._cache.names()
        return shelf.Shelf(stored, held, self._cache.obstacle if held else "")

    def _meter(self, file: ModelFile) -> Meter:
        owner = next((spec.id for spec in self._models if file in shelf.files(spec)), file.path)
        return Meter(owner, file.size_bytes, self._notify)

    async def _download(self, file: ModelFile, meter: Meter, *, fresh: bool) -> bytes:
        """Return what the site sends, and keep it if it is right."""
        # What is stored here need not be in the browser's own cache as well.
        cache_mode = "no-store" if self._cache.is_possible else "reload" if fresh else "default"
        received = self._partial[file.sha256]
        await download.complete(received, file, partial(self._site.ask, file, cache_mode), meter.tell)
        del self._partial[file.sha256]
        blob = js.Blob.new(to_js(received.chunks))
        data: bytes = (await blob.arrayBuffer()).to_bytes()
        if weights.fault(data, file) is None:
            await self._cache.put(file, blob)
        return data


class _Metered:
    """The store, telling a download as part of a larger one."""

    def __init__(self, store: Store, meter: Meter) -> None:
        self._store, self._meter = store, meter

    async def read(self, file: ModelFile, *, fresh: bool) -> bytes:
        return await self._store.read(file, fresh=fresh, meter=self._meter)


class Meter:
    """Adds up the files of a download, and tells it in steps."""

    def __init__(self, model_id: str, total_bytes: int, notify: Callable[[events.Event], None]) -> None:
        self._model_id, self._total_bytes, self._notify = model_id, total_bytes, notify
        self._told_bytes = 0
        self.before = 0
        """Bytes of the files that are here already."""

    def tell(self, received_bytes: int) -> None:
        """Tell how many bytes of the present file are here."""
        here = min(self.before + received_bytes, self._total_bytes)
        if here == self._total_bytes or abs(here - self._told_bytes) * _STEPS >= self._total_bytes:
            self._told_bytes = here
            self._notify(events.Download(self._model_id, here, self._total_bytes))
