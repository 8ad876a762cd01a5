"""The files of site/, with the addresses and the policy of this build written in."""

import html
import shutil
from collections.abc import Sequence
from pathlib import Path

from scripts.building.versions import write_versions

TEXT_SUFFIXES = {".html", ".css", ".js", ".mjs", ".json", ".webmanifest"}
"""Kinds of files that may name a vendored address."""


def copy_site(site: Path, target: Path, folders: dict[str, str]) -> None:
    """Copy everything under site/, writing versioned addresses into text files."""
    for path in sorted(site.rglob("*")):
        if not path.is_file():
            continue
        copy = target / path.relative_to(site)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in TEXT_SUFFIXES:
            copy.write_text(write_versions(path.read_text(), folders))
        else:
            shutil.copyfile(path, copy)


def complete_page(text: str, policy: str, hints: Sequence[str]) -> str:
    """HTML of a page with its policy first in the head, and what it will need named right after.

    Raises:
        ValueError: the page has no `<head>`, or not just one.

    """
    if text.count("<head>") != 1:
        raise ValueError("a page needs exactly one <head>, written without attributes")
    # A policy holds for what follows it, and the encoding must be told in the first 1024 bytes.
    lines = [
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy, quote=False)}">',
        *hints,
    ]
    return text.replace("<head>", "\n".join(lines))


STARTED_BY = "boot/start.mjs"
"""Script that a page has which boots the interpreters; such a page gets hints."""

HINTED_MODULES = (
    "boot/language.mjs",
    "boot/service_worker.mjs",
    "boot/interpreter.mjs",
    "boot/unpack.mjs",
    "vendor/pyscript/core.js",
    "vendor/pyscript/core-*.js",
    "vendor/pyodide/pyodide.mjs",
    "vendor/pyodide/pyodide.asm.mjs",
)
HINTED_FILES = (
    "languages/en.json",
    "page.json",
    "vendor/snapshots/interpreter.bin",
    "vendor/snapshots/pyscript.bin",
    "vendor/pyodide/pyodide.asm.wasm",
    "vendor/pyodide/python_stdlib.zip",
    "app/page.tar",
)
"""What a boot will ask for one after the other, each naming the next; the browser may know at once.

The page itself must ask for every one of them: what only the engine's worker fetches would be fetched
twice.
"""


def boot_hints(site: Path, folders: dict[str, str]) -> list[str]:
    """Tags that have the browser fetch early what a boot will need."""
    hints = []
    for patterns, tag in ((HINTED_MODULES, module_hint), (HINTED_FILES, fetch_hint)):
        for pattern in patterns:
            found = sorted(site.glob(write_versions(pattern, folders)))
            hints += [tag(path.relative_to(site).as_posix()) for path in found]
    return hints


def module_hint(address: str) -> str:
    """Tag that has a JavaScript module fetched and compiled early."""
    return f'<link rel="modulepreload" href="{html.escape(address)}">'


def fetch_hint(address: str) -> str:
    """Tag that has a file fetched early which a script will `fetch()`."""
    return f'<link rel="preload" as="fetch" crossorigin href="{html.escape(address)}">'
