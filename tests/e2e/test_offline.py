"""Without a network: what one visit keeps, how a new build takes over, and what happens without room."""

from __future__ import annotations

import contextlib
import re
import shutil
import zipfile
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from scripts.building.policy import security_headers
from scripts.building.site import Sources, build
from tests import pictures
from tests.browser import BOOT_MS, JOB_MS, Visit, launch_with_profile, pixels
from tests.e2e.hosts import Host, altered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from playwright.sync_api import Page, Playwright

SCENE = pictures.encoded(pictures.scene(36, 28))
LARGE = pictures.encoded(pictures.scene(400, 300))

STYLE = "css/layout.css"
LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "ja", "pt", "zh")

FONTS = """async () => {
    const faces = await Promise.all(["Sora", "Manrope"].map((name) => document.fonts.load(`16px "${name} Variable"`)));
    return faces.map(([face]) => face?.status);
}"""

ICONS = """async () => {
    const links = [...document.querySelectorAll("link[rel~=icon], link[rel=apple-touch-icon]")].map(({ href }) => href);
    const { icons } = await (await fetch("manifest.webmanifest")).json();
    const answers = await Promise.all([...links, ...icons.map(({ src }) => src)].map((address) => fetch(address)));
    return answers.map(({ ok }) => ok);
}"""

LATER = """const { now } = Date;
let late_ms = 0;
Date.now = () => now() + late_ms;
window.look = (later_ms) => {
    late_ms += later_ms;
    document.dispatchEvent(new Event("visibilitychange"));
};"""

ASK_TO_KEEP = """async () => {
    const { active } = await navigator.serviceWorker.register("sw.js");
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data) });
    active.postMessage("keep", [port2]);
    return await answered;
}"""

UPDATE = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    while (worker.state === "installing") await new Promise((resolve) => worker.addEventListener("statechange", resolve));
    return worker.state;
}"""

FETCH = "async (address) => (await (await fetch(address, { cache: 'no-store' })).arrayBuffer()).byteLength"
WAIT_UNTIL_IN_CACHE = """async (address) => {
    while (!(await caches.match(address))) await new Promise((resolve) => setTimeout(resolve, 50));
}"""

KEPT = "async () => (await caches.keys()).filter((name) => name.startsWith('4xl-site'))"


WAIT_UNTIL_ONE_IS_KEPT = """async () => {
    const kept = async () => (await caches.keys()).filter((name) => name.startsWith("4xl-site"));
    while ((await kept()).length > 1) await new Promise((resolve) => setTimeout(resolve, 50));
}"""


def wait_until_kept(visit: Visit) -> None:
    """Wait until the page says that it opens without a network."""
    expect(visit.page.locator("#kept")).to_be_visible(timeout=BOOT_MS)


def shown(page: Page) -> tuple[str, str]:
    """Return the build of the document and that of its style sheet, as the test has marked them."""
    colour = "getComputedStyle(document.body).getPropertyValue('--build').trim()"
    return page.title(), page.evaluate(colour)


@pytest.fixture(scope="module")
def newer_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give another build of the site, which differs in its page and its style sheet."""
    folder = tmp_path_factory.mktemp("newer")
    sources = Sources()
    shutil.copytree(sources.site, folder / "site")
    page, style = folder / "site/index.html", folder / "site" / STYLE
    page.write_text(re.sub("<title.*</title>", "<title>newer</title>", page.read_text()))
    style.write_text(style.read_text() + ":root { --build: newer; }")
    build(folder / "dist", replace(sources, site=folder / "site"))
    return folder / "dist"


@pytest.mark.parametrize("headers", [{}, security_headers()], ids=["plain", "isolated"])
def test_after_one_visit(headers: Mapping[str, str], visit: Visit, built_site: Path) -> None:
    """The page opens again without any host, isolated, and enlarges a picture though it never did before."""
    with Host(built_site, headers) as host:
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)
    visit.page.reload(wait_until="commit")
    visit.wait_until_ready()
    assert visit.page.evaluate("crossOriginIsolated")
    assert pixels(visit.upscale("scene.png", SCENE)).shape == (112, 144, 3)
    assert not visit.faults


