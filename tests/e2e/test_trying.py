"""All models on a part of the picture: chosen by hand and by key, stopped, and one of them taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests import networks, pictures
from tests.browser import BOOT_MS, JOB_MS, pixels

if TYPE_CHECKING:
    from tests.browser import Visit

PICTURE = pictures.encoded(pictures.scene(300, 200))

DROP = """([name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector("footer").dispatchEvent(event);
}"""


def bring(visit: Visit, name: str, content: bytes) -> None:
    """Drop a network on the page and wait until it is chosen."""
    visit.page.evaluate(DROP, [name, list(content)])
    expect(visit.page.locator("#models label:has(input:checked)")).to_contain_text(name, timeout=BOOT_MS)


def open_dialog(visit: Visit) -> None:
    """Open the dialog as soon as that is possible."""
    expect(visit.page.locator("#try")).to_be_enabled(timeout=BOOT_MS)
    visit.page.click("#try")
    expect(visit.page.locator("#trying")).to_be_visible()
    expect(visit.page.locator("#trying .part canvas")).to_have_attribute("aria-label", re.compile("50 %"))


def shown(visit: Visit, model_id: str) -> np.ndarray:
    """Return what a model's card shows, in RGB."""
    values, width, height = visit.page.locator(f"#trying li[data-model='{model_id}'] canvas").evaluate(
        """canvas => {
            const { width, height } = canvas;
            return [[...canvas.getContext("2d").getImageData(0, 0, width, height).data], width, height];
        }"""
    )
    return np.array(values, np.uint8).reshape(height, width, 4)[..., :3]


def test_models_side_by_side(ready: Visit) -> None:
    """Every model here enlarges the part that was chosen, beside the plain enlargement; one of them is taken."""
    page = ready.page
    expect(page.locator("#try")).to_be_disabled()
    expect(page.locator("#try-hint")).to_have_text("Choose a picture first.")
    bring(ready, "twice.onnx", networks.nearest(2))
    ready.pick("scene.png", PICTURE)
    page.locator("#models input[value=swift]").check(force=True)
    open_dialog(ready)
    picture = page.locator("#trying .part canvas")
    box = picture.bounding_box()
    assert box
    picture.click(position={"x": box["width"] * 0.9, "y": box["height"] * 0.9})  # held inside
    expect(picture).to_have_attribute("aria-label", re.compile("84 % from the left and 76 % from the top"))
    picture.press("ArrowLeft")
    expect(picture).to_have_attribute("aria-label", re.compile("79 %"))
    page.click("#trying [data-part=start]")
    expect(page.locator("#trying [data-part=progress]")).to_have_text(
        "Done. Choose the one you like.", timeout=JOB_MS
    )
    part = np.asarray(pictures.scene(300, 200))[104:200, 188:284]
    own = page.locator("#trying li", has_text="twice.onnx")
    own_id = own.get_attribute("data-model")
    assert own_id
    assert np.array_equal(shown(ready, own_id), part.repeat(2, 0).repeat(2, 1))
    assert shown(ready, "swift").shape == (384, 384, 3)
    plain = np.asarray(Image.fromarray(part).resize((384, 384), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(shown(ready, "") - plain).mean() < 5
    expect(own.locator("[data-part=state]")).to_have_text(re.compile(r"\d s"))
    own.get_by_role("button", name=re.compile("Use this model")).click()
    expect(page.locator("#trying")).to_be_hidden()
    expect(page.locator(f"#models input[value='{own_id}']")).to_be_checked()
    assert pixels(ready.enhance().wait_for_result()).shape == (400, 600, 3)


def test_closing_stops(ready: Visit) -> None:
    """Closing in the middle ends it within a tile, and Enhance works afterwards."""
    page = ready.page
    ready.pick("scene.png", PICTURE)
    open_dialog(ready)
    page.click("#trying [data-part=start]")
    expect(page.locator("#trying [data-part=stop]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#trying")).to_be_hidden()
    page.locator("#models input[value=swift]").check(force=True)
    assert pixels(ready.enhance().wait_for_result()).shape == (800, 1200, 3)
    assert not ready.faults


def test_not_while_a_job_runs(ready: Visit) -> None:
    """During a job the button is off and says why."""
    ready.choose(tile="32").pick("large.png", pictures.encoded(pictures.scene(400, 300))).enhance()
    expect(ready.page.locator("#try")).to_be_disabled()
    expect(ready.page.locator("#try-hint")).to_have_text("Possible when the running work is done.")
    ready.page.click("#cancel")
    expect(ready.page.locator("#try")).to_be_enabled(timeout=JOB_MS)
    ready.choose(tile="")
