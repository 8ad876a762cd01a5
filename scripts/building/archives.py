"""Our Python sources as archives that PyScript unpacks, the same bytes for the same sources.

The page and the engine get one archive each, so that each fetches once and only what it runs.
PyScript's form in a config: `"files": {"./app/engine.zip": "./*"}`.
"""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PAGE_ENGINE_MODULES = ("__init__", "errors", "settings", "events", "manifest", "geometry")
"""Modules of the engine which need neither numpy nor Pillow; the page shares these."""

NOT_SHIPPED = ("fourxl/testing.py",)
"""Public fakes for tests; no use in a browser."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def page_sources(pyapp: Path) -> Iterator[Path]:
    """Python files the page's interpreter imports."""
    yield from (pyapp / "fourxl" / f"{name}.py" for name in PAGE_ENGINE_MODULES)
    yield from _package(pyapp, "fourxl_web/__init__.py", "fourxl_web/page")


def engine_sources(pyapp: Path) -> Iterator[Path]:
    """Python files the engine's worker imports."""
    yield from _package(pyapp, "fourxl", "fourxl_web/__init__.py", "fourxl_web/worker")


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
    """Write a zip of the files, named relative to the root; same contents give the same bytes.

    Nothing is deflated: the archive as a whole is compressed on the way, and better so.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted((path.relative_to(root).as_posix(), path) for path in set(sources)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, path.read_bytes())
