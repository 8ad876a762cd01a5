"""A page that works in the background: title, icon, notification, screen, and what is read aloud."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, JOB_MS, Visit, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

SCENE = pictures.encoded(pictures.scene(36, 28))
TILES = pictures.encoded(pictures.scene(160, 130))

STUBS = """
const seen = (window.seen = { titles: [], icons: [], spoken: [], notices: [], badges: [], locks: [] });
let isLookedAt = true;
Object.defineProperty(document, "hidden", { get: () => !isLookedAt });
Object.defineProperty(document, "visibilityState", { get: () => (isLookedAt ? "visible" : "hidden") });
document.hasFocus = () => isLookedAt;
window.look = (is) => {
    isLookedAt = is;
    document.dispatchEvent(new Event("visibilitychange"));
};
window.focus = () => seen.notices.push("focus");
window.Notification = class {
    static permission = "default";
    static answer = "granted";
    static requestPermission = async () => (Notification.permission = Notification.answer);
    constructor(title, { body }) { seen.notices.push(`${title}: ${body}`); window.shown = this; }
    close() {}
};
navigator.setAppBadge = async (number) => void seen.badges.push(number);
navigator.clearAppBadge = async () => void seen.badges.push(0);
const request = async () => {
    seen.locks.push("held");
    const lock = { released: false, release: async () => { lock.released = true; seen.locks.push("released"); } };
    return (window.lock = lock);
};
Object.defineProperty(navigator, "wakeLock", { get: () => ({ request }) });
document.addEventListener("DOMContentLoaded", () => {
    const watch = (target, options, list, value) =>
        new MutationObserver(() => list.push({ at: performance.now(), value: value() })).observe(target, options);
    const text = { childList: true, characterData: true, subtree: true };
    const spoken = document.getElementById("spoken");
    watch(spoken, text, seen.spoken, () => spoken.textContent);
    watch(document.querySelector("title"), text, seen.titles, () => document.title);
    const icon = () => document.querySelector('link[rel="icon"]')?.href ?? "";
    watch(document.head, { childList: true, subtree: true, attributeFilter: ["href"] }, seen.icons, icon);
});
"""
"""A page of which the test says whether somebody looks at it, and which notes what it tells."""


@pytest.fixture(scope="module")
def watched(chromium: Browser, site_url: str) -> Iterator[Visit]:
    """Give one booted page that notes what it tells."""
    for opened in visiting(chromium):
        opened.page.add_init_script(STUBS)
        yield opened.open(site_url).wait_until_ready()


@pytest.fixture(autouse=True)
def unseen(watched: Visit) -> None:
    """Begin each test with somebody who looks, and with nothing noted."""
    watched.page.evaluate("look(true)")
    watched.page.evaluate("() => Object.values(seen).forEach((list) => list.splice(0))")


def noted(visit: Visit, name: str) -> list[Any]:
    """Return what the page has told in one way, in order."""
    found: list[Any] = visit.page.evaluate(f"seen.{name}")
    return found


def wait_for_locks(visit: Visit, number: int) -> None:
    """Wait until the page has asked for the screen, or given it back, that often."""
    visit.page.evaluate(
        "async (n) => { while (seen.locks.length < n) await new Promise((go) => setTimeout(go, 20)) }", number
    )


def icon(visit: Visit) -> str:
    """Return the address of the icon in the tab."""
    address: str = visit.page.evaluate("document.querySelector('link[rel~=icon]').href")
    return address


def work_unseen(visit: Visit, content: bytes = SCENE) -> None:
    """Enlarge a picture while nobody looks."""
    visit.pick("scene.png", content).choose(device="cpu", tile="32")
    visit.page.evaluate("look(false)")
    visit.enhance()
    expect(visit.page.locator("#result")).to_be_visible(timeout=JOB_MS)


def test_a_job_of_many_tiles(watched: Visit) -> None:
    """The title and the icon tell how far it is, twice a second at most; what is read aloud is far less."""
    own, title = icon(watched), watched.page.title()
    watched.page.evaluate("""() => {
        const status = document.getElementById("status");
        window.lines = new Set();
        new MutationObserver(() => lines.add(status.textContent)).observe(status, { childList: true });
    }""")
    work_unseen(watched, TILES)
    shares = [
        int(found[1]) for told in noted(watched, "titles") if (found := re.match(r"(\d+) %", told["value"]))
    ]
    assert shares == sorted(shares)
    assert len(shares) > 0
    rings = [told for told in noted(watched, "icons") if "stroke-dasharray" in told["value"]]
    duration_s = (rings[-1]["at"] - rings[0]["at"]) / 1000
    assert len({told["value"] for told in rings}) <= 2 * duration_s + 2
    spoken = noted(watched, "spoken")
    took_s = (spoken[-1]["at"] - spoken[0]["at"]) / 1000
    assert len(spoken) <= 4 + took_s / 10, spoken  # ready, begun, …, done
    assert len(spoken) < watched.page.evaluate("lines.size")
    assert watched.page.title() == "✓ 1 of 1 · 4XL"
    assert icon(watched) not in (own, rings[-1]["value"])
    watched.page.evaluate("look(true)")
    assert (watched.page.title(), icon(watched)) == (title, own)


def test_who_looks_is_told_nothing_more(watched: Visit) -> None:
    """After a job on a page that is seen, the title and the icon are the page's own."""
    own, title = icon(watched), watched.page.title()
    watched.choose(notify="on").upscale("scene.png", SCENE)
    assert (watched.page.title(), icon(watched)) == (title, own)
    assert noted(watched, "notices") == []


def test_a_notification(watched: Visit) -> None:
    """Only where it is wished, and only in the background; a click on it brings the page forward."""
    watched.choose(notify="off")
    work_unseen(watched)
    assert noted(watched, "notices") == []
    watched.page.evaluate("look(true)")
    watched.choose(notify="on")
    work_unseen(watched)
    (notice,) = noted(watched, "notices")
    assert notice.startswith("4XL: ")
    watched.page.evaluate("shown.onclick(new Event('click'))")
    assert noted(watched, "notices")[1:] == ["focus"]
    assert noted(watched, "badges")[-1] > 0
    watched.page.evaluate("look(true)")
    assert noted(watched, "badges")[-1] == 0


def test_no_permission(watched: Visit) -> None:
    """Asked when it is ticked; after a no it is not ticked any more, and the page says why."""
    watched.choose(notify="off")
    watched.page.evaluate(
        "() => void Object.assign(Notification, { permission: 'default', answer: 'denied' })"
    )
    watched.page.locator("#notify").click()
    expect(watched.page.locator("#notify-hint")).to_contain_text("does not allow")
    expect(watched.page.locator("#notify")).not_to_be_checked()


def test_the_screen_stays_on(watched: Visit) -> None:
    """While a job runs and the page is seen; given back after it, and asked for again when it was lost."""
    watched.pick("large.png", pictures.encoded(pictures.scene(400, 300))).choose(
        device="cpu", tile="32"
    ).enhance()
    wait_for_locks(watched, 1)
    watched.page.evaluate("() => { look(false); lock.released = true; look(true) }")
    wait_for_locks(watched, 2)
    watched.page.click("#cancel")
    expect(watched.page.locator("#cancel")).to_be_hidden(timeout=BOOT_MS)
    wait_for_locks(watched, 3)
    assert noted(watched, "locks") == ["held", "held", "released"]
