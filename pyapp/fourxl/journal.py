"""What survives of a job that is cut off: its finished rows, and how far the walk had come.

The rows are a banded PNG, cut at the ends of strips. Where the result is such a PNG itself, there
is no second copy: the unfinished result is the journal. After every strip a checkpoint tells which
bands are whole; what a crash left behind them is cut off again. Whatever does not fit together is
thrown away, and the job begins anew: a journal saves time and is never in the way.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from fourxl import bands as banding
from fourxl import manifest
from fourxl.tiling import Place, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fourxl.bands import Band
    from fourxl.keeping import File, Folder
    from fourxl.manifest import ModelSpec
    from fourxl.runtime import TileRuntime
    from fourxl.settings import JobSettings

CHECKPOINT = "checkpoint.json"
ROWS = "rows.png"

_FORMAT = 2
"""Raised when the same job would give other rows, or the files below mean something else."""

_CHUNK_FRAME_BYTES = 8, 4
"""Before a chunk's payload (length, kind) and after it (CRC-32)."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far an earlier run of the same job came."""

    standing: Standing
    bands: tuple[Band, ...]
    """All rows that are finished."""

    @property
    def rows(self) -> int:
        """How many those are, in the network's result."""
        return self.bands[-1].top + self.bands[-1].height

    @property
    def size_bytes(self) -> int:
        """Where the last of the bands ends."""
        return self.bands[-1].stop


class Journal:
    """Keeps one job in a folder."""

    def __init__(self, folder: Folder, result: File) -> None:
        """Keep what ``folder`` can hold; ``result`` is where the job writes its result."""
        self._folder, self.result = folder, result
        self._rows: File | None = None
        self._fingerprint = ""
        self._has_room = True

    async def begin(self, fingerprint: str, opening: bytes, *, in_result: bool) -> Checkpoint | None:
        """Return how far an earlier run of the same job came, its rows ready to be read; None when it begins anew.

        ``opening`` is what the banded PNG begins with, before its first band. ``in_result`` says that
        the result is that PNG.
        """
        self._fingerprint = fingerprint
        self._rows = self.result if in_result else await self._folder.open(ROWS)
        found = _parse(await self._folder.read_text(CHECKPOINT), fingerprint)
        if found is None or not _is_whole(self._rows, opening, found.bands):
            self._rows.truncate(0)
            self.result.truncate(0)
            return None
        self._rows.truncate(found.size_bytes)
        if not in_result:
            self.result.truncate(0)
        return found

    def write(self, data: bytes) -> None:
        """Append to the rows. Without room for them the job goes on, and is not kept."""
        assert self._rows is not None  # noqa: S101 - begin comes first
        if not self._has_room:
            return
        try:
            self._rows.write(data)
        except OSError:
            if self._rows is self.result:
                raise
            self._give_up()

    async def keep(self, standing: Standing, bands: Iterable[Band], share_done: float) -> None:
        """Write a checkpoint: all rows down to ``standing`` are in ``bands``, and those were written."""
        if not self._has_room:
            return
        assert self._rows is not None  # noqa: S101 - begin comes first
        try:
            self._rows.flush()
            text = _to_text(standing, bands, share_done, self._fingerprint)
            await self._folder.write_text(CHECKPOINT, text)
        except OSError:
            self._give_up()

    def read(self, band: Band) -> bytes:
        """Return the bytes of a band that was kept."""
        assert self._rows is not None  # noqa: S101 - begin comes first
        return self._rows.read(band.start, band.stop)

    def end(self) -> None:
        """Give back the room of rows that are in the result now."""
        if self._rows is not None and self._rows is not self.result:
            self._rows.truncate(0)

    def _give_up(self) -> None:
        self._has_room = False
        self.end()


def fingerprint(data: bytes, settings: JobSettings, spec: ModelSpec, runtime: TileRuntime) -> str:
    """Return what is equal for jobs that give the same result, byte for byte: source, settings, model, device."""
    asked = settings.to_wire() | {"device": f"{runtime.name} {runtime.device}"}
    model = hashlib.sha256(manifest.to_json([spec]).encode()).hexdigest()
    parts = [_FORMAT, hashlib.sha256(data).hexdigest(), model, asked]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def share_done(checkpoint: str | None) -> float:
    """Return the share of the picture, 0 to 1, that the text of a checkpoint tells of; 0 when it tells nothing."""
    try:
        share = float(json.loads(checkpoint or "")["share_done"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0.0
    return min(share, 1.0) if share > 0 else 0.0  # not a number is not greater


def _to_text(standing: Standing, bands: Iterable[Band], share: float, fingerprint: str) -> str:
    content: dict[str, Any] = {
        "last": asdict(standing.last),
        "tile_px": standing.tile_px,
        "share_done": share,
        "bands": banding.bands_to_wire(bands),
    }
    return json.dumps(content | {"seal": _seal(content, fingerprint)})


def _parse(text: str | None, fingerprint: str) -> Checkpoint | None:
    """Return what ``_to_text`` wrote for this very job; None for anything else."""
    try:
        content = json.loads(text or "")
        if content.pop("seal") != _seal(content, fingerprint):
            return None
        standing = Standing(Place(**content["last"]), content["tile_px"])
        found = Checkpoint(standing, banding.bands_from_wire(content["bands"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return found if found.bands else None


def _seal(content: dict[str, Any], fingerprint: str) -> str:
    """Return what only this content of this job has."""
    return hashlib.sha256((fingerprint + json.dumps(content, sort_keys=True)).encode()).hexdigest()


def _is_whole(file: File, opening: bytes, bands: tuple[Band, ...]) -> bool:
    """Return whether ``file`` begins with ``opening`` and holds every one of ``bands``, undamaged."""
    if file.size() < bands[-1].stop or bands[0].start != len(opening):
        return False
    before, after = _CHUNK_FRAME_BYTES
    for band in bands:
        chunk = memoryview(file.read(band.start, band.stop))
        checksum = int.from_bytes(chunk[-after:], "big")
        if zlib.crc32(chunk[before - after : -after]) != checksum:
            return False
    return file.read(0, len(opening)) == opening
