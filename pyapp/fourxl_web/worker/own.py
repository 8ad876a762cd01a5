"""Networks of the person's own: kept in this browser, never sent and never fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, to_js

from fourxl import manifest, own_model, own_reasons
from fourxl.errors import BadManifest, RuntimeUnavailable, UnsuitableModel, WeightsUnavailable
from fourxl_web.shelf import Shelf
from fourxl_web.worker.cache import ModelCache
from fourxl_web.worker.trial import Trial

if TYPE_CHECKING:
    from fourxl.manifest import ModelFile, ModelSpec
    from fourxl.own_form import Form
    from fourxl.weights import WeightsSource

_TABLE = manifest.ModelFile("own models", 1, "table")
"""Where it is written what the files are; the cache knows it by this name."""


class OwnModels:
    """A ``WeightsSource`` of the own networks' files, before another one."""

    def __init__(self, models_url: str, others: WeightsSource) -> None:
        """Keep networks apart from those below ``models_url``; ``others`` has all other files."""
        self._cache = ModelCache(f"{models_url}own/")
        self._others = others
        self._models: dict[str, own_model.OwnModel] = {}

    @property
    def specs(self) -> tuple[ModelSpec, ...]:
        """The models, in the order in which they came."""
        return tuple(model.spec for model in self._models.values())

    def form(self, model_id: str) -> Form | None:
        """Return how an own network takes pictures; None for a model that is none."""
        model = self._models.get(model_id)
        return model.form if model else None

    async def restore(self) -> None:
        """Find the networks of earlier visits again."""
        text = await self._cache.get(_TABLE)
        stored, _ = await self._cache.names()
        try:
            known = own_model.from_json(text) if text else ()
        except BadManifest:
            known = ()  # of another version; the files are of no use without it
        self._models = {model.spec.id: model for model in known if _file(model.spec).sha256 in stored}
        for sha256 in stored - {_TABLE.sha256} - {_file(spec).sha256 for spec in self.specs}:
            await self._cache.drop(sha256)

    async def add(self, file: Any) -> ModelSpec:
        """Find out what the JavaScript File ``file`` is, and keep it.

        Raises:
            UnsuitableModel: it enlarges no pictures here.
            RuntimeFailure: memory or time ran out.
        """
        if file.size > own_model.MAX_BYTES:
            raise UnsuitableModel(
                f"The file has {file.size / 2**20:.0f} MB; {own_model.MAX_BYTES / 2**20:.0f} MB is the most for a network.",
                about="file-too-large",
                size_bytes=file.size,
                max_bytes=own_model.MAX_BYTES,
            )
        try:
            buffer = await file.arrayBuffer()
        except JsException as exc:
            raise UnsuitableModel(
                f"The file cannot be read ({exc}).", about="unreadable-file", reason=str(exc)
            ) from exc
        content = buffer.to_bytes()
        try:
            trial = await Trial.open(content)
        except RuntimeUnavailable as failure:
            raise own_reasons.refusal(failure) from failure
        try:
            model = await own_model.inspect(trial, file.name, content)
        finally:
            await trial.close()
        await self._cache.put(_file(model.spec), js.Blob.new(js.Array.of(buffer)))
        self._models[model.spec.id] = model
        await self._write()
        return model.spec

    async def remove(self, model_id: str) -> None:
        """Forget a network."""
        model = self._models.pop(model_id)
        await self._cache.drop(_file(model.spec).sha256)
        await self._write()

    async def forget(self) -> None:
        """Forget all networks, and that there were some."""
        for model_id in list(self._models):
            await self.remove(model_id)
        await self._cache.drop(_TABLE.sha256)

    async def read(self, file: ModelFile, *, fresh: bool) -> bytes:
        """Return the file's bytes; those of an own network from this browser only.

        Raises:
            WeightsUnavailable: it cannot be had.
        """
        if not any(file == _file(spec) for spec in self.specs):
            return await self._others.read(file, fresh=fresh)
        content = None if fresh else await self._cache.get(file)
        if content is None:
            raise WeightsUnavailable(
                f"Your network {file.path} is not on this device any more, or damaged. Choose its file again.",
                about="own-file-gone",
                file=file.path,
            )
        return content

    async def shelf(self) -> Shelf:
        """Return which of them the browser keeps, and which are in memory only."""
        stored, held = await self._cache.names()
        held -= {_TABLE.sha256}
        return Shelf(stored - {_TABLE.sha256}, held, self._cache.obstacle if held else "")

    async def _write(self) -> None:
        text = own_model.to_json(self._models.values())
        await self._cache.put(_TABLE, js.Blob.new(to_js([text])))


def _file(spec: ModelSpec) -> ModelFile:
    return next(iter(spec.graphs.values()))
