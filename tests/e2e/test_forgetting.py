"""Forget everything: nothing of ours is left on the device, and nothing of others is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCENE = pictures.encoded(pictures.scene(36, 28))

LEFT = """async () => {
    const left = [];
    for (const storage of [localStorage, sessionStorage]) left.push(...Object.keys(storage));
    for (const name of await caches.keys()) {
        for (const { url } of await (await caches.open(name)).keys()) left.push(`${name}: ${url}`);
    }
    for (const { scope } of await navigator.serviceWorker.getRegistrations()) left.push(scope);
    const ours = (await indexedDB.databases()).map(({ name }) => name).filter((name) => name.startsWith("4xl"));
    left.push(...ours);
    const walk = async (folder, path) => {
        for await (const [name, handle] of folder.entries()) {
            if (handle.kind === "file") left.push(`${path}/${name}`);
            else await walk(handle, `${path}/${name}`);
        }
    };
    await walk(await navigator.storage.getDirectory(), "");
    return left.sort();
}"""

OF_OTHERS = """async () => {
    localStorage.setItem("theirs", "1");
    const theirs = new URL("../other/", location.href).href;
    await (await caches.open(`4xl-site ${theirs} 1`)).put(`${theirs}page`, new Response("theirs"));
    await (await caches.open("4xl-models")).put(`${theirs}models/one`, new Response("theirs"));
    const root = await navigator.storage.getDirectory();
    const file = await (await root.getDirectoryHandle("theirs", { create: true })).getFileHandle("a", { create: true });
    const stream = await file.createWritable();
    await stream.write("theirs");
    await stream.close();
}"""


def test_nothing_is_left(visit: Visit, plain_url: str) -> None:
    """Options, consent, models, work, the page and its service worker are gone; others' things are not."""
    page = visit.page
    visit.open(plain_url).wait_until_ready()
    page.evaluate(OF_OTHERS)
    of_others = [entry for entry in page.evaluate(LEFT) if "theirs" in entry or "/other/" in entry]
    assert len(of_others) == 4
    expect(page.locator("#kept")).to_be_visible(timeout=BOOT_MS)
    page.evaluate("() => localStorage.setItem('4xl-place', 'server')")
    visit.choose(format="webp", quality="80").upscale("scene.png", SCENE)
    assert len(page.evaluate(LEFT)) > len(of_others) + 20
    page.click("#forget")
    dialog = page.locator("#forgetting")
    for word in ("options", "consent", "models", "unfinished work", "the page itself"):
        expect(dialog).to_contain_text(word)
    dialog.locator("[data-part=forget]").click()
    expect(page.locator("#notice")).to_contain_text("Everything is forgotten", timeout=BOOT_MS)
    visit.wait_until_ready()
    assert page.url == plain_url
    assert page.evaluate(LEFT) == of_others
    expect(page.locator("#kept")).to_be_hidden()


def test_changing_ones_mind(ready: Visit) -> None:
    """Nothing is deleted before a yes."""
    expect(ready.page.locator("#kept")).to_be_visible(timeout=BOOT_MS)
    before = set(ready.page.evaluate(LEFT))
    ready.choose().page.click("#forget")
    ready.page.locator("#forgetting [data-part=keep]").click()
    expect(ready.page.locator("#forgetting")).to_be_hidden()
    assert before <= set(ready.page.evaluate(LEFT))  # the page may have remembered more meanwhile


HOLD = """async () => {
    const jobs = await (await navigator.storage.getDirectory()).getDirectoryHandle("4xl-jobs", { create: true });
    const job = await jobs.getDirectoryHandle("theirs", { create: true });
    globalThis.held = await (await job.getFileHandle("source", { create: true })).createWritable();
}"""

BARE = "delete window.caches; delete Navigator.prototype.storage; delete Navigator.prototype.serviceWorker;"
"""As the page of a host without encryption finds its browser."""


def test_work_of_another_tab(chromium: Browser, site_url: str) -> None:
    """While another tab writes, the page does not say that all is gone; once that is closed, it is."""
    context = chromium.new_context()
    visit, other = Visit(context.new_page()).open(site_url).wait_until_ready(), context.new_page()
    other.goto(f"{site_url}headers.json")
    other.evaluate(HOLD)
    visit.choose().page.click("#forget")
    visit.page.click("#forgetting [data-part=forget]")
    expect(visit.page.locator("#notice")).to_contain_text("Close the other tabs", timeout=BOOT_MS)
    expect(visit.page.locator("#forgetting")).to_be_hidden()
    other.close()
    visit.choose().page.click("#forget")
    visit.page.click("#forgetting [data-part=forget]")
    expect(visit.page.locator("#notice")).to_contain_text("Everything is forgotten", timeout=BOOT_MS)
    context.close()


def test_where_little_can_be_stored(chromium: Browser, site_url: str) -> None:
    """Options are forgotten also where the browser offers no stores for more."""
    context = chromium.new_context()
    context.add_init_script(BARE)
    visit = Visit(context.new_page()).open(site_url).wait_until_ready()
    visit.page.evaluate("() => localStorage.setItem('4xl-place', 'server')")
    visit.choose().page.click("#forget")
    visit.page.click("#forgetting [data-part=forget]")
    expect(visit.page.locator("#notice")).to_contain_text("Everything is forgotten", timeout=BOOT_MS)
    assert visit.page.evaluate("() => localStorage.getItem('4xl-place')") is None
    context.close()
