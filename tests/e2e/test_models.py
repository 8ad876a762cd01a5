"""Models come once, whole and right: over bad connections, from bad servers, with and without room."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from scripts.building.site import Sources, build
from scripts.serving import answering, make_server
from tests import pictures
from tests.browser import BOOT_MS, JOB_MS, Visit, pixels, visiting
from tests.e2e.stand_in_models import ELSEWHERE, MODEL, SIBLING, UNPUBLISHED, ModelServer, write_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Route

SCENE = pictures.encoded(pictures.scene())
ENLARGED = np.repeat(np.repeat(pixels(SCENE), 4, axis=0), 4, axis=1)
WEIGHTS, GRAPH = f"{MODEL}.safetensors", "graphs/nearest.onnx"
SIZE_BYTES = 1_500_000
each = pytest.mark.parametrize

STORED = """async () => {
    const keys = await (await caches.open("4xl-models")).keys();
    return keys.map(key => key.url.split("/").at(-1)).sort();
}"""

DAMAGE = """async (how) => {
    const cache = await caches.open("4xl-models");
    for (const key of await cache.keys()) {
        const bytes = new Uint8Array(await (await cache.match(key)).arrayBuffer());
        if (how === "flipped") bytes[bytes.length >> 1] ^= 1;
        const wrong = { flipped: bytes, truncated: bytes.subarray(9), "web page": "<!doctype html>", empty: "" };
        await cache.put(key, new Response(wrong[how]));
    }
}"""

NO_ROOM, NO_STORE = "no room left", "does not let the page keep models"
PRELUDES = {
    "a full disk": """
import js
from pyodide.ffi import create_proxy
full = js.DOMException.new("full", "QuotaExceededError")
js.Cache.prototype.put = create_proxy(lambda *_: js.Promise.reject(full))
""",
    "no store": """
import js
js.Object.defineProperty(js.self, "caches", js.Object.fromEntries([["value", None]]))
""",
}
"""What the engine's program begins with, for a browser that behaves so."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    """Serve a site that was built with stand-in models."""
    folder = tmp_path_factory.mktemp("stand_ins")
    sources = Sources(models=folder / "models")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    with answering(make_server(elsewhere, headers={"Access-Control-Allow-Origin": "*"}, quiet=True)) as url:
        write_models(sources.models, Sources().models, elsewhere, url)
        build(folder / "dist", sources)
        with ModelServer(folder / "dist") as opened, answering(opened):
            yield opened


@pytest.fixture(scope="module")
def booted(chromium: Browser, server: ModelServer) -> Iterator[Visit]:
    """Give one booted page for all tests that leave no trace but a stored model."""
    for opened in visiting(chromium):
        yield opened.open(address(server)).wait_until_ready()


@pytest.fixture
def empty(booted: Visit, server: ModelServer) -> Visit:
    """Give the booted page without any model on this device, and a server that behaves."""
    server.behave()
    booted.page.locator("#shelf").evaluate("shelf => { shelf.open = true }")
    for label in booted.page.locator("#shelf h3").all_inner_texts():
        if button(booted, f"Delete {label}").is_visible():
            button(booted, f"Delete {label}").click()
            expect(button(booted, f"Delete {label}")).to_be_hidden()
    expect(booted.page.locator("#shelf summary")).to_have_text("Models on this device: none yet")
    return booted.choose(model=MODEL)


def address(server: ModelServer) -> str:
    """Return where the site is."""
    return f"http://localhost:{server.server_port}/"


def row(visit: Visit, label: str) -> Locator:
    """Return what the section says of one model."""
    return visit.page.locator("#shelf li").filter(
        has=visit.page.get_by_role("heading", name=label, exact=True, include_hidden=True)
    )


def button(visit: Visit, name: str) -> Locator:
    """Return a button of the section by its accessible name."""
    return visit.page.get_by_role("button", name=name, exact=True)


def weights_asked(server: ModelServer) -> list[str]:
    """Return the Range of each request for the weights."""
    return [asked for name, asked in server.asked if name == WEIGHTS]


def go_on_at(amount: str, visit: Visit, server: ModelServer) -> None:
    """Let the server go on, or break off, once the page tells that so much is here."""
    line = f"Downloading the model Nearest: {amount} of 1.4 MB"
    expect(visit.page.locator("#status")).to_have_text(line, timeout=JOB_MS)
    server.go_on.set()


