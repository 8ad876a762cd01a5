"""What is saved, where to and under which name; and that the form is as it was left."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser import BOOT_MS, JOB_MS, visiting

from .test_batch import bring, phases, row, small, wait_for_end
from .test_server_choices import holding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser import Visit

PATTERN = "{name}_{size}"

LIST_FILES = """async () => {
    const found = {};
    const walk = async (folder, path) => {
        for await (const [name, handle] of folder.entries()) {
            if (handle.kind === "directory") await walk(handle, `${path}${name}/`);
            else found[path + name] = (await handle.getFile()).size;
        }
    };
    await walk(await (await navigator.storage.getDirectory()).getDirectoryHandle("chosen"), "");
    return found;
}"""
"""The files of the folder that stands in for a person's, and their bytes."""

CHOOSE = """() => {
    const folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("chosen", { create: true });
    window.showDirectoryPicker = folder;
    window.showSaveFilePicker = async ({ suggestedName }) =>
        (await folder()).getFileHandle(suggestedName, { create: true });
}"""
"""Choose a folder of the origin's own where a person would be asked: a driver cannot answer the browser's dialogs."""


@pytest.fixture
def page(ready: Visit) -> Iterator[Visit]:
    """Give the booted page, and set it back afterwards."""
    yield ready
    wait_for_end(ready)
    ready.choose(scale="4", format="png", name_pattern=PATTERN)
    ready.page.evaluate(
        """async () => {
            document.getElementById("clear").click();
            document.getElementById("saved").textContent = "";
            const root = await navigator.storage.getDirectory();
            await root.removeEntry("chosen", { recursive: true }).catch(() => {});
        }"""
    )


def zipped(page: Visit) -> zipfile.ZipFile:
    """Press Save all as ZIP where the browser cannot ask for a file, and return the archive."""
    page.page.evaluate("() => { delete window.showSaveFilePicker }")
    with page.page.expect_download() as info:
        page.page.click("#save-zip")
    path: Path = info.value.path()
    return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def one(page: Visit, name: str) -> bytes:
    """Press a row's Save and return what arrives."""
    with page.page.expect_download() as info:
        row(page, name).get_by_role("button", name="Save").click()
    path: Path = info.value.path()
    return path.read_bytes()


def test_zip(page: Visit) -> None:
    """All that is finished is in the zip, each as it is saved alone; what failed is not."""
    bring(page, {"a.png": small(1), "a.jpg": small(2), "broken.png": b"no", "b.png": small(3)})
    page.enhance()
    wait_for_end(page)
    archive = zipped(page)
    assert archive.testzip() is None
    assert archive.namelist() == ["a_4x.png", "a_4x (2).png", "b_4x.png"]
    for name, source in (("a_4x.png", "a.png"), ("a_4x (2).png", "a.jpg"), ("b_4x.png", "b.png")):
        assert archive.read(name) == one(page, source)
    expect(page.page.locator("#saved")).to_have_text("The ZIP is saved.")


def test_zip_is_streamed(page: Visit) -> None:
    """A zip goes to the file piece by piece: no more of it is ever read than is being written."""
    page.page.evaluate(CHOOSE)
    page.page.evaluate(
        """() => {
            window.largest = 0;
            window.pieces = 0;
            const write = WritableStreamDefaultWriter.prototype.write;
            const pipe = ReadableStream.prototype.pipeTo;
            window.pipes = 0;
            ReadableStream.prototype.pipeTo = function (target, ...more) {
                window.pipes++;
                const measured = new TransformStream({ transform(piece, controller) {
                    window.pieces++;
                    window.largest = Math.max(window.largest, piece.length);
                    controller.enqueue(piece);
                } });
                return pipe.call(this.pipeThrough(measured), target, ...more);
            };
            window.restore = () => { ReadableStream.prototype.pipeTo = pipe };
            window.whole = 0;
            const read = Blob.prototype.arrayBuffer;
            Blob.prototype.arrayBuffer = function () { window.whole++; return read.call(this) };
        }"""
    )
    bring(page, {f"{at}.png": small(at) for at in range(12)})
    page.enhance()
    wait_for_end(page)
    page.page.evaluate("() => { window.whole = 0 }")
    page.page.click("#save-zip")
    expect(page.page.locator("#saved")).to_have_text("The ZIP is saved.", timeout=JOB_MS)
    page.page.evaluate("window.restore()")
    found = page.page.evaluate("({ pipes, pieces, largest, whole })")
    (size,) = page.page.evaluate(LIST_FILES).values()
    assert found["pipes"] >= 1
    assert found["pieces"] > 24, "at least a head and a body for each"
    assert found["largest"] < size / 4
    assert found["whole"] == 0, "no result was read at once"


