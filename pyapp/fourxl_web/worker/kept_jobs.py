"""The jobs that are kept on this device: a folder each, with the picture, what was asked for and what is there.

A folder is read and written only by the visit that has claimed its job.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException

from fourxl import journal
from fourxl_web.kept import KeptJob
from fourxl_web.worker import opfs, records
from fourxl_web.worker.claims import Claims
from fourxl_web.worker.opfs import OpfsFolder
from fourxl_web.worker.records import Record

if TYPE_CHECKING:
    from fourxl_web.kept import Phase

_HOME = "4xl-jobs"
_SOURCE = "source"
_RECORD = "job.json"


class KeptJobs:
    """All of them, as far as the browser keeps anything for this page."""

    def __init__(self) -> None:
        """Know of no place yet; ``begin`` looks for one."""
        self._home: Any = None
        self._claims = Claims()
        self._tidying: asyncio.Future[None] | None = None
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """One thing at a time is done with a job's folder, but for the job itself."""

    @property
    def is_possible(self) -> bool:
        """Whether anything can be kept here."""
        return self._home is not None

    async def begin(self) -> None:
        """Find the place, and remove meanwhile what nobody has a use for."""
        root = await opfs.root()
        if root is None:
            return
        with suppress(JsException):
            self._home = await root.getDirectoryHandle(_HOME, opfs.creating())
        self._tidying = asyncio.ensure_future(self._tidy())

    async def _tidy(self) -> None:
        for job_id, record in await self._free():
            if record is None or record.job.is_over(time.time()):
                await self.drop(job_id)

    async def listed(self) -> list[KeptJob]:
        """Return the jobs of earlier visits that no open tab has, in the order in which they were kept."""
        if self._tidying is not None:
            await self._tidying
        found = [record.job for _, record in await self._free() if record is not None]
        return sorted(found, key=lambda job: job.at)

    async def keep(self, job_id: str, file: Any, wire: str, path: str) -> OpfsFolder | None:
        """Return the job's folder, with the JavaScript File ``file`` in it; None when it cannot be kept."""
        if self._home is None:
            return None
        async with self._turns[job_id]:
            if not await self._claims.take(job_id):
                return None
            try:
                folder = OpfsFolder(await self._home.getDirectoryHandle(job_id, opfs.creating()))
                try:
                    await self._fill(folder, job_id, file, wire, path)
                finally:
                    folder.close()
            except (JsException, OSError):
                await self._remove(job_id)
                return None
            return folder

    async def _fill(self, folder: OpfsFolder, job_id: str, file: Any, wire: str, path: str) -> None:
        if not await folder.has(_SOURCE, file.size):
            await folder.copy_in(_SOURCE, file)
        known = await self._read(folder, job_id)
        path = path or (known.job.path if known else "") or str(getattr(file, "name", "") or "picture")
        if known is not None and known.job.wire == wire:
            if known.job.path != path:
                await self._write(folder, replace(known, job=replace(known.job, path=path)))
            return
        begun_at = known.job.at if known else time.time()
        job = KeptJob(job_id, path, int(file.size), wire, "waiting", 0.0, saved=False, at=begun_at)
        await self._write(folder, Record(job, {}))

    async def mark(self, job_id: str, phase: Phase, made: dict[str, Any] | None = None) -> None:
        """Write down how far a job is that this visit has."""
        async with self._turns[job_id]:
            if (folder := await self._folder(job_id)) is None:
                return
            try:
                if known := await self._read(folder, job_id):
                    job = replace(known.job, phase=phase, saved=False)
                    await self._write(folder, Record(job, made or {}))
            finally:
                folder.close()

    async def saved(self, job_id: str) -> None:
        """Write down that its result lies where the person wants it: the next visit does without it."""
        async with self._turns[job_id]:
            if (folder := await self._folder(job_id)) is None:
                return
            try:
                if known := await self._read(folder, job_id):
                    await self._write(folder, replace(known, job=replace(known.job, saved=True)))
            finally:
                folder.close()

    async def take_up(self, job_id: str) -> tuple[Any, OpfsFolder, Record] | None:
        """Claim a job of an earlier visit and return its picture, folder and record; None when it is gone."""
        if self._home is None or not await self._claims.take(job_id):
            return None
        with suppress(JsException, OSError):
            folder = OpfsFolder(await self._home.getDirectoryHandle(job_id))
            if record := await self._read(folder, job_id):
                name = record.job.path.rpartition("/")[2]
                source = await folder.blob(_SOURCE, "")
                return js.File.new(js.Array.of(source), name), folder, record
        await self._remove(job_id)
        return None

    async def drop(self, job_id: str) -> None:
        """Delete all of a job that no other tab has."""
        if self._home is not None:
            async with self._turns[job_id]:
                if await self._claims.take(job_id):
                    await self._remove(job_id)

    async def forget(self) -> None:
        """Delete all jobs but those that other tabs have open."""
        if self._home is not None:
            for job_id in await self._ids():
                await self.drop(job_id)

    async def _free(self) -> list[tuple[str, Record | None]]:
        """Return what no visit has, this one included; a broken one has no record."""
        if self._home is None:
            return []
        held = await self._claims.of_anyone()
        return [(job_id, await self._record(job_id)) for job_id in await self._ids() if job_id not in held]

    async def _record(self, job_id: str) -> Record | None:
        with suppress(JsException):  # it is no folder, or has gone meanwhile
            return await self._read(OpfsFolder(await self._home.getDirectoryHandle(job_id)), job_id)
        return None

    async def _ids(self) -> list[str]:
        with suppress(JsException):
            return [str(name) async for name in self._home.keys()]  # noqa: SIM118 - JavaScript's
        return []

    async def _folder(self, job_id: str) -> OpfsFolder | None:
        if self._home is None or not self._claims.has(job_id):
            return None
        with suppress(JsException):
            return OpfsFolder(await self._home.getDirectoryHandle(job_id))
        return None

    async def _read(self, folder: OpfsFolder, job_id: str) -> Record | None:
        """Return what was written down, with how much is there; None where it makes no sense."""
        return records.from_text(await folder.peek(_RECORD), job_id, await folder.peek(journal.CHECKPOINT))

    async def _write(self, folder: OpfsFolder, record: Record) -> None:
        with suppress(OSError):  # without room the old one holds
            await folder.write_text(_RECORD, record.to_text())

    async def _remove(self, job_id: str) -> None:
        options = js.Object.new()
        options.recursive = True
        with suppress(JsException):
            await self._home.removeEntry(job_id, options)
        self._claims.give_up(job_id)
