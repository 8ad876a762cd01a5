"""Many pictures at once, as a person brings, watches, stops and changes them."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, JOB_MS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.browser import Visit

MANY = 50
BROKEN_AT = 7


def small(at: int) -> bytes:
    """Return a little picture of its own size."""
    return pictures.encoded(pictures.scene(16 + at, 12))


def payload(name: str, content: bytes) -> dict[str, Any]:
    """Return a file as the driver takes it."""
    return {"name": name, "mimeType": "", "buffer": content}


def bring(visit: Visit, files: dict[str, bytes]) -> None:
    """Choose files in place of what is in the list."""
    visit.page.evaluate("() => document.getElementById('clear').click()")
    visit.page.set_input_files("#file", [payload(name, content) for name, content in files.items()])


def row(visit: Visit, name: str) -> Locator:
    """Return the row of a picture."""
    return visit.page.locator("#items > li").filter(has=visit.page.get_by_text(name, exact=True))


def phases(visit: Visit) -> list[str]:
    """Return how far each row is."""
    found: list[str] = visit.page.locator("#items > li").evaluate_all(
        "all => all.map(row => row.dataset.phase)"
    )
    return found


def wait_for_end(visit: Visit) -> None:
    """Wait until nothing runs any more."""
    expect(visit.page.locator("#cancel")).to_be_hidden(timeout=JOB_MS)


def saved(visit: Visit, name: str) -> Image.Image:
    """Press a row's Save and return the picture."""
    with visit.page.expect_download() as info:
        row(visit, name).get_by_role("button", name="Save").click()
    return Image.open(io.BytesIO(info.value.path().read_bytes()))


@pytest.fixture
def page(ready: Visit) -> Iterator[Visit]:
    """Give the booted page, and stop and set back what a test has left."""
    yield ready
    if ready.page.locator("#cancel").is_visible():
        ready.page.locator("#cancel").click()
    wait_for_end(ready)
    ready.choose(scale="4", format="png", tile="", strength="100")
    ready.page.evaluate("() => document.getElementById('clear').click()")


def test_fifty_with_a_broken_one(page: Visit) -> None:
    """All but the broken one are done; the whole's share only grows, and its row says what is wrong."""
    files = {f"{at:02}.png": small(at) for at in range(MANY)}
    files[f"{BROKEN_AT:02}.png"] = b"no picture"
    bring(page, files)
    expect(page.page.locator("#items > li")).to_have_count(MANY)
    page.page.evaluate(
        """() => {
            window.shares = [];
            const bar = document.getElementById("progress");
            new MutationObserver(() => bar.hidden || window.shares.push(bar.value)).observe(bar, { attributes: true });
        }"""
    )
    page.enhance()
    expect(page.page.locator("#estimate")).to_have_text(
        re.compile(r" left for \d+ pictures$"), timeout=JOB_MS
    )
    wait_for_end(page)
    assert phases(page) == ["failed" if at == BROKEN_AT else "done" for at in range(MANY)]
    shares = page.page.evaluate("window.shares")
    assert shares == sorted(shares)
    assert shares[-1] > 0.9
    expect(page.page.locator("#list [data-part=summary]")).to_have_text(f"{MANY - 1} of {MANY} done")
    broken = row(page, f"{BROKEN_AT:02}.png")
    expect(broken).to_contain_text("Failed: This file is not a picture")
    broken.locator("[data-do=select]").click()
    expect(page.page.locator("#status.error")).to_contain_text("not a picture")
    expect(page.page.locator("#result")).to_be_hidden()
    row(page, "49.png").locator("[data-do=select]").click()
    expect(page.page.locator("#result")).to_be_visible()
    assert page.page.get_attribute("#download", "download") == "49_4x.png"


def test_options_hold_for_all(page: Visit) -> None:
    """Every picture is done as the form stood when Enhance was pressed, whatever is chosen meanwhile."""
    page.choose(scale="width", width="40", format="jpeg")
    bring(page, {f"{at}.png": small(at) for at in range(4)})
    page.enhance()
    page.choose(format="webp", scale="2")
    wait_for_end(page)
    for at in range(4):
        with saved(page, f"{at}.png") as found:
            assert (found.format, found.width) == ("JPEG", 40)


def test_one_alone_has_no_list(page: Visit) -> None:
    """With one picture the page is as simple as ever; the list comes with the second, and goes with it."""
    bring(page, {"a.png": small(1)})
    expect(page.page.locator("#picked")).to_contain_text("a.png")
    expect(page.page.locator("#list")).to_be_hidden()
    page.add("b.png", small(2))
    expect(page.page.locator("#list")).to_be_visible()
    row(page, "b.png").get_by_role("button", name="Remove").click()
    expect(page.page.locator("#list")).to_be_hidden()
    expect(page.page.locator("#picked")).to_contain_text("a.png")


