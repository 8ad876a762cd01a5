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
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">',
        *hints,
    ]
    return text.replace("<head>", "\n".join(lines))


def module_hint(address: str) -> str:
    """Tag that has a JavaScript module fetched and compiled early."""
    return f'<link rel="modulepreload" href="{html.escape(address)}">'


def fetch_hint(address: str) -> str:
    """Tag that has a file fetched early which a script will `fetch()`."""
    return f'<link rel="preload" as="fetch" crossorigin href="{html.escape(address)}">'
