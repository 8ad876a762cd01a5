"""Runs inside Pyodide: its value is a tar of the installed packages, compiled, as bytes.

Compiled by the very Python that will run them, without sources: the browser's interpreter neither
compiles nor compares dates. Tests, headers and type stubs stay out.
"""

import io
import pathlib
import py_compile
import sysconfig
import tarfile

NOT_NEEDED = {"tests", "f2py"}
COMPILED = pathlib.Path("/tmp/module.pyc")  # noqa: S108  (the only user of this machine is this script)

root = pathlib.Path(sysconfig.get_path("purelib"))
packed = io.BytesIO()
with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.suffix not in {".py", ".so"} or NOT_NEEDED.intersection(name.parts):
            continue
        source = path
        if path.suffix == ".py":
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(str(path), str(COMPILED), str(path), doraise=True, invalidation_mode=mode)
            source, name = COMPILED, name.with_suffix(".pyc")
        entry = tarfile.TarInfo(name.as_posix())
        entry.size = source.stat().st_size
        with source.open("rb") as data:
            archive.addfile(entry, data)
packed.getvalue()
