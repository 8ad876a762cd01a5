"""Interpreters that have already booted, as files: most of what a boot costs is paid here, once.

Pyodide can write its memory down after booting and start from that again. The options for it are
marked as internal (`_makeSnapshot`, `_loadSnapshot`), which a pinned version makes bearable: the
browser falls back to a plain boot should anything about a snapshot fail.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.building.packages import MissingPackagesError

SCRIPTS = tuple(
    Path(__file__).with_name(name) for name in ("make_snapshots.mjs", "warm_up.py", "pack_packages.py")
)


def make_snapshots(
    pyodide: Path, python_packages: Sequence[str], cache: Path, say: Callable[[str], None]
) -> Path:
    """Folder in the cache with `interpreter.bin` and `packages.bin` for this Pyodide.

    Args:
        pyodide: folder with Pyodide's core, its lock and the wheels of the packages.
        python_packages: packages of the engine's interpreter.
        cache: folder of earlier results, one folder for each set of inputs.
        say: told what is being done.

    Raises:
        MissingPackagesError: Node.js is missing, or failed.

    """
    inputs = [*SCRIPTS, *sorted(path for path in pyodide.iterdir() if path.is_file())]
    made = cache / hash_files(inputs)
    if made.is_dir():
        return made
    node = shutil.which("node")
    if node is None:
        raise MissingPackagesError("Building the site needs Node.js 20 or newer, and node was not found.")
    say("booting the interpreter once, to keep its memory (a minute)")
    draft = cache / (made.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    command = [node, str(SCRIPTS[0]), str(pyodide), str(draft), *python_packages]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise MissingPackagesError(f"The interpreter could not be booted in Node.js:\n{done.stderr}")
    draft.rename(made)
    return made


def hash_files(paths: Sequence[Path]) -> str:
    """Sixteen hexadecimal digits which stand for the names and contents of the files."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]