def is_enlarged(content: bytes) -> bool:
    """Whether the file is the scene with each pixel repeated, as the stand-in network does."""
    return bool(np.abs(pixels(content) - ENLARGED).max() <= 1)


def test_enhance_downloads_the_model_and_tells(empty: Visit, server: ModelServer) -> None:
    """The size is said before; Enhance downloads with progress in words and in the bar; then nothing is fetched again."""
    server.replies = ["pause"]
    page = empty.page
    expect(page.locator("#purpose")).to_have_text("Repeats pixels. 1.4 MB to download first.")
    expect(row(empty, "Nearest")).to_contain_text("Not downloaded, 1.4 MB.")
    empty.pick("scene.png", SCENE).enhance()
    expect(page.locator("#status")).to_have_text(
        "Downloading the model Nearest: 0.7 of 1.4 MB", timeout=JOB_MS
    )
    assert 0.4 < page.locator("#progress").evaluate("bar => bar.value") < 0.6
    server.go_on.set()
    assert is_enlarged(empty.wait_for_result())
    expect(row(empty, "Nearest")).to_contain_text("On this device, 1.4 MB.")
    expect(page.locator("#purpose")).to_have_text("Repeats pixels.")
    expect(page.locator("#shelf summary")).to_have_text(
        re.compile(r"1\.[47] MB used$")
    )  # the bundled one may be there
    empty.enhance().wait_for_result()
    assert sorted(server.asked) == [(GRAPH, ""), (WEIGHTS, "")]


def test_a_cut_connection_is_resumed(empty: Visit, server: ModelServer) -> None:
    """After each cut only the rest is asked for, and the result is right."""
    server.replies = ["cut", "503", "cut"]
    empty.pick("scene.png", SCENE).enhance()
    go_on_at("0.7", empty, server)
    go_on_at("1.1", empty, server)
    assert is_enlarged(empty.wait_for_result())
    first, *later = weights_asked(server)
    begins = [int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) for asked in later]  # type: ignore[index]
    assert first == ""
    assert 0 < begins[0] == begins[1] < begins[2] < SIZE_BYTES


def test_a_server_that_cannot_resume(empty: Visit, server: ModelServer) -> None:
    """A server that sends everything again costs time, and nothing else."""
    server.can_resume = False
    server.replies = ["cut"]
    empty.pick("scene.png", SCENE).enhance()
    go_on_at("0.7", empty, server)
    assert is_enlarged(empty.wait_for_result())
    assert len(weights_asked(server)) == 2


def test_a_connection_that_keeps_breaking(empty: Visit, server: ModelServer) -> None:
    """After some attempts the error says what to do, and the next press goes on where it stopped."""
    server.replies = ["cut", *["503"] * 3]
    empty.pick("scene.png", SCENE).enhance()
    go_on_at("0.7", empty, server)
    assert "Check the connection" in empty.wait_for_error()
    asked_before = len(server.asked)
    assert is_enlarged(empty.enhance().wait_for_result())
    ((name, asked),) = server.asked[asked_before:]
    assert name == WEIGHTS
    assert asked.startswith("bytes=")


@each("wrong", ["web page", "flipped", "truncated"])
def test_wrong_answers_never_reach_a_session(wrong: str, empty: Visit, server: ModelServer) -> None:
    """A wrong file is fetched once more; wrong again it is refused in words, and nothing of it is kept."""
    server.replies = [wrong, wrong]
    sentence = empty.pick("scene.png", SCENE).enhance().wait_for_error()
    assert WEIGHTS in sentence
    assert "not the published one" in sentence
    assert len(weights_asked(server)) == 2
    expect(row(empty, "Nearest")).to_contain_text("Partly downloaded, 1.4 MB missing.")
    server.replies = [wrong]
    assert is_enlarged(empty.enhance().wait_for_result())


def test_a_missing_file(empty: Visit, server: ModelServer) -> None:
    """A file that the site does not have is told with the site's answer, and another model works."""
    server.replies = ["404"]
    sentence = empty.pick("scene.png", SCENE).enhance().wait_for_error()
    assert "404" in sentence
    assert "choose another model" in sentence
    assert len(weights_asked(server)) == 1
    assert pixels(empty.choose(model="swift").enhance().wait_for_result()).shape == ENLARGED.shape


