"""The built site, served three ways, and one Chromium for all tests of this ring."""

from __future__ import annotations

from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from scripts.building.policy import security_headers
from scripts.building.site import build
from scripts.serving import answering, make_server
from tests import browser as browsing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Playwright

    from tests.browser import Visit


@pytest.fixture(scope="package")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the whole site, as scripts/build_site makes it."""
    output = tmp_path_factory.mktemp("built") / "dist"
    build(output)
    return output


@pytest.fixture(scope="package")
def site_url(built_site: Path) -> Iterator[str]:
    """Serve the site as scripts/serve does: isolated, so with threads."""
    with answering(make_server(built_site, headers=security_headers(), quiet=True)) as url:
        yield url


@pytest.fixture(scope="package")
def plain_url(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a copy of the site under a prefix, from a host that knows nothing of 4XL and sends no headers."""
    root = tmp_path_factory.mktemp("host")
    (root / "some" / "where").mkdir(parents=True)
    (root / "some" / "where" / "4xl").symlink_to(built_site)

    class Plain(SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(root))  # type: ignore[arg-type, misc]

        def log_message(self, *args: object) -> None:
            """Keep the test's output clean."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                """A closed tab drops its connections."""

    with answering(ThreadingHTTPServer(("localhost", 0), Plain)) as url:
        yield f"{url}some/where/4xl/"


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Start the driver for the whole ring, and end it there: it keeps an event loop running."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start one Chromium, with WebGPU on a software adapter, for the whole ring."""
    opened = browsing.launch(playwright)
    yield opened
    opened.close()


@pytest.fixture
def visit_without_gpu(playwright: Playwright) -> Iterator[Visit]:
    """Give a fresh profile in a Chromium that finds no graphics adapter."""
    opened = browsing.launch(playwright, webgpu=False)
    yield from browsing.visiting(opened)
    opened.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Give a fresh profile that has not gone anywhere yet."""
    yield from browsing.visiting(chromium)


@pytest.fixture(scope="module")
def ready(chromium: Browser, site_url: str) -> Iterator[Visit]:
    """Give one booted, isolated page for all tests of a module: each leaves it usable for the next."""
    for opened in browsing.visiting(chromium):
        yield opened.open(site_url).wait_until_ready()
