"""Our Python sources as archives that PyScript unpacks, the same bytes for the same sources.

The page and the engine get one archive each, so that each fetches once and only what it runs.
PyScript's form in a config: `"files": {"./app/engine.tar": "./*"}`.
"""

import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PAGE_ENGINE_MODULES = (
    "__init__",
    "errors",
    "settings",
    "events",
    "manifest",
    "geometry",
    "bands",
    "cost",
    "tiling",
    "sizing",
)
"""Modules of the engine which need neither numpy nor Pillow; the page shares these."""

WEB_SHARED = (
    "fourxl_web/__init__.py",
    "fourxl_web/kept.py",
    "fourxl_web/language.py",
    "fourxl_web/shelf.py",
    "fourxl_web/speed.py",
)
"""What the page and the engine's worker both speak."""

NOT_SHIPPED = ("fourxl/testing.py",)
"""Public fakes for tests; no use in a browser."""


def page_sources(pyapp: Path) -> Iterator[Path]:
    """Python files the page's interpreter imports."""
    yield from (pyapp / "fourxl" / f"{name}.py" for name in PAGE_ENGINE_MODULES)
    yield from _package(pyapp, *WEB_SHARED, "fourxl_web/page")


def engine_sources(pyapp: Path) -> Iterator[Path]:
    """Python files the engine's worker imports."""
    yield from _package(pyapp, "fourxl", *WEB_SHARED, "fourxl_web/worker")


def _package(pyapp: Path, *places: str) -> Iterator[Path]:
    for place in places:
        path = pyapp / place
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in found:
            if (
                file.is_file()
                and file.suffix != ".pyc"
                and file.relative_to(pyapp).as_posix() not in NOT_SHIPPED
            ):
                yield file


def write_archive(target: Path, root: Path, sources: Iterable[Path]) -> None:
    """Write a tar of the files, named relative to the root; same contents give the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, path in sorted((path.relative_to(root).as_posix(), path) for path in set(sources)):
            content = path.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