@each("how", ["flipped", "truncated", "web page", "empty"])
def test_a_damaged_store_is_healed(how: str, empty: Visit, server: ModelServer) -> None:
    """What is wrong in the store is thrown away, fetched once more, and right from then on."""
    empty.upscale("scene.png", SCENE)
    empty.page.evaluate(DAMAGE, how)
    button(empty, "Download Nearest too").click()  # another model, so that the session is opened anew
    expect(row(empty, "Nearest too")).to_contain_text("On this device")
    empty.choose(model=SIBLING).enhance().wait_for_result()
    server.behave()
    assert is_enlarged(empty.choose(model=MODEL).enhance().wait_for_result())
    assert (WEIGHTS, "") in server.asked
    empty.choose(model=SIBLING).enhance().wait_for_result()
    server.behave()
    assert is_enlarged(empty.choose(model=MODEL).enhance().wait_for_result())
    assert server.asked == []


def test_cancel_during_a_download(empty: Visit, server: ModelServer) -> None:
    """Cancel ends a download that is stuck, at once; the next press goes on from there."""
    server.replies = ["pause"]
    empty.pick("scene.png", SCENE).enhance()
    status = empty.page.locator("#status")
    expect(status).to_have_text(re.compile("Downloading .*0.7 of 1.4 MB"), timeout=JOB_MS)
    empty.page.click("#cancel")
    expect(status).to_have_text(re.compile("Cancelled"), timeout=2000)
    assert is_enlarged(empty.enhance().wait_for_result())
    assert weights_asked(server)[1].startswith("bytes=")


def test_download_and_delete_on_the_shelf(empty: Visit, server: ModelServer) -> None:
    """A model is downloaded, stopped, gone on with and deleted without a picture; what another one needs stays."""
    server.replies = ["pause"]
    button(empty, "Download Nearest").click()
    expect(row(empty, "Nearest")).to_contain_text("Downloading: 0.7 of 1.4 MB")
    expect(button(empty, "Download Nearest too")).to_be_disabled()
    button(empty, "Cancel Nearest").click()
    expect(row(empty, "Nearest")).to_contain_text("Partly downloaded, 1.4 MB missing.")
    button(empty, "Download Nearest").click()
    expect(row(empty, "Nearest")).to_contain_text("On this device, 1.4 MB.")
    assert weights_asked(server)[1].startswith("bytes=")
    button(empty, "Download Nearest too").click()
    expect(row(empty, "Nearest too")).to_contain_text("On this device")
    assert [name for name, _ in server.asked].count(GRAPH) == 1
    assert len(empty.page.evaluate(STORED)) == 3
    button(empty, "Delete Nearest").click()
    expect(row(empty, "Nearest")).to_contain_text("Not downloaded")
    expect(row(empty, "Nearest too")).to_contain_text("On this device")
    button(empty, "Delete Nearest too").click()
    expect(empty.page.locator("#shelf summary")).to_have_text("Models on this device: none yet")
    assert empty.page.evaluate(STORED) == []


def test_a_failed_download_on_the_shelf(empty: Visit, server: ModelServer) -> None:
    """An error is told beside the model it belongs to, and Download is offered again."""
    server.replies = ["404"]
    button(empty, "Download Nearest").click()
    expect(row(empty, "Nearest").locator(".error")).to_contain_text("404")
    button(empty, "Download Nearest").click()
    expect(row(empty, "Nearest")).to_contain_text("On this device")


def test_a_file_that_lies_elsewhere(empty: Visit, server: ModelServer) -> None:
    """A file with an address is fetched from there, once, and from no other foreign place."""
    empty.requests.clear()
    assert is_enlarged(empty.choose(model=ELSEWHERE).upscale("scene.png", SCENE))
    foreign = [url for url in empty.requests if not url.startswith((address(server), "blob:"))]
    assert [url.rpartition("/")[2] for url in foreign] == ["afar.bin"]
    expect(row(empty, "Elsewhere")).to_contain_text("On this device, 59 KB.")


