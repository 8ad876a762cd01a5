"""Runs inside Pyodide: packs Python sources into tars, compiled by the Python that will run them.

The browser's interpreter then neither compiles nor compares dates.
"""

import io
import py_compile
import tarfile
from importlib.util import cache_from_source
from pathlib import Path

NOT_NEEDED = {"tests", "f2py"}
"""Folders of packages that nobody imports."""

COMPILED = Path("/tmp/module.pyc")  # noqa: S108  (this machine has one user: this program)


def pack_compiled(root: str, target: str, *, as_cache: bool = False) -> bytes:
    """Tar of a folder's modules and extensions, the modules compiled.

    Args:
        root: folder to pack; names in the tar are relative to it.
        target: folder the tar will be unpacked in; tracebacks name it.
        as_cache: name modules as Python's own cache of compiled sources does, for sources that somebody
            else will write beside it; else they stand in the sources' place.

    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(Path(root).rglob("*")):
            name = path.relative_to(root)
            if path.suffix not in {".py", ".so"} or NOT_NEEDED.intersection(name.parts):
                continue
            content = path
            if path.suffix == ".py":
                mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                py_compile.compile(
                    str(path), str(COMPILED), f"{target}/{name}", doraise=True, invalidation_mode=mode
                )
                content = COMPILED
                name = Path(cache_from_source(str(name))) if as_cache else name.with_suffix(".pyc")
            entry = tarfile.TarInfo(name.as_posix())
            entry.size = content.stat().st_size
            with content.open("rb") as data:
                archive.addfile(entry, data)
    return packed.getvalue()
