"""The viewer as hands, keys and eyes meet it: with a whole job, and alone with results no canvas could hold."""

from __future__ import annotations

import io
import json
import re
import time
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from fourxl.bands import Layer
from fourxl.geometry import Size
from fourxl.png import PngEncoder
from tests import pictures
from tests.browser import BOOT_MS, Visit, pixels, visiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from playwright.sync_api import Browser

WIDTH, HEIGHT = 5200, 4100
"""More than a canvas of a phone holds, and than is opened as one."""

PATIENCE_S = 15

READ = """([left, top, width, height]) => new Promise(done => requestAnimationFrame(() => {
    const canvas = document.getElementById("canvas");
    const data = canvas.getContext("2d").getImageData(left, top, width, height).data;
    let text = "";
    for (let start = 0; start < data.length; start += 32768)
        text += String.fromCharCode(...data.subarray(start, start + 32768));
    done(btoa(text));
}))"""

ALONE = """
import asyncio, json
import js
from pyodide.ffi import create_proxy
from fourxl import bands
from fourxl.events import Done
from fourxl_web.language import Language, use
from fourxl_web.page.files import Files, Finished
from fourxl_web.page.state import Item, Job, Picked, Result, State
from fourxl_web.page.viewer.viewer import Viewer

class Strip:
    def __init__(self, top_share, bottom_share, png):
        self.top_share, self.bottom_share, self.png = top_share, bottom_share, png

async def blob(name):
    return await (await js.fetch(f"test/{name}")).blob()

async def main():
    use(Language(sentences=json.loads(await (await js.fetch("languages/en.json")).text())))
    files, get = Files(), js.document.getElementById
    viewer = Viewer(get("compare"), get("compare-note"), files)
    files.source["large"] = files.source["small"] = await blob("source.png")
    table = json.loads(await (await blob("layers.json")).text())
    layers = [(bands.from_wire(wire), await blob(wire["file"])) for wire in table]
    files.result["large"] = Finished(layers[0][1], layers)

    def show(what):
        running = Item("small", Picked("small.png", 1), "running", Job())
        done = Done(WIDTH, HEIGHT, 1, 1.0, 1.0, 1, (), "4x")
        large = Item("large", Picked("large.png", 1), "done", result=Result(done, None, "large.png", "png"))
        viewer.show(State(items=(running, large), selected=what))

    async def preview(top_share, bottom_share):
        png = js.Uint8Array.new(await (await blob("strip.png")).arrayBuffer())
        viewer.preview("small", Strip(top_share, bottom_share, png))

    js.window.show = create_proxy(show)
    js.window.preview = create_proxy(preview)
    js.document.documentElement.dataset.alone = "yes"

asyncio.ensure_future(main())
"""
"""In place of the page's program: the viewer, with files of the test's own."""


def scenery() -> NDArray[np.uint8]:
    """Return a picture in which every pixel tells where it is."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([columns % 251, rows % 241, (columns // 8 + rows // 8) % 256], axis=-1).astype(np.uint8)


def layer(samples: NDArray[np.uint8], reduction: int) -> tuple[Layer, bytes]:
    """Return the picture, reduced, as a banded PNG."""
    reduced = np.ascontiguousarray(samples[::reduction, ::reduction])
    file = io.BytesIO()
    size = Size(reduced.shape[1], reduced.shape[0])
    encoder = PngEncoder(file.write, size, 3, 8)
    encoder.write(reduced)
    encoder.finish()
    made = Layer(f"layer-{reduction}.png", size, reduction, encoder.head, tuple(encoder.bands))
    return made, file.getvalue()


@pytest.fixture(scope="module")
def samples() -> NDArray[np.uint8]:
    """Return the large result's samples."""
    return scenery()


@pytest.fixture(scope="module")
def files(samples: NDArray[np.uint8]) -> dict[str, bytes]:
    """Return what the viewer alone is given, by name."""
    layers = [layer(samples, reduction) for reduction in (1, 4)]
    source = Image.fromarray(samples[::4, ::4])
    return {
        "source.png": pictures.encoded(source),
        "strip.png": pictures.encoded(Image.new("RGB", (100, 10), (255, 0, 255))),
        "layers.json": json.dumps([made.to_wire() for made, _ in layers]).encode(),
        **{made.file: content for made, content in layers},
    }