def test_a_model_that_is_not_on_this_site(booted: Visit) -> None:
    """It is folded away, cannot be chosen, and the section says how it is added; nothing offers to download it."""
    card = booted.model(UNPUBLISHED)
    expect(card.locator("[data-part=label]")).to_have_text("Not made (not on this site)")
    expect(card.locator("input")).to_be_disabled()
    expect(card).to_be_hidden()
    fold = booted.page.locator("#absent summary")
    expect(fold).to_have_text("1 model not available here")
    fold.click()
    expect(card).to_be_visible()
    booted.page.locator("#shelf").evaluate("shelf => { shelf.open = true }")
    expect(row(booted, "Not made")).to_contain_text(f"scripts/export_onnx.py {UNPUBLISHED}")
    assert row(booted, "Not made").get_by_role("button").count() == 0


@each("width", [360, 1280])
def test_the_section_fits(width: int, booted: Visit) -> None:
    """Nothing of it is cut off, on a telephone or a large screen, and its buttons are large enough for a finger."""
    booted.page.set_viewport_size({"width": width, "height": 900})
    booted.page.locator("#shelf").evaluate("shelf => { shelf.open = true }")
    assert booted.page.evaluate("document.documentElement.scrollWidth") <= width
    for found in booted.page.locator("#shelf button:visible").all():
        box = found.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


def test_the_second_visit_asks_for_no_model(visit: Visit, server: ModelServer) -> None:
    """A model that was stored is there on the next visit, and nobody is asked for it."""
    visit.open(address(server)).wait_until_ready()
    server.behave()
    visit.choose(model=MODEL).upscale("scene.png", SCENE)
    second = Visit(visit.page.context.new_page())
    visit.page.close()
    server.behave()
    second.open(address(server)).wait_until_ready().choose(model=MODEL)
    assert is_enlarged(second.upscale("scene.png", SCENE))
    assert server.asked == []


def test_works_offline_once_it_says_so(visit: Visit, server: ModelServer) -> None:
    """A stored model is said to work offline when the page is kept too; then it does."""
    page = visit.page
    visit.open(address(server)).wait_until_ready()
    page.locator("#shelf").evaluate("shelf => { shelf.open = true }")
    button(visit, "Download Nearest").click()
    expect(row(visit, "Nearest")).to_contain_text("On this device")
    expect(row(visit, "Nearest")).to_contain_text("Works offline.", timeout=BOOT_MS)
    expect(page.locator("#kept")).to_be_visible()
    page.context.set_offline(True)
    visit.open(address(server)).wait_until_ready()
    assert is_enlarged(visit.choose(model=MODEL).upscale("scene.png", SCENE))


@each(
    ("reason", "words"),
    [("a quota that is used up", NO_ROOM), ("a full disk", NO_ROOM), ("no store", NO_STORE)],
)
def test_kept_in_memory(reason: str, words: str, visit: Visit, server: ModelServer) -> None:
    """Where a model cannot be stored it is used all the same, fetched once a visit, and that is said."""
    page = visit.page
    if reason in PRELUDES:

        def alter(route: Route) -> None:
            route.fulfill(body=PRELUDES[reason] + route.fetch().text(), content_type="text/plain")

        page.context.route("**/engine_main.py", alter)
    visit.open(address(server)).wait_until_ready()
    if reason not in PRELUDES:
        expect(page.locator("#kept")).to_be_visible(timeout=BOOT_MS)  # nothing else is stored from now on
        usage = page.evaluate("navigator.storage.estimate().then(({ usage }) => usage)")
        quota = {"origin": address(server).rstrip("/"), "quotaSize": usage + SIZE_BYTES // 2}
        page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    server.behave()
    visit.choose(model=MODEL).upscale("scene.png", SCENE)
    expect(page.locator("#report")).to_contain_text(words)
    page.locator("#shelf").evaluate("shelf => { shelf.open = true }")
    expect(row(visit, "Nearest")).to_contain_text("In memory until this page is closed, 1.4 MB.")
    expect(page.locator("#shelf")).to_contain_text(words)
    visit.choose(model="swift").enhance().wait_for_result()
    server.behave()
    assert is_enlarged(visit.choose(model=MODEL).enhance().wait_for_result())
    assert server.asked == []