def slow(page: Visit, *names: str) -> None:
    """Bring pictures that take a while, and press Enhance."""
    large = pictures.encoded(pictures.scene(220, 120))
    page.choose(tile="32")
    bring(page, dict.fromkeys(names, large))
    page.enhance()
    expect(page.page.locator("#items > li[data-phase=running]")).to_have_count(1, timeout=BOOT_MS)


def test_cancel_one(page: Visit) -> None:
    """One that runs is stopped, one that waits is left out, and the rest goes on."""
    slow(page, "runs.png", "waits.png", "last.png")
    row(page, "waits.png").get_by_role("button", name="Leave out").click()
    row(page, "runs.png").get_by_role("button", name="Cancel").click()
    wait_for_end(page)
    assert phases(page) == ["cancelled", "cancelled", "done"]


def test_cancel_all_and_go_on(page: Visit) -> None:
    """Cancel stops everything; Enhance then does what is left."""
    slow(page, "a.png", "b.png", "c.png")
    page.page.click("#cancel")
    wait_for_end(page)
    assert phases(page) == ["cancelled", "waiting", "waiting"]
    page.choose(tile="").enhance()
    wait_for_end(page)
    assert phases(page) == ["done"] * 3


def test_add_while_it_runs(page: Visit) -> None:
    """What is added meanwhile is done too, without another press."""
    slow(page, "a.png")
    page.add("late.png", small(3))
    wait_for_end(page)
    assert phases(page) == ["done", "done"]


def test_again_after_a_failure(page: Visit) -> None:
    """A picture that failed can have another try by itself."""
    page.choose(scale="width", width="90")
    bring(page, {"tiny.png": small(0), "large.png": small(20)})
    page.enhance()
    wait_for_end(page)
    assert phases(page) == ["failed", "done"]
    page.choose(scale="2")
    row(page, "tiny.png").get_by_role("button", name="again").click()
    expect(row(page, "tiny.png")).to_have_attribute("data-phase", "done", timeout=JOB_MS)


def test_what_is_shown(page: Visit) -> None:
    """The stage follows what runs until a person selects a picture."""
    slow(page, "a.png", "b.png", "c.png")
    expect(page.page.locator("#picked")).to_contain_text("a.png")
    row(page, "c.png").locator("[data-do=select]").click()
    row(page, "a.png").get_by_role("button", name="Cancel").click()
    expect(row(page, "b.png")).to_have_attribute("data-phase", "running", timeout=JOB_MS)
    expect(page.page.locator("#picked")).to_contain_text("c.png")
    expect(row(page, "c.png").locator("[data-do=select]")).to_have_attribute("aria-current", "true")


def folder(at: Path) -> Path:
    """Make a folder with folders in it, and return it."""
    for name, content in {
        "10.png": small(1),
        "9.png": small(2),
        "sub/a.png": small(3),
        "notes.txt": b"words",
        "sub/more.csv": b"1,2",
        "sub/.DS_Store": b"",
    }.items():
        (at / "trip" / name).parent.mkdir(parents=True, exist_ok=True)
        (at / "trip" / name).write_bytes(content)
    return at / "trip"


def is_folder_taken(page: Visit) -> None:
    """Check that the folder's pictures are in the list by name, and that the rest is told of."""
    names = page.page.locator("#items [data-part=name]")
    expect(names).to_have_text(["trip/9.png", "trip/10.png", "trip/sub/a.png"])
    expect(page.page.locator("#status")).to_contain_text("2 files are no pictures and were left out.")


def test_choose_a_folder(page: Visit, tmp_path: Path) -> None:
    """A folder is taken with all its folders; what is no picture is counted."""
    with page.page.expect_file_chooser() as info:
        page.page.click("#folder")
    info.value.set_files(folder(tmp_path))
    is_folder_taken(page)


def test_drop_a_folder(page: Visit, tmp_path: Path) -> None:
    """A folder that is dropped anywhere is taken like a chosen one."""
    session = page.page.context.new_cdp_session(page.page)
    data = {"items": [], "files": [str(folder(tmp_path))], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 40, "data": data})
    is_folder_taken(page)


def test_network_among_pictures(page: Visit) -> None:
    """A network is tried out, and the pictures beside it are in the list."""
    bring(page, {"a.png": small(1), "bad.onnx": b"no network", "b.png": small(2)})
    expect(page.page.locator("#items > li")).to_have_count(2)
    expect(page.page.locator("#status.error")).to_be_visible(timeout=BOOT_MS)


