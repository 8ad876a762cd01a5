"""A network of the person's own on the page: dropped, used, kept, deleted, and refused with the reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from tests import networks, pictures
from tests.browser import BOOT_MS, pixels

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene())

DROP = """([name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector("footer").dispatchEvent(event);
}"""


def drop(visit: Visit, name: str, content: bytes) -> None:
    """Drop a network on the page."""
    visit.page.evaluate(DROP, [name, list(content)])


def bring(visit: Visit, name: str, content: bytes) -> None:
    """Drop a network on the page and wait until it is chosen."""
    drop(visit, name, content)
    expect(visit.chosen_model).to_have_text(f"Own: {name}", timeout=BOOT_MS)


def difference(result: bytes, scale: int) -> float:
    """Return the mean difference, in levels, between the scene and its enlargement, reduced again."""
    reduced = pixels(result).reshape(56, scale, 72, scale, 3).mean(axis=(1, 3))
    return float(np.abs(reduced - np.asarray(pictures.scene())).mean())


GOOD: dict[str, tuple[Callable[[], bytes], int]] = {
    "double": (networks.nearest, 2),
    "quadruple": (networks.shuffled, 4),
    "to 255, channels last, fixed": (lambda: networks.nearest(4, (1, 40, 32, 3), (1, 2)), 4),
    "grey": (lambda: networks.shuffled(2, (1, 1, None, None), white=255), 2),
    "steps of 8": (lambda: networks.in_steps(8), 2),
}


@pytest.mark.parametrize("name", GOOD)
def test_dropped_network_enlarges(name: str, ready: Visit) -> None:
    """A dropped network is chosen, says what it is, and enlarges by its own scale."""
    make, scale = GOOD[name]
    bring(ready, f"{name}.onnx", make())
    expect(ready.page.locator("#purpose")).to_contain_text(f"Your own model: it enlarges {scale} times")
    expect(ready.page.locator("#purpose")).to_contain_text("stays on this device")
    result = ready.upscale("scene.png", SCENE, tile="32")
    ready.choose(tile="")
    assert pixels(result).shape == (56 * scale, 72 * scale, 3)
    assert difference(result, scale) < 8
    assert ready.page.get_attribute("#download", "download") == f"scene_{scale}x.png"


def test_network_on_webgpu(ready: Visit) -> None:
    """An own network runs on WebGPU too."""
    bring(ready, "gpu.onnx", networks.nearest())
    result = ready.upscale("scene.png", SCENE, device="gpu")
    ready.choose(device="auto")
    assert "webgpu" in ready.page.inner_text("#report")
    assert difference(result, 2) == 0


@pytest.mark.parametrize("name", networks.BAD)
def test_unsuitable_network_tells_why(name: str, ready: Visit) -> None:
    """A file that is no network for enlarging is refused with the reason, and the page goes on."""
    before = ready.page.locator("#models label").count()
    make, words = networks.BAD[name]
    drop(ready, f"{name}.onnx", make())
    expect(ready.page.locator("#status.error")).to_contain_text(re.compile(words), timeout=BOOT_MS)
    assert ready.page.locator("#models label").count() == before
    assert ready.page.locator("#file").is_enabled()


@pytest.mark.parametrize("name", networks.HOSTILE)
def test_hostile_network_harms_nothing(name: str, ready: Visit) -> None:
    """A network that takes all memory, or never finishes, is stopped, and said to be."""
    make, words = networks.HOSTILE[name]
    drop(ready, f"{name}.onnx", make())
    expect(ready.page.locator("#status")).to_have_text(f"Trying out the network {name}.onnx…")
    expect(ready.page.locator("#status.error")).to_contain_text(words, timeout=BOOT_MS)


def test_page_works_after_bad_networks(ready: Visit) -> None:
    """After all refusals the bundled model enlarges as ever."""
    ready.choose(model="swift")
    assert pixels(ready.upscale("scene.png", SCENE)).shape == (56 * 4, 72 * 4, 3)


def test_large_file_is_not_read(ready: Visit) -> None:
    """A file beyond the limit is told by its size alone."""
    ready.page.evaluate(
        """() => {
            const data = new DataTransfer();
            const million = new Blob([new Uint8Array(1 << 20)]);
            data.items.add(new File(Array(300).fill(million), "large.onnx"));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(ready.page.locator("#status.error")).to_have_text(
        "The file has 300.0 MB; 256.0 MB is the most for a network.", timeout=BOOT_MS
    )


def test_kept_and_deleted(site_url: str, visit: Visit) -> None:
    """A network that came by the file input is there after a reload, is never sent, and Delete removes it."""
    methods: list[str] = []
    visit.page.on("request", lambda request: methods.append(request.method))
    visit.open(site_url).wait_until_ready()
    page = visit.page
    page.locator("#shelf summary").click()
    content = networks.shuffled(3)
    page.set_input_files("#own-model", {"name": "kept.onnx", "mimeType": "", "buffer": content})
    expect(visit.chosen_model).to_have_text("Own: kept.onnx", timeout=BOOT_MS)
    page.reload()
    visit.wait_until_ready()
    page.locator("#models label", has_text="Own: kept.onnx").click()
    assert pixels(visit.upscale("scene.png", SCENE)).shape == (56 * 3, 72 * 3, 3)
    hosts = {urlsplit(url).netloc for url in visit.requests if not url.startswith(("blob:", "data:"))}
    assert hosts == {urlsplit(site_url).netloc}
    assert set(methods) == {"GET"}
    assert not [url for url in visit.requests if "own" in urlsplit(url).path.rpartition("/models/")[2]]
    page.locator("#shelf").evaluate("shelf => { shelf.open = true }")
    page.get_by_role("button", name="Delete Own: kept.onnx").click()
    expect(page.locator("#models label", has_text="kept.onnx")).to_have_count(0)
    expect(page.locator("#shelf h3", has_text="kept.onnx")).to_have_count(0)
    expect(visit.chosen_model).to_have_text("Swift")
    page.reload()
    visit.wait_until_ready()
    expect(page.locator("#models label", has_text="kept.onnx")).to_have_count(0)


def test_chosen_before_python(site_url: str, visit: Visit) -> None:
    """A network that is chosen in place of a picture, before Python has started, is taken later."""
    visit.open(site_url).pick("early.onnx", networks.nearest())
    expect(visit.page.locator("#picked")).to_have_text("PNG, JPEG, WebP, GIF or BMP")
    expect(visit.chosen_model).to_have_text("Own: early.onnx", timeout=BOOT_MS)
