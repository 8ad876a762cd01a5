"""Kept work that is damaged, or that other pages of the same host have put there: the page starts all the same."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURE = pictures.encoded(pictures.scene(16, 16))

PLANT = """async (folders) => {
    const jobs = await (await navigator.storage.getDirectory()).getDirectoryHandle("4xl-jobs", { create: true });
    const write = async (folder, name, text) => {
        const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
        await stream.write(text);
        await stream.close();
    };
    await write(jobs, "0-a-file", "no folder");
    for (const [id, files] of Object.entries(folders)) {
        const folder = await jobs.getDirectoryHandle(id, { create: true });
        for (const [name, text] of Object.entries(files)) await write(folder, name, text);
    }
}"""

LEFT = """async () => {
    const found = [];
    const jobs = await (await navigator.storage.getDirectory()).getDirectoryHandle("4xl-jobs");
    for await (const name of jobs.keys()) found.push(name);
    return found;
}"""


def half(body: str) -> str:
    """Return one of the two files of a text, with its checksum."""
    return f"{zlib.crc32(body.encode()):08x} {body}"


def record(**change: object) -> str:
    """Return the file of a job that waits, but for ``change``."""
    job = {
        "id": "x", "path": "a.png", "size_bytes": len(PICTURE), "wire": json.dumps({"model_id": "swift"}),
        "phase": "waiting", "share_done": 0, "saved": False, "at": 4e9,
    }  # fmt: skip
    return half("1\n" + json.dumps({"job": {**job, **change}, "made": {}}))


def test_starting(chromium: Browser, site_url: str) -> None:
    """What makes no sense is deleted at the start, and the page is as ready as ever."""
    context = chromium.new_context(accept_downloads=True)
    visit = Visit(context.new_page())
    visit.page.goto(f"{site_url}headers.json")  # the same origin, without the page's own program
    now = visit.page.evaluate("Date.now() / 1000")
    visit.page.evaluate(
        PLANT,
        {
            "a": {"job.json.0": "noise"},
            "b": {"job.json.0": half("no turn")},
            "c": {"job.json.0": record(size_bytes=float("inf"), at=now)},
            "d": {"job.json.0": record(at=now), "checkpoint.json.0": half("x")},
            "e": {"job.json.0": record(wire="{", at=now)},
            "f": {"job.json.0": record(phase="done", at=now)},
        },
    )
    visit.open(site_url).wait_until_ready()
    visit.page.locator("#left").wait_for(timeout=BOOT_MS)  # one of them is only without its picture
    assert visit.page.evaluate(LEFT) == ["d"]
    visit.page.click("#left-go")
    expect(visit.page.locator("#left")).to_be_hidden()
    visit.page.wait_for_function(f"async () => (await ({LEFT})()).length === 0", timeout=BOOT_MS)
    assert visit.upscale("a.png", PICTURE)
    context.close()
