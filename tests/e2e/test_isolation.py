"""Several threads on any host: one reload at most, never at somebody's cost, and words where it is one thread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from scripts.building.policy import security_headers
from tests import pictures
from tests.browser import BOOT_MS, pixels
from tests.e2e.hosts import Host, altered

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene(36, 28))

REGISTRATIONS = "async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope)"
OWN_CACHES = "async () => (await caches.keys()).filter((name) => name.startsWith('4xl-site'))"
TELL_STATUS = """new MutationObserver(() => console.log(document.getElementById("status")?.textContent))
    .observe(document, { subtree: true, childList: true, characterData: true })"""

PICK_DURING_RELOAD = """(bytes) => {
    const timer = setInterval(() => {
        if (!sessionStorage.getItem("4xl-reloaded")) return;
        clearInterval(timer);
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "mine.png", { type: "image/png" }));
        const input = document.getElementById("file");
        input.files = data.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
    });
}"""
"""As a person does it; the driver itself would wait until the page has been reloaded."""


def loads_of(page: Page) -> list[str]:
    """Return a list that grows with every document the page loads."""
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url) if frame is page.main_frame else None)
    return loads


def word_of(page: Any) -> str:
    """Wait until this visit is known to go on, and return why it has one thread."""
    page.locator("html[data-one-thread]").wait_for(state="attached", timeout=BOOT_MS)
    word: str = page.evaluate("document.documentElement.dataset.oneThread")
    return word


def computed_in(visit: Visit) -> str:
    """Enlarge a picture on the processor, and return what the badge says of its threads."""
    assert pixels(visit.upscale("scene.png", SCENE, device="cpu")).shape == (112, 144, 3)
    found = re.search(r"\((\d+ thread[^)]*)\)", visit.badge[1])
    assert found, visit.badge
    return found[1]


def several(visit: Visit) -> str:
    """Return what the badge says when all cores are used, on this machine."""
    return f"{min(8, visit.page.evaluate('navigator.hardwareConcurrency'))} threads"


def test_a_host_without_headers(visit: Visit, plain_url: str) -> None:
    """Also under a prefix: one reload that is announced, then several threads, and no reload ever after."""
    loads, told = loads_of(visit.page), list[str]()
    visit.page.add_init_script(TELL_STATUS)
    visit.page.on("console", lambda line: told.append(line.text))
    visit.open(plain_url).wait_until_ready()
    assert loads == [plain_url, plain_url]
    assert "Reloading once to switch on several threads…" in told
    assert visit.page.evaluate("crossOriginIsolated")
    assert visit.page.evaluate(REGISTRATIONS) == [plain_url]
    assert computed_in(visit) == several(visit)
    visit.page.reload(wait_until="commit")
    visit.wait_until_ready()
    assert loads == [plain_url] * 3
    assert not visit.faults


def test_a_host_with_headers(visit: Visit, site_url: str) -> None:
    """What the host isolates is not reloaded; the service worker comes once the engine is ready."""
    loads = loads_of(visit.page)
    visit.open(site_url)
    assert word_of(visit.page) == ""
    assert visit.page.evaluate(REGISTRATIONS) == []
    visit.wait_until_ready()
    expect(visit.page.locator("#kept")).to_be_visible(timeout=BOOT_MS)
    assert loads == [site_url]
    assert computed_in(visit) == several(visit)


@pytest.mark.parametrize(
    ("worker", "reloads"),
    [
        pytest.param(None, 0, id="missing"),
        pytest.param("<!doctype html><title>404</title>", 0, id="a web page"),
        pytest.param("addEventListener('install', (e) => e.waitUntil(Promise.reject()))", 0, id="fails"),
        pytest.param("addEventListener('message', () => {})", 1, id="does nothing"),
        pytest.param(
            "addEventListener('fetch', (e) => e.respondWith(fetch(e.request)))", 1, id="loses headers"
        ),
    ],
)
def test_no_loop(worker: str | None, reloads: int, visit: Visit, built_site: Path, tmp_path: Path) -> None:
    """Whatever is wrong with the service worker, the page reloads once at most and computes in one thread."""
    loads = loads_of(visit.page)
    with Host(altered(built_site, tmp_path / "site", {"sw.js": worker})) as host:
        visit.open(host.url).wait_until_ready()
        assert len(loads) == 1 + reloads
        assert computed_in(visit).startswith("1 thread; several need an isolated page")
        visit.page.reload(wait_until="commit")
        assert word_of(visit.page) == "failed"
        assert len(loads) == 2 + reloads


@pytest.mark.parametrize("how", ["pick", "click"])
def test_a_picked_picture_is_kept(how: str, visit: Visit, built_site: Path) -> None:
    """Whoever has picked a picture, or may be about to, is not interrupted; the next visit is isolated."""
    loads = loads_of(visit.page)
    with Host(built_site) as host:
        release = host.hold("/sw.js")
        visit.open(host.url)
        expect(visit.page.locator("#status")).to_contain_text("Reloading once")
        if how == "pick":
            visit.pick("mine.png", SCENE)
        else:
            visit.page.locator("h1").click()
        release()
        assert word_of(visit.page) == "later"
        visit.wait_until_ready()
        assert len(loads) == 1
        if how == "pick":
            expect(visit.page.locator("#picked")).to_contain_text("mine.png")
            assert pixels(visit.choose(device="cpu").enhance().wait_for_result()).shape == (112, 144, 3)
            assert "1 thread; several from the next visit on" in visit.badge[1]
        visit.page.reload(wait_until="commit")
        assert word_of(visit.page) == ""
        assert len(loads) == 2
        assert visit.page.evaluate("crossOriginIsolated")


def test_a_picture_picked_during_the_reload(visit: Visit, built_site: Path) -> None:
    """The reload is called off as long as the page is still there."""
    loads = loads_of(visit.page)
    with Host(built_site) as host:
        release_worker = host.hold("/sw.js")
        visit.open(host.url)
        expect(visit.page.locator("#status")).to_contain_text("Reloading once")
        release_page = host.hold("/")
        visit.page.evaluate(PICK_DURING_RELOAD, list(SCENE))
        release_worker()
        assert word_of(visit.page) == "later"
        assert host.asked.count("/") == 2
        release_page()
        visit.wait_until_ready()
        expect(visit.page.locator("#picked")).to_contain_text("mine.png")
        assert len(loads) == 1


def test_a_slow_host(visit: Visit, built_site: Path) -> None:
    """Nobody waits long for the service worker: the page starts without it, and does not reload later."""
    loads = loads_of(visit.page)
    with Host(built_site) as host:
        release = host.hold("/sw.js")
        visit.open(host.url)
        assert word_of(visit.page) == "later"
        release()
        visit.wait_until_ready()
        expect(visit.page.locator("#kept")).to_be_visible(timeout=BOOT_MS)
        assert len(loads) == 1


def test_opting_out(visit: Visit, plain_url: str) -> None:
    """?isolation=off is remembered, and the checkbox that shows it takes it back."""
    loads = loads_of(visit.page)
    visit.open(f"{plain_url}?isolation=off").wait_until_ready()
    assert computed_in(visit) == "1 thread; several are switched off in this browser"
    visit.open(plain_url)
    assert word_of(visit.page) == "off"
    assert visit.page.evaluate(REGISTRATIONS) == []
    assert len(loads) == 2
    checkbox = visit.page.locator("#service-worker")
    expect(checkbox).not_to_be_checked()
    visit.choose(service_worker="on").open(plain_url)
    expect(checkbox).to_be_checked()
    visit.wait_until_ready()
    assert visit.page.evaluate("crossOriginIsolated")


def test_opting_out_later(visit: Visit, site_url: str) -> None:
    """The service worker and what it kept are gone at once, and one thread computes though the host isolates."""
    visit.open(site_url).wait_until_ready()
    expect(visit.page.locator("#kept")).to_be_visible(timeout=BOOT_MS)
    assert visit.page.evaluate(REGISTRATIONS) == [site_url]
    visit.choose(service_worker="off")
    expect(visit.page.locator("#kept")).to_be_hidden()
    visit.open(site_url).wait_until_ready()
    assert visit.page.evaluate(REGISTRATIONS) == []
    assert visit.page.evaluate(OWN_CACHES) == []
    assert computed_in(visit) == "1 thread; several are switched off in this browser"


def test_forbidden_memory(visit: Visit, built_site: Path) -> None:
    """Without storage to note a reload in, there is none; the next visit is isolated."""
    visit.page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
            Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError") } })"""
    )
    loads = loads_of(visit.page)
    with Host(built_site) as host:
        visit.open(host.url)
        assert word_of(visit.page) == "later"
        visit.open(host.url)
        assert word_of(visit.page) == ""
        assert len(loads) == 2
        visit.open(f"{host.url}?isolation=off")
        assert word_of(visit.page) == "off"


