"""Copying and sharing the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import pictures
from tests.browser import JOB_MS, Visit, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

SCENE = pictures.encoded(pictures.scene(36, 28))

SHARING = """
const shared = (window.shared = []);
navigator.canShare = ({ files }) => window.isShareable !== false && files.length === 1;
navigator.share = async ({ files: [file] }) => void shared.push([file.name, file.type, file.size]);
"""

PASTED = """async () => {
    const [item] = await navigator.clipboard.read();
    const bitmap = await createImageBitmap(await item.getType("image/png"));
    return [bitmap.width, bitmap.height];
}"""


@pytest.fixture(scope="module")
def booted(chromium: Browser, site_url: str) -> Iterator[Visit]:
    """Give one booted page that may use the clipboard, and a system to share with."""
    for opened in visiting(chromium, permissions=["clipboard-read", "clipboard-write"]):
        opened.page.add_init_script(SHARING)
        yield opened.open(site_url).wait_until_ready()


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp"])
def test_copying(format_: str, booted: Visit) -> None:
    """Whatever its format, the result can be pasted elsewhere as a PNG of its size."""
    booted.upscale("scene.png", SCENE, format=format_)
    booted.page.click("#copy")
    expect(booted.page.locator("#copied")).to_have_text("Copied.", timeout=JOB_MS)
    assert booted.page.evaluate(PASTED) == [144, 112]


def test_a_browser_that_refuses(booted: Visit) -> None:
    """It says what to do instead, and stops saying so when there is another result."""
    booted.upscale("scene.png", SCENE)
    booted.page.evaluate(
        "() => { navigator.clipboard.write = async () => { throw new DOMException('no', 'NotAllowedError') } }"
    )
    booted.page.click("#copy")
    expect(booted.page.locator("#copied")).to_contain_text("Save it instead")
    booted.page.evaluate("() => delete navigator.clipboard.write")
    booted.enhance()
    expect(booted.page.locator("#copied")).to_be_empty(timeout=JOB_MS)
    expect(booted.page.locator("#result")).to_be_visible(timeout=JOB_MS)


def test_sharing(booted: Visit) -> None:
    """The file that Download saves, under its name; no button where the system does not take it."""
    content = booted.upscale("my photo.png", SCENE, format="png")
    name = booted.page.get_attribute("#download", "download")
    booted.page.click("#share")
    sent = booted.page.evaluate(
        "async () => { while (!shared.length) await new Promise((go) => setTimeout(go, 20)); return shared }"
    )
    assert sent == [[name, "image/png", len(content)]]
    booted.page.evaluate("() => { window.isShareable = false }")
    booted.upscale("my photo.png", SCENE)
    expect(booted.page.locator("#share")).to_be_hidden()