def open_alone(visit: Visit, url: str, files: dict[str, bytes]) -> Visit:
    """Open the page with the viewer as all of its program."""
    program = f"WIDTH, HEIGHT = {WIDTH}, {HEIGHT}\n{ALONE}"
    visit.page.route("**/app/page_main.py", lambda route: route.fulfill(body=program))
    visit.page.route(
        re.compile("/test/"), lambda route: route.fulfill(body=files[route.request.url.rsplit("/", 1)[1]])
    )
    visit.open(url)
    visit.page.locator("html[data-alone=yes]").wait_for(timeout=BOOT_MS, state="attached")
    return visit


@pytest.fixture(scope="module")
def alone(chromium: Browser, site_url: str, files: dict[str, bytes]) -> Iterator[Visit]:
    """Give a page with the viewer alone, as wide as a desk's."""
    for opened in visiting(chromium, viewport={"width": 1280, "height": 900}):
        yield open_alone(opened, site_url, files)


@pytest.fixture(scope="module")
def phone(chromium: Browser, site_url: str, files: dict[str, bytes]) -> Iterator[Visit]:
    """Give the same on a screen for fingers, with three device pixels for each CSS pixel."""
    options: dict[str, Any] = {"has_touch": True, "is_mobile": True, "device_scale_factor": 3}
    for opened in visiting(chromium, viewport={"width": 360, "height": 740}, **options):
        yield open_alone(opened, site_url, files)


def show(visit: Visit, what: str) -> None:
    """Select an item, in the middle of the screen, at fit."""
    visit.page.evaluate("what => window.show(what)", what)
    visit.page.locator("#compare").wait_for()
    visit.page.evaluate("document.getElementById('canvas').scrollIntoView({ block: 'center' })")
    visit.page.click("[data-do=fit]")
    visit.page.evaluate("document.activeElement.blur()")


def read(visit: Visit, left: int, top: int, width: int, height: int) -> NDArray[np.uint8]:
    """Return what the canvas shows there, in RGB."""
    text = visit.page.evaluate(READ, [left, top, width, height])
    return np.frombuffer(b64decode(text), np.uint8).reshape(height, width, 4)[..., :3]


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until ``condition`` holds; what the browser draws tells of itself in no other way."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what


def split(visit: Visit, percent: int) -> None:
    """Move the divider as the range input does."""
    visit.page.locator("#split").fill(str(percent))


def zoom(visit: Visit) -> float:
    """Return the zoom that the viewer tells, in percent."""
    return float(visit.page.inner_text("#zoom").removesuffix(" %"))


def view(visit: Visit) -> tuple[int, int]:
    """Return the sides of the canvas in device pixels."""
    width, height = visit.page.evaluate(
        "[document.getElementById('canvas').width, document.getElementById('canvas').height]"
    )
    return width, height