def test_in_a_frame(visit: Visit, plain_url: str, tmp_path: Path) -> None:
    """Inside another page nothing is reloaded or registered, since that could not help."""
    (tmp_path / "index.html").write_text(f'<iframe src="{plain_url}"></iframe>')
    with Host(tmp_path) as around:
        visit.open(around.url)
        frame = visit.page.frame_locator("iframe")
        expect(frame.locator("html")).to_have_attribute("data-one-thread", "framed", timeout=BOOT_MS)
        assert visit.page.frames[1].evaluate(REGISTRATIONS) == []


def test_a_browser_without_service_workers(visit: Visit, plain_url: str) -> None:
    """A private window may have none: the page starts in one thread."""
    visit.page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'serviceWorker', { get() { return undefined } })"
    )
    visit.open(plain_url)
    assert word_of(visit.page) == "unsupported"


def test_no_memory_for_several(visit: Visit, built_site: Path, tmp_path: Path) -> None:
    """When several threads cannot be started, one is, in the same job, and the badge says so."""
    (program,) = built_site.glob("vendor/onnxruntime-*/ort-wasm-simd-threaded.mjs")
    name = program.relative_to(built_site).as_posix()
    short = """import start from "./real.mjs";
        export default (options) => {
            if (options.numThreads > 1) throw new RangeError("Out of memory");
            return start(options);
        };"""
    site = altered(built_site, tmp_path / "site", {name: short})
    (site / name).with_name("real.mjs").write_text(program.read_text())
    with Host(site, security_headers()) as host:
        visit.open(host.url).wait_until_ready()
        assert computed_in(visit) == "1 thread; there was no memory for several"
