"""Which models this device has: what the worker finds out and the page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fourxl.manifest import ModelFile, ModelSpec

RUNTIMES = ("wasm", "webgpu")
"""What a browser computes with; a model is here when either could start without fetching anything."""

NOTABLE_BYTES = 1024 * 1024
"""From this size on a download is told before it starts, and the browser is asked to keep it."""

Place = Literal["stored", "held", "absent", "unpublished"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Files of models on this device, by their sha256."""

    stored: frozenset[str] = frozenset()
    """Kept by the browser until someone deletes them."""

    held: frozenset[str] = frozenset()
    """In memory until the page is closed, since the browser would not keep them."""

    obstacle: str = ""
    """Why files are held and not stored, in a sentence; empty as long as none had to be."""

    def place(self, spec: ModelSpec) -> Place:
        """Return where all of ``spec`` is; ``unpublished`` when this site does not have it."""
        if not spec.is_ready:
            return "unpublished"
        if self.missing(spec):
            return "absent"
        return "stored" if all(file.sha256 in self.stored for file in files(spec)) else "held"

    def missing(self, spec: ModelSpec) -> tuple[ModelFile, ...]:
        """Return the files of ``spec`` that are still to be fetched."""
        return tuple(file for file in files(spec) if file.sha256 not in self.stored | self.held)

    def missing_bytes(self, spec: ModelSpec) -> int:
        """Return how much using ``spec`` downloads first."""
        return size_bytes(self.missing(spec))

    def deletable(self, spec: ModelSpec, models: Iterable[ModelSpec]) -> tuple[ModelFile, ...]:
        """Return the files of ``spec`` on this device that no other of ``models`` on this device needs."""
        others = [
            other for other in models if other.id != spec.id and self.place(other) in ("stored", "held")
        ]
        needed = {file.sha256 for other in others for file in files(other)}
        return tuple(file for file in files(spec) if file.sha256 in (self.stored | self.held) - needed)

    def used_bytes(self, models: Iterable[ModelSpec]) -> int:
        """Return what ``models`` take on this device, shared files once."""
        sizes = {file.sha256: file.size_bytes for spec in models for file in files(spec)}
        return sum(size for sha256, size in sizes.items() if sha256 in self.stored | self.held)

    def joined(self, other: Shelf) -> Shelf:
        """Return what is on this shelf and on the ``other``."""
        obstacle = self.obstacle or other.obstacle
        return Shelf(self.stored | other.stored, self.held | other.held, obstacle)

    def to_wire(self) -> dict[str, Any]:
        """Return plain values."""
        return {"stored": sorted(self.stored), "held": sorted(self.held), "obstacle": self.obstacle}


def from_wire(wire: Mapping[str, Any]) -> Shelf:
    """Return the shelf that ``to_wire`` described."""
    return Shelf(frozenset(wire["stored"]), frozenset(wire["held"]), wire["obstacle"])


def files(spec: ModelSpec) -> tuple[ModelFile, ...]:
    """Return the files that a browser may need for ``spec``; none when this site does not have it."""
    return spec.files(*RUNTIMES)


def size_bytes(models: Iterable[ModelFile]) -> int:
    """Return the size of some files together."""
    return sum(file.size_bytes for file in models)
