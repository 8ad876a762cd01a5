"""A result of 16384 x 16384 pixels, which as raw samples would have 805 MB, in a page with bounded memory."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Self

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import expect

from tests import networks, pictures
from tests.browser import BOOT_MS, Visit

if TYPE_CHECKING:
    import pytest
    from playwright.sync_api import Browser

SIDE_PX, SCALE = 4096, 4
MOST_GROWTH_BYTES = 600_000_000
PATIENCE_MS = 900_000

DROP = """([name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name));
    document.querySelector("footer").dispatchEvent(
        new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


class Memory:
    """Watches the private memory of all of Chromium's renderers; a context manager."""

    def __enter__(self) -> Self:
        """Begin to watch."""
        self.before_bytes = self.most_bytes = self._now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._ended.set()
        self._thread.join()

    @property
    def growth_bytes(self) -> int:
        """How much more there was at the worst moment than at first."""
        return self.most_bytes - self.before_bytes

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            self.most_bytes = max(self.most_bytes, self._now())

    @staticmethod
    def _now() -> int:
        total = 0
        for process in psutil.Process().children(recursive=True):
            try:
                if "--type=renderer" in process.cmdline():
                    used = process.memory_info()
                    total += used.rss - used.shared
            except psutil.Error:
                continue
        return total


def ramp() -> Image.Image:
    """Return a picture that packs quickly, of which every part is known."""
    column = (np.arange(SIDE_PX) // 16).astype(np.uint8)
    return Image.fromarray(np.broadcast_to(column[:, None, None], (SIDE_PX, SIDE_PX, 3)).copy())


def test_large_png(chromium: Browser, site_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is made, saved and shown, and memory never grows by what the whole would take."""
    context = chromium.new_context(accept_downloads=True)
    visit = Visit(context.new_page()).open(site_url).wait_until_ready()
    visit.page.evaluate(DROP, ["nearest.onnx", list(networks.nearest(SCALE))])
    expect(visit.page.locator("#models input:checked")).to_have_value(re.compile("^own-"), timeout=BOOT_MS)
    visit.choose(tile="", format="png").pick("ramp.png", pictures.encoded(ramp()))
    with Memory() as memory:
        visit.enhance()
        visit.page.locator("#result:not([hidden]), #status.error").first.wait_for(timeout=PATIENCE_MS)
    assert visit.page.locator("#result").is_visible(), visit.status
    with capsys.disabled():
        print(  # noqa: T201 - what was measured
            f"\n{visit.status} {memory.growth_bytes / 1e6:.0f} MB"
        )
    assert memory.growth_bytes < MOST_GROWTH_BYTES
    with visit.page.expect_download() as info:
        visit.page.click("#download")
    Image.MAX_IMAGE_PIXELS, limit = None, Image.MAX_IMAGE_PIXELS
    try:
        with Image.open(info.value.path()) as opened:
            assert opened.size == (SIDE_PX * SCALE, SIDE_PX * SCALE)
            opened.load()
            assert [opened.getpixel((9000, row))[0] for row in (0, 5000, 16383)] == [0, 78, 255]
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    expect(visit.page.locator("#compare")).to_be_visible()
    assert not visit.faults
    context.close()
