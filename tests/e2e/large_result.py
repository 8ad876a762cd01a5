"""A result that no canvas could hold, in the viewer alone, and what is read off the viewer."""

from __future__ import annotations

import io
import json
import re
import time
from base64 import b64decode
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fourxl.bands import Layer
from fourxl.geometry import Size
from fourxl.png import PngEncoder
from tests import pictures
from tests.browser import BOOT_MS, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

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


def given(samples: NDArray[np.uint8]) -> dict[str, bytes]:
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
