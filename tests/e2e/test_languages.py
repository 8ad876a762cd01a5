"""The page in each of its languages: from the first paint, in mid-job, and after a reload."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import pictures
from tests.browser import BOOT_MS, JOB_MS, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser import Visit

FILES = Path(__file__).parents[2] / "site/languages"
CODES = ("de", "es", "fr", "pt", "zh", "ja", "hi", "ar")
SCENE = pictures.encoded(pictures.scene())

TEXTS = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (!parent.closest("script, style, template, noscript, #language")) found.push(node.data.trim());
    }
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        for (const element of document.querySelectorAll(`[${name}]`)) found.push(element.getAttribute(name));
    }
    return [...new Set([...found, document.title].filter(Boolean))];
}"""
"""All that the page says, also where it is folded up."""

SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
}"""


@cache
def sentences(code: str) -> dict[str, str]:
    """Return a language's sentences by their keys."""
    found: dict[str, str] = json.loads((FILES / f"{code}.json").read_text())
    return found


@cache
def pattern(sentence: str) -> re.Pattern[str] | None:
    """Return what ``sentence`` looks like with any values; None when it has no words of its own."""
    parts = re.split(r"\{\w+\}", sentence)
    words = re.findall(r"[A-Za-z]{3,}", " ".join(parts))
    return re.compile(".+?".join(map(re.escape, parts)), re.DOTALL) if words else None


def said_in_english(texts: list[str], code: str) -> set[str]:
    """Return those of ``texts`` that are English sentences and none of the language's own."""
    own = sentences(code)
    foreign = [
        found for key, text in sentences("en").items() if own.get(key) != text and (found := pattern(text))
    ]
    ours = [found for text in own.values() if (found := pattern(text))]
    return {
        text
        for text in texts
        if any(found.fullmatch(text) for found in foreign)
        and not any(found.fullmatch(text) for found in ours)
    }


def speak(visit: Visit, code: str) -> None:
    """Choose a language, and return once the page speaks it."""
    visit.page.select_option("#language", code, force=True)
    expect(visit.page.locator("html")).to_have_attribute("lang", code)
    expect(visit.page.locator("#enhance")).to_have_text(sentences(code)["job.enhance"])


@pytest.fixture(scope="module")
def reading(chromium: Browser, site_url: str) -> Iterator[Visit]:
    """Give a booted page to a person whose browser prefers Arabic, on a phone's screen."""
    for visit in visiting(chromium, locale="ar-EG", viewport={"width": 360, "height": 780}):
        yield visit.open(site_url).wait_until_ready()


def test_english_sentences_are_found() -> None:
    """The search finds a sentence with values among others, and leaves names alone."""
    assert said_in_english(["Done in 1.5 s.", "GPU", "photo.png", "Fertig in 1,5 s."], "de") == {
        "Done in 1.5 s."
    }


def test_from_right_to_left(reading: Visit) -> None:
    """Arabic is found by the browser's wish, runs from right to left and needs no scrolling sideways."""
    root = reading.page.locator("html")
    expect(root).to_have_attribute("lang", "ar")
    expect(root).to_have_attribute("dir", "rtl")
    assert reading.page.title() == sentences("ar")["page.title"]
    title, tools = (reading.page.locator(name).bounding_box() for name in ("h1", "#help"))
    assert title is not None
    assert tools is not None
    assert title["x"] > tools["x"], "mirrored"
    assert reading.page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("code", ["ar", "de", "es", "fr", "pt", "zh", "ja", "hi"])
def test_nothing_is_left_in_english(reading: Visit, code: str) -> None:
    """Each language is spoken as soon as it is chosen, in every text and label, and fits a phone's screen."""
    speak(reading, code)
    expect(reading.page.locator("#status")).to_have_text(sentences(code)["status.choose"])
    assert said_in_english(reading.page.evaluate(TEXTS), code) == set()
    assert reading.page.evaluate("document.documentElement.scrollWidth") == 360
    assert reading.page.evaluate("document.documentElement.dir") == ("rtl" if code == "ar" else "ltr")
    assert reading.faults == []


def test_an_error_is_told_again_in_another_language(reading: Visit) -> None:
    """What went wrong is told in the language of then, and again in each that is chosen later."""
    speak(reading, "fr")
    reading.pick("nothing.png", b"").enhance()
    reading.wait_for_error()
    for code in ("fr", "ja", "en"):
        speak(reading, code)
        expect(reading.page.locator("#status")).to_have_text(sentences(code)["error.empty-image.empty-file"])


def test_in_mid_job(reading: Visit) -> None:
    """A job goes on while the language changes; its steps, the badge and the report follow."""
    speak(reading, "de")
    reading.choose(tile="32", model="swift").pick("scene.png", SCENE).enhance()
    status = reading.page.locator("#status")
    expect(status).to_have_text(re.compile("Kachel .+ von "), timeout=JOB_MS)
    speak(reading, "es")
    expect(status).to_have_text(re.compile("tesela .+ de |^Terminado en "), timeout=JOB_MS)
    reading.wait_for_result()
    for code in ("es", "ar", "zh"):
        speak(reading, code)
        reason = reading.badge[1]
        assert any(
            re.fullmatch(".+?".join(map(re.escape, re.split(r"\{\w+\}", text))), reason)
            for key, text in sentences(code).items()
            if key.startswith("badge.")
        ), reason
        assert said_in_english(reading.page.evaluate(TEXTS), code) == set()


def test_the_choice_is_kept(reading: Visit) -> None:
    """After a reload the page speaks what was chosen, before Python has started, and nothing moves for it."""
    speak(reading, "hi")
    reading.page.add_init_script(f"({SHIFTS})()")
    reading.page.reload(wait_until="commit")
    expect(reading.page.locator("#enhance")).to_have_text(sentences("hi")["job.enhance"])
    assert reading.page.evaluate("document.documentElement.dataset.engine") != "ready"
    expect(reading.page.locator("html[data-engine=ready]")).to_be_attached(timeout=BOOT_MS)
    expect(reading.page.locator("#status")).to_have_text(sentences("hi")["status.choose"])
    assert reading.page.evaluate("window.shifted") < 0.1
    expect(reading.page.locator("#language")).to_have_value("hi")


def test_without_its_file(visit: Visit, site_url: str) -> None:
    """Where a language cannot be fetched the page stays in English, and can be used."""
    visit.page.context.route("**/languages/de.json", lambda route: route.abort())
    visit.open(site_url)
    expect(visit.page.locator("#enhance")).to_have_text("Enhance", timeout=BOOT_MS)
    visit.page.select_option("#language", "de", force=True)
    expect(visit.page.locator("#language")).to_have_value("en")
    expect(visit.page.locator("html")).to_have_attribute("lang", "en")