def place(shown: NDArray[np.uint8], samples: NDArray[np.uint8]) -> tuple[int, int]:
    """Return which row and column of the result is at the upper left of what is shown at 100 %."""
    red, green, blue = (int(value) for value in shown[0, 0])
    for row in range(green, HEIGHT, 241):
        for column in range(red, WIDTH, 251):
            if (column // 8 + row // 8) % 256 == blue:
                part = samples[row : row + shown.shape[0], column : column + shown.shape[1]]
                if part.shape == shown.shape and np.array_equal(part, shown):
                    return row, column
    return -1, -1


def test_a_whole_job_at_100_percent(visit: Visit, site_url: str) -> None:
    """After a job every pixel of the file is on one pixel of the screen, and the slider shows the original."""
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    content = visit.open(site_url).upscale("scene.png", pictures.encoded(pictures.scene(90, 70)))
    visit.page.click("[data-do=actual]")
    expect(visit.page.locator("#zoom")).to_have_text("100 %")
    split(visit, 0)
    width, height = view(visit)
    left, top = int((width - 360) / 2 + 0.5), int((height - 280) / 2 + 0.5)
    expected = pixels(content)
    until(
        lambda: np.array_equal(read(visit, left, top, 360, 280), expected),
        "the canvas shows the file's pixels",
    )
    split(visit, 100)
    plain = pixels(pictures.encoded(pictures.scene(90, 70).resize((360, 280), Image.Resampling.BICUBIC)))
    until(
        lambda: np.abs(read(visit, left, top, 360, 280).astype(int) - plain).mean() < 4,
        "the canvas shows the original, plainly enlarged",
    )
    assert not np.array_equal(read(visit, left, top, 360, 280), expected)
    assert not visit.faults


def test_large_result_at_fit(alone: Visit, samples: NDArray[np.uint8]) -> None:
    """A result that is too large for one canvas is shown whole, in a canvas as large as the view."""
    show(alone, "large")
    split(alone, 0)
    width, height = view(alone)
    assert width * height < 1280 * 900
    shown_width = round(WIDTH * height / HEIGHT)
    left = (width - shown_width) // 2
    expected = np.asarray(
        Image.fromarray(samples[..., 2]).resize((shown_width, height), Image.Resampling.BOX)
    )

    def is_like_it() -> bool:
        shown = read(alone, left, 0, shown_width, height)
        return bool(np.abs(shown[..., 2].astype(int) - expected).mean() < 20)

    until(is_like_it, "the whole result")
    expect(
        alone.page.get_by_role("img", name="The enlarged picture (large.png), 5200 x 4100 pixels")
    ).to_be_visible()


def test_large_result_at_100_percent(alone: Visit, samples: NDArray[np.uint8]) -> None:
    """Its own pixels come from the bands that are looked at, exactly, also across the seams, and while one pans."""
    show(alone, "large")
    split(alone, 0)
    alone.page.locator("#compare").focus()
    alone.page.keyboard.press("1")
    width, height = view(alone)
    until(lambda: place(read(alone, 0, 0, 300, 200), samples) != (-1, -1), "exact pixels")
    row, column = place(read(alone, 0, 0, 300, 200), samples)
    assert (row, column) == (round(HEIGHT / 2 - height / 2), round(WIDTH / 2 - width / 2))
    alone.page.keyboard.press("ArrowRight")
    alone.page.keyboard.press("ArrowDown")
    moved = row + 64, column + 64
    until(lambda: place(read(alone, 0, 0, 300, 200), samples) == moved, "exact pixels after panning")


def test_pixels_become_squares(alone: Visit) -> None:
    """Above 100 % a pixel of the result is a square of one colour, and the zoom ends at 1600 %."""
    show(alone, "large")
    split(alone, 0)
    alone.page.click("[data-do=actual]")
    for _ in range(4):
        alone.page.click("[data-do=in]")
    expect(alone.page.locator("#zoom")).to_have_text("400 %")

    def squares() -> bool:
        shown = read(alone, 0, 0, 400, 400)
        edges = [
            int(np.abs(np.diff(shown.astype(int), axis=1)).sum(axis=(0, 2))[start::4].any())
            for start in range(4)
        ]
        return sum(edges) == 1

    until(squares, "squares of four")
    for _ in range(8):
        alone.page.click("[data-do=in]")
    expect(alone.page.locator("#zoom")).to_have_text("1600 %")


def test_divider_by_hand(alone: Visit) -> None:
    """At fit a drag anywhere moves the divider; zoomed in the handle still does, and the range follows."""
    show(alone, "large")
    split(alone, 50)
    box = alone.page.locator("#canvas").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    alone.page.mouse.move(box["x"] + box["width"] * 0.3, middle + 60)
    alone.page.mouse.down()
    alone.page.mouse.move(box["x"] + box["width"] * 0.25, middle + 60)
    alone.page.mouse.up()
    share = (box["width"] * 0.25 - (box["width"] - WIDTH * box["height"] / HEIGHT) / 2) / (
        WIDTH * box["height"] / HEIGHT
    )
    assert abs(float(alone.page.input_value("#split")) - 100 * share) <= 1
    alone.page.click("[data-do=actual]")
    handle = alone.page.locator("#divider").bounding_box()
    assert handle
    middle = handle["y"] + handle["height"] / 2  # the page may have been scrolled for the button
    alone.page.mouse.move(handle["x"] + handle["width"] / 2, middle)
    alone.page.mouse.down()
    alone.page.mouse.move(box["x"] + box["width"] * 0.75, middle)
    alone.page.mouse.up()
    assert abs(float(alone.page.input_value("#split")) - 75) <= 1


def test_original_is_at_the_same_place(alone: Visit, samples: NDArray[np.uint8]) -> None:
    """Both sides show the same part: across the divider the picture goes on."""
    show(alone, "large")
    alone.page.click("[data-do=actual]")
    split(alone, 100)

    def is_the_same_place() -> bool:
        original = read(alone, 0, 0, 300, 200).astype(int)
        split(alone, 0)
        until(lambda: place(read(alone, 0, 0, 300, 200), samples) != (-1, -1), "the result")
        result = read(alone, 0, 0, 300, 200).astype(int)
        split(alone, 100)
        inner = np.abs(original[..., 2] - result[..., 2])
        return bool(np.median(inner) <= 2)

    until(is_the_same_place, "the same part on both sides")


def test_drag_and_double_click(alone: Visit, samples: NDArray[np.uint8]) -> None:
    """A double click goes to 100 % at that point and back to fit; a drag pulls the picture along."""
    show(alone, "large")
    split(alone, 0)
    box = alone.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    alone.page.mouse.dblclick(x, y)
    expect(alone.page.locator("#zoom")).to_have_text("100 %")
    until(lambda: place(read(alone, 0, 0, 300, 200), samples) != (-1, -1), "the result")
    row, column = place(read(alone, 0, 0, 300, 200), samples)
    alone.page.mouse.move(x, y)
    alone.page.mouse.down()
    alone.page.mouse.move(x - 40, y - 30)
    alone.page.mouse.up()
    moved = row + 30, column + 40
    until(lambda: place(read(alone, 0, 0, 300, 200), samples) == moved, "the picture follows the hand")
    alone.page.mouse.dblclick(x, y)
    expect(alone.page.locator("#zoom")).not_to_have_text("100 %")


def test_wheel(alone: Visit) -> None:
    """A wheel scrolls the page until the picture was chosen; with Ctrl it zooms at once, and at its end it scrolls on."""
    show(alone, "large")
    page = alone.page
    page.set_viewport_size({"width": 1280, "height": 500})
    page.evaluate("() => { document.body.style.paddingBlockEnd = '60rem' }")  # there is where to scroll

    def point_at_it() -> int:
        """Point at the picture and return how far the page is scrolled."""
        page.evaluate("() => document.getElementById('canvas').scrollIntoView({ block: 'center' })")
        box = page.locator("#canvas").bounding_box()
        assert box
        page.mouse.move(box["x"] + 300, box["y"] + 100)
        return int(page.evaluate("scrollY"))

    until(lambda: view(alone)[1] < 400, "a lower canvas")
    fit = zoom(alone)
    point_at_it()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    until(lambda: zoom(alone) > fit, "zoomed with Ctrl")
    page.evaluate("() => document.getElementById('compare').focus({ preventScroll: true })")
    chosen = zoom(alone)
    page.mouse.wheel(0, -100)
    until(lambda: zoom(alone) > chosen, "zoomed once it was chosen")
    page.keyboard.press("0")
    before = point_at_it()
    page.mouse.wheel(0, 60)
    page.wait_for_function("before => scrollY > before", arg=before)
    assert zoom(alone) == fit
    page.evaluate("() => document.activeElement.blur()")
    before = point_at_it()
    page.mouse.wheel(0, 60)
    page.wait_for_function("before => scrollY > before", arg=before)
    assert zoom(alone) == fit
    page.set_viewport_size({"width": 1280, "height": 900})


def test_keys(alone: Visit) -> None:
    """On the focused viewer + - 0 1 zoom and Home and End move the divider; the range has its own keys."""
    show(alone, "large")
    page = alone.page
    fit = page.inner_text("#zoom")
    page.locator("#compare").focus()
    for key, said in (("1", "100 %"), ("+", "141 %"), ("-", "100 %"), ("-", "71 %"), ("0", fit)):
        page.keyboard.press(key)
        expect(page.locator("#zoom")).to_have_text(said)
    page.keyboard.press("Home")
    expect(page.locator("#split")).to_have_value("0")
    page.keyboard.press("End")
    expect(page.locator("#split")).to_have_value("100")
    page.locator("#split").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#split")).to_have_value("99")
    expect(page.locator("#zoom")).to_have_text(fit)


def test_strips_of_a_running_job(alone: Visit) -> None:
    """While a job runs its finished rows lie over the original, and there is nothing to divide yet."""
    show(alone, "small")
    expect(alone.page.locator("#split")).to_be_hidden()
    width, height = view(alone)

    def is_there(share: float) -> bool:
        colour = read(alone, width // 2, int(height * share), 1, 1)[0, 0]
        return tuple(int(value) for value in colour) == (255, 0, 255)

    alone.page.evaluate("window.preview(0, 0.25)")
    alone.page.evaluate("window.preview(0.25, 0.5)")
    until(lambda: is_there(0.1) and is_there(0.4), "the strips")
    assert not is_there(0.6)
    show(alone, "large")
    until(lambda: not is_there(0.1), "another item")


def test_window_of_another_size(alone: Visit) -> None:
    """The canvas follows the window, pixel for pixel, and fit stays fit."""
    show(alone, "large")
    for width in (700, 1280):
        alone.page.set_viewport_size({"width": width, "height": 900})
        box = alone.page.locator("#canvas").bounding_box()
        assert box
        until(lambda box=box: abs(view(alone)[0] - box["width"]) <= 1, "a canvas of that size")  # type: ignore[misc]
        until(
            lambda: abs(zoom(alone) - 100 * min(view(alone)[0] / WIDTH, view(alone)[1] / HEIGHT)) < 1, "fit"
        )


def touch(visit: Visit, *frames: list[tuple[float, float]]) -> None:
    """Put fingers down at the first places, move them through the others and lift them."""
    session = visit.page.context.new_cdp_session(visit.page)
    for number, points in enumerate(frames):
        session.send(
            "Input.dispatchTouchEvent",
            {
                "type": "touchMove" if number else "touchStart",
                "touchPoints": [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)],
            },
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def test_pinch(phone: Visit) -> None:
    """Two fingers zoom by as much as they move apart, and never the page."""
    show(phone, "large")
    fit = zoom(phone)
    box = phone.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch(phone, *([(x - apart, y), (x + apart, y)] for apart in (20, 30, 40, 60, 80)))
    until(lambda: abs(zoom(phone) - 4 * fit) <= 0.15 * fit + 1, f"four times {fit}, not {zoom(phone)}")
    assert phone.page.evaluate("visualViewport.scale") == 1


def test_one_finger_scrolls_or_divides(phone: Visit) -> None:
    """At fit one finger scrolls the page up and down, and moves the divider to the sides; zoomed in it pans."""
    show(phone, "large")
    split(phone, 50)
    box = phone.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.7
    touch(phone, *([(x + way, y)] for way in (0, 10, 30, 60)))
    until(
        lambda: abs(float(phone.page.input_value("#split")) - 100 * (0.3 + 60 / box["width"])) < 2, "divider"
    )
    before = phone.page.evaluate("scrollY")
    touch(phone, *([(x, y - way)] for way in (0, 20, 40, 60, 80)))
    phone.page.wait_for_function("before => scrollY !== before", arg=before)
    phone.page.click("[data-do=actual]")
    expect(phone.page.locator("#canvas")).to_have_css("touch-action", "none")


def test_double_tap(phone: Visit, samples: NDArray[np.uint8]) -> None:
    """Two taps show 100 % of the screen's own pixels, exactly, and two more everything."""
    show(phone, "large")
    split(phone, 0)
    fit = phone.page.inner_text("#zoom")
    box = phone.page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6
    for said in ("100 %", fit):
        phone.page.touchscreen.tap(x, y)
        phone.page.touchscreen.tap(x, y)
        expect(phone.page.locator("#zoom")).to_have_text(said)
        if said != fit:
            assert abs(view(phone)[0] - 3 * box["width"]) <= 1
            until(lambda: place(read(phone, 0, 0, 300, 200), samples) != (-1, -1), "exact pixels")
