"""The Chromium of this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str:
    """Return the path of Chromium: $CHROMIUM, else the first one on the path.

    Raises: SystemExit where there is none.
    """
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, filter(None, names)) if path), None)
    if found is None:
        raise SystemExit("No Chromium found; install one or set CHROMIUM=/path/to/chromium.")
    return found


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Start a browser with a fresh profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def with_profile(profile: Path) -> Iterator[BrowserContext]:
    """Start a browser that keeps what it learns in the folder `profile`."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=find(), args=[*ARGUMENTS]
        )
        try:
            yield context
        finally:
            context.close()


def name(version: str) -> str:
    """Return what to call the browser in a table."""
    return f"Chromium {version}, headless"
