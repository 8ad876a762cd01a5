"""The page as an app of the device: installed, shared with, opened with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, pixels
from tests.e2e.hosts import Host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene(36, 28))

HANDED_OVER = "async () => (await caches.keys()).filter((name) => name.startsWith('4xl-shared'))"

ACTIVE = "async () => void (await navigator.serviceWorker.ready)"

OPENED = """(bytes) => {
    const file = new File([new Uint8Array(bytes)], "opened.png", { type: "image/png" });
    const launched = { files: [{ getFile: async () => file }] };
    const launchQueue = { setConsumer: (consumer) => consumer(launched) };
    Object.defineProperty(window, "launchQueue", { get: () => launchQueue });
}"""

FORM = """<!doctype html><meta charset="utf-8">
<form method="post" enctype="multipart/form-data" action="{url}share"><input type="file" name="pictures" multiple></form>"""


@pytest.fixture
def other_app(tmp_path: Path) -> Iterator[Host]:
    """Give the page of another app, which can send files as a system does that shares them."""
    folder = tmp_path / "other"
    folder.mkdir()
    with Host(folder) as host:
        yield host


def share(visit: Visit, url: str, other_app: Host, *names: str) -> None:
    """Share pictures with these names from the other app with the one at ``url``."""
    (other_app.root / "index.html").write_text(FORM.format(url=url))
    visit.page.goto(other_app.url)
    files: list[Any] = [{"name": name, "mimeType": "image/png", "buffer": SCENE} for name in names]
    visit.page.set_input_files("input", files)
    visit.page.evaluate("() => setTimeout(() => document.forms[0].submit())")


def test_it_can_be_installed(visit: Visit, site_url: str) -> None:
    """Chromium reads the manifest without a complaint and misses nothing of what an app needs."""
    visit.open(site_url).wait_until_ready()
    session = visit.page.context.new_cdp_session(visit.page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    assert {"share_target", "file_handlers", "launch_handler", "icons"} <= manifest.keys()
    missing = [
        error["errorId"] for error in session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    ]
    assert [error for error in missing if error != "in-incognito"] == []  # a test's profile is a private one


def test_its_icons_are_what_the_manifest_says(visit: Visit, site_url: str) -> None:
    """Each is there, a picture of the size and type it is said to have, one of them for round masks."""
    visit.open(site_url)
    manifest = visit.page.evaluate("async () => (await fetch('manifest.webmanifest')).json()")
    for icon in manifest["icons"]:
        kind, sides = visit.page.evaluate(
            """async (address) => {
                const image = new Image();
                image.src = address;
                await image.decode();
                const kind = (await fetch(address)).headers.get("content-type");
                return [kind, `${image.naturalWidth}x${image.naturalHeight}`];
            }""",
            icon["src"],
        )
        assert kind == icon["type"]
        assert icon["sizes"] in ("any", sides)
    assert "maskable" in {icon.get("purpose") for icon in manifest["icons"]}


def test_a_shared_picture(visit: Visit, built_site: Path, other_app: Host) -> None:
    """It comes in as if chosen, is never sent to the host, and no copy of it is left."""
    with Host(built_site) as host:
        visit.open(host.url).wait_until_ready()
        visit.page.evaluate(ACTIVE)
        share(visit, host.url, other_app, "Bäume & Meer.png")
        expect(visit.page.locator("#picked")).to_contain_text("Bäume & Meer.png", timeout=BOOT_MS)
        assert visit.page.url == host.url
        assert visit.page.evaluate(HANDED_OVER) == []
        assert pixels(visit.enhance().wait_for_result()).shape == (112, 144, 3)
        assert not [path for path in host.asked if path.startswith(("POST", "/share"))]


def test_several_shared_pictures(visit: Visit, built_site: Path, other_app: Host) -> None:
    """They make a list; a reload is a plain visit again."""
    with Host(built_site) as host:
        visit.open(host.url).wait_until_ready()
        visit.page.evaluate(ACTIVE)
        share(visit, host.url, other_app, "a.png", "b.png", "c.png")
        expect(visit.page.locator("#stage")).to_have_attribute("data-items", "3", timeout=BOOT_MS)
        visit.page.reload(wait_until="commit")
        visit.wait_until_ready()
        expect(visit.page.locator("#stage")).to_have_attribute("data-items", "0")
        expect(visit.page.locator("#notice")).to_be_hidden()


def test_a_share_that_is_gone(visit: Visit, site_url: str) -> None:
    """What the browser has cleared away is not waited for: the page says so, and works."""
    visit.open(f"{site_url}?shared").wait_until_ready()
    expect(visit.page.locator("#notice")).to_contain_text("could not be taken")
    assert visit.page.url == site_url


def test_sharing_more_than_there_is_room_for(visit: Visit, built_site: Path, other_app: Host) -> None:
    """The page says that it has none of it, and no part of it is left; nor is what nobody ever came for."""
    with Host(built_site) as host:
        visit.open(host.url).wait_until_ready()
        visit.page.evaluate(ACTIVE)
        visit.page.locator("#kept").wait_for(timeout=BOOT_MS)
        visit.page.evaluate("async () => void (await caches.open(`4xl-shared ${location.href} 1`))")
        session = visit.page.context.new_cdp_session(visit.page)
        session.send("Storage.overrideQuotaForOrigin", {"origin": host.url, "quotaSize": 1})
        share(visit, host.url, other_app, "a.png", "b.png")
        expect(visit.page.locator("#notice")).to_contain_text("could not be taken", timeout=BOOT_MS)
        assert visit.page.evaluate(HANDED_OVER) == []


def test_sharing_without_the_service_worker(visit: Visit, built_site: Path, other_app: Host) -> None:
    """The host refuses what it is sent, and the page opens as ever."""
    with Host(built_site) as host:
        visit.open(f"{host.url}?isolation=off")
        share(visit, host.url, other_app, "a.png")
        expect(visit.page.locator("body")).to_contain_text("405")
        assert "POST /share" in host.asked
        visit.open(host.url).wait_until_ready()
        expect(visit.page.locator("#stage")).to_have_attribute("data-items", "0")


def test_opened_with_a_picture(visit: Visit, site_url: str) -> None:
    """A file that the system opens with the app comes in as if chosen."""
    visit.page.add_init_script(f"({OPENED})({list(SCENE)})")
    visit.open(f"{site_url}?opened")
    expect(visit.page.locator("#picked")).to_contain_text("opened.png", timeout=BOOT_MS)
    assert visit.page.url == site_url
    assert pixels(visit.enhance().wait_for_result()).shape == (112, 144, 3)