def test_everything_without_a_network(visit: Visit, built_site: Path) -> None:
    """Letters, languages, icons, a batch, comparing, and all results in one ZIP, after one visit and a reload."""
    page = visit.page
    with Host(built_site, security_headers()) as host:
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)
    page.reload(wait_until="commit")
    visit.wait_until_ready()
    assert page.evaluate(FONTS) == ["loaded", "loaded"]
    assert set(page.evaluate(ICONS)) == {True}
    for code in LANGUAGES:
        assert page.evaluate(FETCH, f"languages/{code}.json") > 0
    page.select_option("#language", "de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#enhance")).not_to_have_text("Enhance")
    page.set_input_files(
        "#file", [{"name": f"{name}.png", "mimeType": "image/png", "buffer": SCENE} for name in "ab"]
    )
    visit.enhance()
    expect(page.locator("#save-zip")).to_be_visible(timeout=JOB_MS)
    expect(page.locator("#compare")).to_be_visible()
    expect(page.locator("#cancel")).to_be_hidden(timeout=JOB_MS)
    page.evaluate("() => { delete window.showSaveFilePicker }")  # a dialog of the system's
    with page.expect_download() as saved:
        page.click("#save-zip")
    with zipfile.ZipFile(saved.value.path()) as archive:
        assert [pixels(archive.read(name)).shape for name in archive.namelist()] == [(112, 144, 3)] * 2
    assert not visit.faults


def test_bytes_are_fetched_once(playwright: Playwright, built_site: Path, tmp_path: Path) -> None:
    """Nothing is kept before the engine is ready, and then what is in the browser's cache is taken from there."""
    profile = launch_with_profile(playwright, tmp_path)  # a private window's cache takes no large files
    with contextlib.closing(profile), Host(built_site, security_headers()) as host:
        visit = Visit(profile.new_page())
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)
        assert host.asked.index("/sw.js") > host.asked.index("/models/manifest.json")
        vendored = Counter(path for path in host.asked if "/vendor/" in path)
        assert set(vendored.values()) == {1}, vendored


def test_what_is_used_later_is_kept_then(visit: Visit, built_site: Path) -> None:
    """WebGPU's runtime is not kept for everybody, but by whoever uses it in a later visit."""
    program, *_ = built_site.glob("vendor/onnxruntime-*/*.asyncify.wasm")
    address = program.relative_to(built_site).as_posix()
    with Host(built_site, security_headers()) as host:
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)
        visit.page.reload(wait_until="commit")
        assert f"/{address}" not in host.asked
        assert visit.page.evaluate(FETCH, address) == program.stat().st_size
        visit.page.evaluate(WAIT_UNTIL_IN_CACHE, address)
    assert visit.page.evaluate(FETCH, address) == program.stat().st_size


def test_a_new_build(visit: Visit, built_site: Path, newer_site: Path) -> None:
    """It takes over as a whole once it is all there and no other page runs the old one."""
    page = visit.page
    with Host(built_site) as host:
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)
        old_cache = page.evaluate(KEPT)
        page.evaluate("caches.open('4xl-models')")
        other = page.context.new_page()
        other.goto(f"{host.url}models/manifest.json")  # any page of the site counts
        host.root = newer_site
        old, asked = shown(page), len(host.asked)
        assert old[1] == ""
        assert page.evaluate(UPDATE) == "installed"
        assert not [path for path in host.asked[asked:] if "/vendor/" in path], "taken from the old build"
        page.reload(wait_until="commit")
        visit.wait_until_ready()
        assert shown(page) == old, "the other page still runs the old build"
        other.close()
    page.reload(wait_until="commit")
    expect(page).to_have_title("newer", timeout=BOOT_MS)
    visit.wait_until_ready()
    assert shown(page) == ("newer", "newer")
    assert page.evaluate("crossOriginIsolated")
    caches = page.evaluate("caches.keys()")
    assert "4xl-models" in caches
    assert len(page.evaluate(KEPT)) == 1
    assert page.evaluate(KEPT) != old_cache


