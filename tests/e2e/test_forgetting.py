"""Forget everything: nothing of ours is left on the device, and nothing of others is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS

if TYPE_CHECKING:
    from tests.browser import Visit

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
