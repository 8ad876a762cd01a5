"""Work that outlasts a reload, a closed tab and a browser that was killed, and goes when it is not wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psutil
import pytest
from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, JOB_MS, Visit, launch_with_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Playwright

NAME, SCENE = "scene.png", pictures.encoded(pictures.scene(120, 120))
OTHER = pictures.encoded(pictures.scene(16, 16))
TILES = 64
"""Of the scene, at 32 px."""

FILES = """async () => {
    const found = [];
    async function walk(folder, path) {
        for await (const [name, entry] of folder.entries()) {
            if (entry.kind === "directory") await walk(entry, `${path}${name}/`);
            else found.push(path + name);
        }
    }
    await walk(await navigator.storage.getDirectory(), "");
    return found;
}"""
"""Lists what the origin's private file system holds."""

HALF_DONE = "() => document.getElementById('progress').value > 0.5"


def begin(visit: Visit, url: str) -> Visit:
    """Open the page and enlarge the scene, up to its middle."""
    visit.open(url).wait_until_ready().choose(tile="32", format="png").pick(NAME, SCENE).enhance()
    visit.page.wait_for_function(HALF_DONE, timeout=JOB_MS)
    return visit


def left(visit: Visit) -> str:
    """Wait until the page offers what an earlier visit left, and return how it says so."""
    visit.page.locator("#left").wait_for(timeout=BOOT_MS)
    return visit.page.inner_text("#left [data-part=text]")


def go_on(visit: Visit) -> tuple[bytes, int]:
    """Press Go on; return the result and how many tiles were computed for it."""
    visit.page.click("#left-go")
    result = visit.wait_for_result()
    return result, tiles(visit)


def tiles(visit: Visit) -> int:
    """Return how many tiles the report tells."""
    found = re.search(r"(\d+) tiles", visit.page.inner_text("#report"))
    assert found, visit.page.inner_text("#report")
    return int(found[1])


def kill(profile: Path) -> None:
    """End the browser with that profile as a crash does."""
    mine = [
        process
        for process in psutil.Process().children(recursive=True)
        if process.is_running() and f"--user-data-dir={profile}" in process.cmdline()
    ]
    assert mine
    for process in mine:
        process.kill()
    psutil.wait_procs(mine)


@pytest.fixture(scope="module")
def uninterrupted(ready: Visit) -> bytes:
    """Return what comes of the scene in one go."""
    result = ready.upscale(NAME, SCENE, tile="32", format="png")
    assert tiles(ready) == TILES
    return result


@pytest.fixture
def context(playwright: Playwright, tmp_path: Path) -> Iterator[BrowserContext]:
    """Give a browser with a profile on the disk."""
    opened = launch_with_profile(playwright, tmp_path / "profile")
    yield opened
    opened.close()


def test_reloading(context: BrowserContext, site_url: str, uninterrupted: bytes) -> None:
    """After a reload in the middle of a job the page offers to go on; no tile is computed twice but one strip's."""
    visit = begin(Visit(context.new_page()), site_url)
    visit.page.reload(wait_until="commit")
    assert left(visit) == "From your last visit: 1 picture not finished."
    expect(visit.page.locator("#items li, #compare:not([hidden])")).to_have_count(0)  # never by itself
    result, computed = go_on(visit)
    assert result == uninterrupted
    assert computed <= TILES // 2 + 2 * 8
    expect(visit.page.locator("#left")).to_be_hidden()


def test_closing_the_tab(context: BrowserContext, site_url: str, uninterrupted: bytes) -> None:
    """A tab that is open keeps its work to itself; once it is closed, another one goes on with it."""
    first = begin(Visit(context.new_page()), site_url)
    second = Visit(context.new_page()).open(site_url)
    assert second.upscale("other.png", OTHER)  # by then it knows what there is to offer
    expect(second.page.locator("#left")).to_be_hidden()
    first.page.locator("#result:not([hidden])").wait_for(timeout=JOB_MS)
    first.page.close()
    second.page.reload(wait_until="commit")
    assert left(second) == "From your last visit: 1 picture done."
    second.page.click("#left-go")
    assert second.wait_for_result() == uninterrupted
    # What was saved is not offered a third time.
    second.page.reload(wait_until="commit")
    second.wait_until_ready()
    second.page.wait_for_function(f"async () => (await ({FILES})()).length === 0", timeout=BOOT_MS)


def test_killing_the_browser(
    playwright: Playwright, tmp_path: Path, site_url: str, uninterrupted: bytes
) -> None:
    """A browser that was killed in the middle of a job has kept what was done."""
    profile = tmp_path / "profile"
    begin(Visit(launch_with_profile(playwright, profile).new_page()), site_url)
    kill(profile)
    context = launch_with_profile(playwright, profile)
    visit = Visit(context.new_page()).open(site_url)
    left(visit)
    result, computed = go_on(visit)
    context.close()
    assert result == uninterrupted
    assert computed <= TILES // 2 + 2 * 8


def test_discarding(context: BrowserContext, site_url: str) -> None:
    """Discard deletes all that was left, and the next visit finds nothing."""
    visit = begin(Visit(context.new_page()), site_url)
    visit.page.reload(wait_until="commit")
    left(visit)
    assert visit.page.evaluate(FILES)
    visit.page.click("#left-drop")
    visit.page.wait_for_function(f"async () => (await ({FILES})()).length === 0", timeout=BOOT_MS)
    expect(visit.page.locator("#left")).to_be_hidden()


def test_keeping_nothing(chromium: Browser, site_url: str) -> None:
    """With the option off nothing is written, and the browser asks before it leaves a job that would be lost."""
    context = chromium.new_context(accept_downloads=True)
    visit = Visit(context.new_page()).open(site_url).wait_until_ready()
    visit.choose(tile="32", keep_work="off").pick(NAME, SCENE).enhance()
    visit.page.wait_for_function(HALF_DONE, timeout=JOB_MS)
    asked: list[str] = []
    visit.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with visit.page.expect_event("dialog"):
        visit.page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    visit.wait_for_result()
    assert visit.page.evaluate(FILES) == []
    context.close()


def test_cancelling_keeps_nothing(ready: Visit) -> None:
    """A job that was cancelled is deleted, also from the disk."""
    ready.choose(tile="32").pick(NAME, SCENE).enhance()
    ready.page.wait_for_function(HALF_DONE, timeout=JOB_MS)
    ready.page.click("#cancel")
    expect(ready.page.locator("#status")).to_have_text(re.compile("Cancelled"), timeout=JOB_MS)
    ready.page.wait_for_function(f"async () => (await ({FILES})()).length === 0", timeout=BOOT_MS)
