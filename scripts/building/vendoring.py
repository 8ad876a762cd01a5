"""The files of each vendored package that the page needs, copied into the built site."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")

ONNXRUNTIME_FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.webgpu.min.mjs",
    "ort-wasm-simd-threaded.asyncify.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
)

FONT_FILES = ("latin-wght-normal.woff2", "latin-ext-wght-normal.woff2")
"""Subsets of a variable font; scripts beyond Latin are written in the device's own fonts."""

PYSCRIPT_LAZY_CHUNKS = ("error",)
"""Chunks that PyScript's core imports only when needed, and that our configs make it need.

The error plugin is fetched even where a config switches it off, to tell it to keep off the page.
"""


GROWABLE_MEMORY_TESTS = 2
"""Places in PyScript's core that try out a growable SharedArrayBuffer: the page's half, the worker's."""


def copy_pyscript(package: Path, target: Path) -> None:
    """Copy PyScript's core and the chunks it really loads."""
    folder = package / "dist"
    wanted = _imported_chunks(folder, "core.js")
    for chunk in PYSCRIPT_LAZY_CHUNKS:
        wanted.update(path.name for path in folder.glob(f"{chunk}-*.js"))
    _copy(folder, target, sorted(wanted))
    _copy(package, target, ["LICENSE"])
    for core in target.glob("core-*.js"):
        core.write_text(make_worker_independent(core.read_text()))


def make_worker_independent(core: str) -> str:
    """Text of PyScript's core whose workers never wait for the page.

    On an isolated page PyScript's worker asks the page for `window` and reports progress while it boots,
    and spins until the page answers, which is when the page has booted too: with two interpreters the
    boots run one after the other. Without growable SharedArrayBuffers it takes messages and promises
    instead, as it does on pages that are not isolated; so we tell it there are none. This is its only
    use of them; onnxruntime's threads are untouched.

    Raises:
        ValueError: the core does not look as it did in the version this was written for.

    """
    text, count = re.subn(r"new (\w+)\(4,\{maxByteLength:8\}\)", r"new \1(-1)", core)
    if count != GROWABLE_MEMORY_TESTS:
        raise ValueError(
            f"PyScript's core tests {count} times for growable memory, not {GROWABLE_MEMORY_TESTS}"
        )
    return text


def _imported_chunks(folder: Path, entry: str) -> set[str]:
    """Names of the chunk and of all it imports statically, directly or not."""
    names, waiting = {entry}, [entry]
    while waiting:
        text = (folder / waiting.pop()).read_text()
        found = set(re.findall(r"""\bfrom\s*["']\./([\w.-]+\.js)["']""", text)) - names
        names |= found
        waiting.extend(found)
    return names


def copy_onnxruntime(package: Path, target: Path) -> None:
    """Copy onnxruntime-web's two builds: WASM, and WebGPU with its own larger WASM."""
    _copy(package / "dist", target, ONNXRUNTIME_FILES)


def copy_client_zip(package: Path, target: Path) -> None:
    """Copy client-zip, one module that writes a zip as it is downloaded."""
    _copy(package, target, ["index.js", "LICENSE.txt"])


def copy_font(package: Path, target: Path) -> None:
    """Copy a variable font's Latin subsets, named as the package names them, and its licence."""
    _copy(package / "files", target, [f"{package.name}-{subset}" for subset in FONT_FILES])
    _copy(package, target, ["LICENSE"])


def copy_pyodide(package: Path, target: Path, wheels: Sequence[Path], package_names: Sequence[str]) -> None:
    """Copy Pyodide's core, the wheels, and a lock that knows only these wheels."""
    _copy(package, target, PYODIDE_FILES)
    for wheel in wheels:
        shutil.copyfile(wheel, target / wheel.name)
    lock = cut_lock((package / "pyodide-lock.json").read_text(), package_names)
    (target / "pyodide-lock.json").write_text(lock)


def cut_lock(lock_text: str, package_names: Sequence[str]) -> str:
    """Lock text with the named packages only.

    Pyodide asks its content delivery network for what a lock names and the folder lacks; what the
    lock does not name it cannot ask for.
    """
    lock = json.loads(lock_text)
    kept = {name: lock["packages"][name] for name in package_names}
    for name, package in kept.items():
        missing = set(package["depends"]) - kept.keys()
        if missing:
            raise ValueError(f"{name} needs {', '.join(sorted(missing))}, which the site does not ship")
    return json.dumps({**lock, "packages": kept}, separators=(",", ":"), sort_keys=True)


def _copy(source: Path, target: Path, names: Sequence[str]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(source / name, target / name)
