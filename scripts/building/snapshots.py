"""Interpreters that have already booted, as files: most of what a boot costs is paid here, once.

Pyodide can write its memory down after booting and start from that again. The options for it are
marked as internal (`_makeSnapshot`, `_loadSnapshot`), which a pinned version makes bearable: the
browser falls back to a plain boot should anything about a snapshot fail.
"""

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.building.packages import MissingPackagesError

HERE = Path(__file__).parent
SNAPSHOT_PROGRAMS = [HERE / name for name in ("make_snapshots.mjs", "warm_up.py", "pack_compiled.py")]
COMPILER_PROGRAMS = [HERE / name for name in ("compile_archives.mjs", "pack_compiled.py")]


def make_snapshots(
    pyodide: Path, pyscript: Path, python_packages: Sequence[str], cache: Path, say: Callable[[str], None]
) -> Path:
    """Folder in the cache with `interpreter.bin`, `packages.bin` and `pyscript.bin`.

    Args:
        pyodide: folder with Pyodide's core, its lock and the wheels of the packages.
        pyscript: folder of PyScript's npm package.
        python_packages: packages of the engine's interpreter.
        cache: folder of earlier results, one folder for each set of inputs.
        say: told what is being done.

    Raises:
        MissingPackagesError: Node.js is missing, or failed.

    """
    inputs = [*SNAPSHOT_PROGRAMS, pyscript / "package.json", *sorted(pyodide.iterdir())]

    def make(draft: Path) -> None:
        say("booting the interpreter once, to keep its memory (a minute)")
        draft.mkdir()
        _run_node(SNAPSHOT_PROGRAMS[0], pyodide, pyscript, draft, *python_packages)

    return _keep(cache / hash_files(inputs), make)


def compile_archives(
    archives: Sequence[Path], pyodide: Path, made: Path, cache: Path, say: Callable[[str], None]
) -> None:
    """Compile the tars of sources in place, or copy what was made of the same sources before.

    Args:
        archives: tars of Python sources.
        pyodide: folder with Pyodide's core.
        made: folder that make_snapshots gave for this Pyodide.
        cache: folder of earlier results.
        say: told what is being done.

    Raises:
        MissingPackagesError: Node.js is missing, or failed, as it does over a syntax error.

    """

    def make(draft: Path) -> None:
        say("compiling our Python")
        draft.mkdir()
        drafts = [shutil.copy(archive, draft / archive.name) for archive in archives]
        _run_node(COMPILER_PROGRAMS[0], pyodide, made, *drafts)

    inputs = [*COMPILER_PROGRAMS, *sorted(made.iterdir()), *archives]
    compiled = _keep(cache / hash_files(inputs), make)
    for archive in archives:
        shutil.copyfile(compiled / archive.name, archive)


def _keep(result: Path, make: Callable[[Path], None]) -> Path:
    """Path of the result, made now unless it is there; a result is there whole or not at all."""
    if not result.exists():
        result.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=result.parent) as folder:
            make(Path(folder) / "result")
            # Another build may have been faster.
            with contextlib.suppress(OSError):
                (Path(folder) / "result").rename(result)
    return result


def _run_node(program: Path, *arguments: object) -> None:
    node = shutil.which("node")
    if node is None:
        raise MissingPackagesError("Building the site needs Node.js 20 or newer, and node was not found.")
    command = [node, *map(str, (program, *arguments))]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        # Node.js shows the line that failed, and Pyodide's first line is a megabyte long.
        lines = [line[:300] for line in (done.stdout + done.stderr).splitlines()]
        raise MissingPackagesError("\n".join([f"{program.name} failed in Node.js:", *lines]))


def hash_files(paths: Sequence[Path]) -> str:
    """Sixteen hexadecimal digits which stand for the names and contents of the files."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]