def test_an_update_is_offered(visit: Visit, built_site: Path, newer_site: Path) -> None:
    """Not in the middle of a job, nor while another tab runs the old build; pressed, it takes over and reloads."""
    page, bar, button = visit.page, visit.page.locator("#update"), visit.page.locator("#update-now")
    with Host(built_site) as host:
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)
        expect(bar).to_be_hidden()
        visit.choose(device="cpu", tile="32").pick("large.png", LARGE).enhance()
        host.root = newer_site
        assert page.evaluate(UPDATE) == "installed"
        expect(bar).to_contain_text("when the pictures are done")
        expect(button).to_be_disabled()
        page.click("#cancel")
        expect(button).to_be_enabled(timeout=JOB_MS)
        expect(bar).to_contain_text("Using it reloads the page")
        other = page.context.new_page()
        other.goto(f"{host.url}models/manifest.json")
        button.click()
        expect(bar).to_contain_text("Close the other tabs")
        assert page.title() != "newer"
        other.close()
        button.click()
        expect(page).to_have_title("newer", timeout=BOOT_MS)
        visit.wait_until_ready()
        expect(bar).to_be_hidden()
        assert shown(page) == ("newer", "newer")


def test_news_is_asked_for_once_an_hour(visit: Visit, built_site: Path, newer_site: Path) -> None:
    """When somebody comes back to the page after that time; an offer can be put away."""
    page, bar = visit.page, visit.page.locator("#update")
    page.add_init_script(LATER)
    with Host(built_site) as host:
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)
        host.root = newer_site
        asked = host.asked.count("/sw.js")
        page.evaluate("look(3_500_000)")
        page.evaluate("look(200_000)")
        page.evaluate("look(3_500_000)")
        expect(bar).to_be_visible(timeout=BOOT_MS)
        assert host.asked.count("/sw.js") == asked + 1
        page.click("#update-later")
        expect(bar).to_be_hidden()
        assert page.title() != "newer"


def test_a_build_that_is_not_all_there(
    visit: Visit, built_site: Path, newer_site: Path, tmp_path: Path
) -> None:
    """Half a new build, as while it is being copied to the host, is not taken: the old one goes on."""
    half = altered(newer_site, tmp_path / "half", {STYLE: (built_site / STYLE).read_text()})
    with Host(built_site) as host:
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)
        old, old_cache = shown(visit.page), visit.page.evaluate(KEPT)
        host.root = half
        assert visit.page.evaluate(UPDATE) == "redundant"
        visit.page.reload(wait_until="commit")
        visit.wait_until_ready()
        assert shown(visit.page) == old
        visit.page.evaluate(WAIT_UNTIL_ONE_IS_KEPT)  # the reload has made the browser try again
        assert visit.page.evaluate(KEPT) == old_cache


def test_a_host_that_writes_into_pages(visit: Visit, built_site: Path, tmp_path: Path) -> None:
    """A page with something added is still the page of this build."""
    page = (built_site / "index.html").read_text().replace("</body>", "<!-- hosted by --></body>")
    with Host(altered(built_site, tmp_path / "site", {"index.html": page})) as host:
        visit.open(host.url).wait_until_ready()
        wait_until_kept(visit)


def test_no_room(visit: Visit, built_site: Path) -> None:
    """Without room nothing is kept, and the page works as before."""
    with Host(built_site) as host:
        visit.open(host.url)
        session = visit.page.context.new_cdp_session(visit.page)
        session.send(
            "Storage.overrideQuotaForOrigin", {"origin": host.url.rstrip("/"), "quotaSize": 8_000_000}
        )
        visit.wait_until_ready()
        assert visit.page.evaluate(ASK_TO_KEEP) is False
        assert visit.page.evaluate(KEPT) == []
        expect(visit.page.locator("#kept")).to_be_hidden()
        assert pixels(visit.upscale("scene.png", SCENE)).shape == (112, 144, 3)