def test_network_while_a_batch_runs(page: Visit) -> None:
    """It is tried out once the batch has ended, not forgotten."""
    bring(page, {"a.png": small(1), "b.png": small(2)})
    expect(page.page.locator("#enhance")).to_be_enabled(timeout=BOOT_MS)
    page.page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["no network"], "bad.onnx"));
            document.getElementById("enhance").click();
            const input = document.getElementById("file");
            input.files = transfer.files;
            input.dispatchEvent(new Event("change"));
        }"""
    )
    expect(page.page.locator("#status.error")).to_be_visible(timeout=JOB_MS)
    assert phases(page) == ["done", "done"]


def test_keyboard(page: Visit) -> None:
    """Arrows go from row to row, one row is on the way of Tab, and a row that goes hands the focus on."""
    bring(page, {f"{name}.png": small(1) for name in "abc"})
    expect(page.page.locator("#items > li")).to_have_count(3)
    page.page.locator("#clear").focus()
    page.page.keyboard.press("Tab")
    focused = "document.activeElement.closest('li')?.querySelector('[data-part=name]').textContent"
    assert page.page.evaluate(focused) == "a.png"
    page.page.keyboard.press("ArrowDown")
    assert page.page.evaluate(focused) == "b.png"
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#picked")).to_contain_text("b.png")
    page.page.keyboard.press("Delete")
    expect(page.page.locator("#items > li")).to_have_count(2)
    assert page.page.evaluate(focused) == "c.png"
    page.page.keyboard.press("Home")
    assert page.page.evaluate(focused) == "a.png"
    reached = page.page.locator("#items button").evaluate_all(
        "all => all.filter(e => e.tabIndex == 0).length"
    )
    assert reached == page.page.locator("#items > li").first.locator("button").count()


def test_the_keyboard_when_the_list_goes(page: Visit) -> None:
    """Where no list is left, the keyboard goes on at the pictures' input."""
    bring(page, {"a.png": small(1), "b.png": small(2)})
    row(page, "b.png").get_by_role("button", name="Remove").focus()
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#list")).to_be_hidden()
    expect(page.page.locator("#file")).to_be_focused()
    bring(page, {"a.png": small(1), "b.png": small(2)})
    page.page.locator("#clear").focus()
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#list")).to_be_hidden()
    expect(page.page.locator("#file")).to_be_focused()


def test_a_number_that_is_not_typed_yet(page: Visit) -> None:
    """An empty field stops no batch that runs, nor what is told of it."""
    page.choose(format="jpeg")
    bring(page, {"a.png": small(1), "b.png": small(2)})
    expect(page.page.locator("#enhance")).to_be_enabled(timeout=BOOT_MS)
    page.page.evaluate(
        """() => {
            document.getElementById("enhance").click();
            for (const [name, value] of [["scale", "width"], ["width", ""], ["quality", ""]]) {
                const field = document.getElementById(name);
                field.value = value;
                field.dispatchEvent(new Event("input", { bubbles: true }));
                field.dispatchEvent(new Event("change", { bubbles: true }));
            }
        }"""
    )
    wait_for_end(page)
    assert phases(page) == ["done", "done"]
    page.choose(width="1.5", quality="92", scale="4")
    assert page.faults == []


def test_a_wrong_number_in_a_fold(page: Visit) -> None:
    """What keeps Enhance from beginning is shown, also where it was folded away."""
    bring(page, {"a.png": small(1)})
    page.choose(format="jpeg", quality="0")
    page.page.locator("#more-options").evaluate("details => { details.open = false }")
    page.enhance()
    expect(page.page.locator("#quality")).to_be_focused()
    page.choose(quality="92")


def test_thumbnails(page: Visit) -> None:
    """Rows show what they are about; a picture that cannot be shown leaves its place empty."""
    bring(page, {"a.png": small(1), "broken.png": b"no picture"})
    image = row(page, "a.png").locator("[data-part=thumbnail]")
    expect(image).to_have_attribute("src", re.compile("^blob:"))
    page.page.wait_for_function("image => image.naturalWidth == 112", arg=image.element_handle())
    assert row(page, "broken.png").locator("[data-part=thumbnail]").get_attribute("src") is None


def test_thousands(page: Visit) -> None:
    """While thousands of pictures come in the page goes on to answer, and only what is seen is decoded."""
    page.page.evaluate(
        """async () => {
            const transfer = new DataTransfer();
            for (let at = 0; at < 2000; at++) transfer.items.add(new File(["x"], `${at}.png`));
            window.longest = 0;
            let last = performance.now();
            const watch = () => {
                window.longest = Math.max(window.longest, performance.now() - last);
                last = performance.now();
                window.watching = requestAnimationFrame(watch);
            };
            watch();
            const decode = window.createImageBitmap;
            window.decoded = 0;
            window.createImageBitmap = (...given) => { window.decoded++; return decode(...given); };
            const input = document.getElementById("file");
            input.files = transfer.files;
            input.dispatchEvent(new Event("change"));
        }"""
    )
    expect(page.page.locator("#items > li")).to_have_count(2000, timeout=BOOT_MS)
    assert page.page.evaluate("() => { cancelAnimationFrame(window.watching); return window.longest }") < 1500
    assert page.page.evaluate("window.decoded") < 300
