"""What a bad file, a bad model or a poor browser gets: words, and a page that goes on."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, pixels, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Route

    from tests.browser import Visit

SCENE = pictures.encoded(pictures.scene())


def chunk(kind: bytes, payload: bytes) -> bytes:
    """Return one chunk of a PNG file."""
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that announces a size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


BAD = {
    "text.png": (b"This is a letter, not a picture.\n" * 20, "not a picture"),
    "empty.png": (b"", "empty"),
    "truncated.png": (SCENE[: len(SCENE) // 2], "damaged or incomplete"),
    "truncated.jpg": (pictures.encoded(pictures.scene(), "JPEG")[:900], "damaged or incomplete"),
    "truncated.webp": (pictures.encoded(pictures.scene(), "WEBP")[:500], "damaged or incomplete"),
    "bomb.png": (png_header(100_000, 100_000), "far more than the limit"),
    "phone.heic": (b"\0\0\0\x18ftypheic" + bytes(64), "HEIC"),
    "page.html": (b"<!doctype html><title>404</title>", "a web page"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files(name: str, ready: Visit) -> None:
    """A bad file is refused in words, and the next picture works."""
    content, words = BAD[name]
    sentence = ready.pick(name, content).enhance().wait_for_error()
    assert words in sentence
    assert "Traceback" not in sentence
    assert pixels(ready.upscale("scene.png", SCENE)).shape == (224, 288, 3)


def test_handled_files(ready: Visit) -> None:
    """A wrong ending does not matter; of an animation the first frame is taken, and that is said."""
    assert pixels(ready.upscale("picture.txt", SCENE)).shape == (224, 288, 3)
    frames = [pictures.scene(40, 30).quantize(16), pictures.scene(40, 30).rotate(90).quantize(16)]
    animation = pictures.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    assert pixels(ready.upscale("moving.gif", animation)).shape == (120, 160, 3)
    expect(ready.page.locator("#report")).to_contain_text("first frame")
    print_colours = pictures.encoded(pictures.scene(40, 30).convert("CMYK"), "JPEG")
    assert pixels(ready.upscale("print.jpg", print_colours)).shape == (120, 160, 3)
    expect(ready.page.locator("#report")).to_contain_text("CMYK")


def test_results_a_format_cannot_hold(ready: Visit) -> None:
    """A result too long for WebP is refused before any work, with the format that can hold it."""
    sentence = (
        ready.choose(format="webp")
        .pick("long.png", pictures.encoded(pictures.scene(4200, 8)))
        .enhance()
        .wait_for_error()
    )
    ready.choose(format="png")
    assert "16383" in sentence
    assert "PNG" in sentence


def flipped(content: bytes) -> bytes:
    """Return the bytes with one bit in the middle turned over."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.fixture
def visit_alone(chromium: Browser) -> Iterator[Visit]:
    """Give a fresh profile without a service worker, which would fetch files of its own."""
    yield from visiting(chromium, service_workers="block")


@pytest.mark.parametrize("heals", [True, False])
def test_flipped_byte_in_a_model(heals: bool, visit_alone: Visit, site_url: str, built_site: Path) -> None:
    """A wrong model file is fetched once more; if that is right the job goes on, else it is refused in words."""
    visit = visit_alone
    good = (built_site / "models" / "swift.onnx").read_bytes()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        right = heals and len(asked) > 1
        route.fulfill(body=good if right else flipped(good), content_type="application/octet-stream")

    visit.page.route("**/swift.onnx", answer)
    visit.page.context.route("**/swift.onnx", answer)
    visit.open(site_url).pick("scene.png", SCENE).enhance()
    if heals:
        assert pixels(visit.wait_for_result()).shape == (224, 288, 3)
    else:
        sentence = visit.wait_for_error()
        assert "swift.onnx" in sentence
        assert "not the published one" in sentence
    assert len(asked) == 2


@pytest.mark.parametrize(("missing", "words"), [("WebAssembly", "WebAssembly"), ("Worker", "web workers")])
def test_browser_lacks(missing: str, words: str, visit: Visit, site_url: str) -> None:
    """A browser without WebAssembly or workers is told so, in the page."""
    visit.page.add_init_script(f"delete globalThis.{missing};")
    visit.open(site_url)
    expect(visit.page.get_by_role("alert")).to_contain_text(words, timeout=BOOT_MS)


@pytest.mark.parametrize(
    "refusal", ["throw new DOMException('no', 'SecurityError')", "return { open: refuse }"]
)
def test_storage_forbidden(refusal: str, visit: Visit, site_url: str) -> None:
    """Where storage is forbidden, at once or in the answer, the page says what to allow."""
    visit.page.add_init_script(
        """const refuse = () => { const request = {}; setTimeout(() => request.onerror?.({}), 0); return request };
        for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
            Object.defineProperty(window, name, { get() { REFUSAL } });""".replace("REFUSAL", refusal)
    )
    visit.open(site_url)
    expect(visit.page.get_by_role("alert")).to_contain_text("site data", timeout=BOOT_MS)


@pytest.mark.parametrize("lost", ["**/engine.tar", "**/page.tar", "**/engine_main.py", "**/manifest.json"])
def test_missing_parts(lost: str, visit: Visit, site_url: str) -> None:
    """When a part of the site cannot be fetched, the page says so instead of waiting for ever."""
    visit.page.context.route(lost, lambda route: route.abort())
    visit.open(site_url)
    complaint = visit.page.locator("#notice:not([hidden]), #status.error")
    expect(complaint.first).to_contain_text("could not", timeout=BOOT_MS)


def test_start_that_hangs(visit: Visit, site_url: str) -> None:
    """When starting takes a minute, for whatever reason, the page says what to do."""
    visit.page.context.route("**/pyodide.asm.wasm", lambda route: route.abort())
    visit.page.clock.install()
    visit.open(site_url).page.wait_for_load_state("domcontentloaded")  # the page's own scripts have run
    expect(visit.page.locator("#notice")).to_be_hidden()
    visit.page.clock.fast_forward("01:00")
    expect(visit.page.get_by_role("alert")).to_contain_text("reload the page")