def test_folder(page: Visit) -> None:
    """What is done is written at once, what follows as it comes; nothing that was there is overwritten."""
    page.page.evaluate(CHOOSE)
    bring(page, {"a.png": small(1), "b.png": small(2)})
    page.enhance()
    wait_for_end(page)
    page.page.click("#save-folder")
    expect(page.page.locator("#saved")).to_have_text("2 files saved into chosen")
    page.add("c.png", small(3)).enhance()
    expect(page.page.locator("#saved")).to_have_text("3 files saved into chosen", timeout=JOB_MS)
    page.add("a.png", small(4)).enhance()
    expect(page.page.locator("#saved")).to_have_text("4 files saved into chosen", timeout=JOB_MS)
    found = page.page.evaluate(LIST_FILES)
    assert sorted(found) == ["a_4x (2).png", "a_4x.png", "b_4x.png", "c_4x.png"]
    assert all(found.values())


def test_folders_are_kept(page: Visit, tmp_path: Path) -> None:
    """Pictures of a chosen folder lie in the zip as they lay in it."""
    for name in ("a.png", "sub/a.png"):
        (tmp_path / "trip" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "trip" / name).write_bytes(small(1))
    page.page.set_input_files("#folder-file", tmp_path / "trip")
    page.enhance()
    wait_for_end(page)
    assert zipped(page).namelist() == ["trip/a_4x.png", "trip/sub/a_4x.png"]


def test_names(page: Visit) -> None:
    """The pattern makes the names at once, its example shows the next one, and what is wrong with it is told."""
    page.choose(name_pattern="{number}-{name}-{width}x{height}-{model}")
    page.pick("my:photo.png", small(4))
    example = page.page.locator("#name-example")
    expect(example).to_have_text("The next one: 1-my_photo-80x48-swift.png")
    page.enhance().wait_for_result()
    expect(page.page.locator("#download")).to_have_attribute("download", "1-my_photo-80x48-swift.png")
    page.choose(name_pattern="{name}-{date}")
    expect(page.page.locator("#download")).to_have_attribute(
        "download", re.compile(r"^my_photo-\d{4}-\d\d-\d\d\.png$")
    )
    page.choose(name_pattern="{nmae}")
    expect(example).to_contain_text("{nmae} is not known")
    assert not page.page.locator("#name-pattern").evaluate("e => e.checkValidity()")


def test_the_form_is_remembered(chromium: Browser, site_url: str) -> None:
    """After a reload every option is as it was left, also those that follow the model; nonsense is not."""
    for visit in visiting(chromium):
        visit.open(site_url).wait_until_ready()
        wanted = {
            "scale": "width", "width": "99", "depth": "8", "format": "webp", "quality": "71", "strength": "40",
            "device": "cpu", "tile": "64", "keep_exif": "on", "keep_location": "on",
            "name_pattern": "{date} {name}", "keep_work": "off",
        }  # fmt: skip
        visit.choose(**wanted)
        visit.page.reload()
        visit.wait_until_ready()
        for name, value in wanted.items():
            control = visit.page.locator("#" + name.replace("_", "-"))
            if value in ("on", "off"):
                expect(control).to_be_checked(checked=value == "on")
            else:
                expect(control).to_have_value(value)
        expect(visit.page.locator("#strength-value")).to_have_text("40 %")
        expect(visit.page.locator("#width-row")).to_be_visible()
        content = visit.pick("a.png", small(9)).enhance().wait_for_result()
        with Image.open(io.BytesIO(content)) as found:
            assert (found.format, found.width) == ("WEBP", 99)
        visit.page.evaluate(
            """() => localStorage.setItem("4xl-options", JSON.stringify(
                { scale: "77", width: "-3", format: [], quality: 12, "keep-exif": "yes", model: {}, other: 1 }))"""
        )
        visit.page.reload()
        visit.wait_until_ready()
        expect(visit.page.locator("#scale")).to_have_value("4")
        expect(visit.page.locator("#format")).to_have_value("png")
        expect(visit.page.locator("#quality")).to_have_value("92")
        expect(visit.page.locator("#keep-exif")).not_to_be_checked()
        assert phases(visit) == []


def test_a_change_before_the_models_are_known(chromium: Browser, site_url: str) -> None:
    """It does not take the model that was chosen at another visit, and is not offered yet, for given up."""
    for visit in visiting(chromium):
        held = holding(visit.page, "**/engine.tar")
        visit.page.add_init_script(
            """localStorage.setItem("4xl-options", JSON.stringify({ model: "mine" }))"""
        )
        visit.open(site_url)
        expect(visit.page.locator("#status")).to_contain_text("already", timeout=BOOT_MS)
        visit.choose(format="webp")
        kept = visit.page.evaluate("() => JSON.parse(localStorage.getItem('4xl-options'))")
        assert (kept["format"], kept["model"]) == ("webp", "mine")
        for route in held:
            route.abort()
