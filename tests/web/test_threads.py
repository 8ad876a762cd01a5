"""How many threads a browser gets, and what a person reads where it is one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from fourxl_web.language import told
from fourxl_web.worker.threads import ONE_FOR_WANT_OF_MEMORY, Surroundings, Threads, choose

DESKTOP = Surroundings(
    isolated=True, processors=4, user_agent="Mozilla/5.0 (X11; Linux x86_64)", touch_points=0, word=""
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
each = pytest.mark.parametrize


@each(("processors", "count"), [(2, 2), (3, 3), (4, 4), (6, 3), (8, 4), (12, 6), (16, 8), (128, 8)])
def test_a_thread_for_each_core(processors: int, count: int) -> None:
    """All of up to 4 logical processors, half of more, and 8 at most."""
    threads = choose(replace(DESKTOP, processors=processors))
    assert threads == Threads(count)
    assert told(threads.packed) == f"{count} threads"


@each(("user_agent", "touch_points"), [(PHONE, 5), (PHONE.replace("iPhone", "iPad"), 5), (MAC, 5)])
def test_one_on_ios(user_agent: str, touch_points: int) -> None:
    """Also on an iPad, which says that it is a Mac; a Mac itself has no touch screen and gets several."""
    assert choose(replace(DESKTOP, user_agent=user_agent, touch_points=touch_points)).count == 1
    assert choose(replace(DESKTOP, user_agent=MAC)).count == 4
    touching = replace(DESKTOP, touch_points=10)
    assert choose(touching).count == 4, "not everything with a touch screen is from Apple"


def test_one_when_switched_off() -> None:
    """The person's choice counts also where the host isolates the page anyway."""
    assert (
        told(choose(replace(DESKTOP, word="off")).packed)
        == "1 thread; several are switched off in this browser"
    )


@each("word", ["later", "framed", "insecure", "unsupported", "failed"])
def test_one_without_isolation(word: str) -> None:
    """Each reason is told in words of its own, and what the page cannot name is told as a failure."""
    alone = choose(replace(DESKTOP, isolated=False, word=word))
    assert alone.count == 1
    assert told(alone.packed).startswith("1 thread; several")
    others = {
        choose(replace(DESKTOP, isolated=False, word=other)).reason for other in ("off", "framed", "later")
    }
    assert (alone.reason in others) == (word in ("framed", "later"))
    assert choose(replace(DESKTOP, isolated=False)) == choose(replace(DESKTOP, isolated=False, word="failed"))


def test_one_of_one() -> None:
    """A single processor gets a single thread, and so does a device without memory for more."""
    assert told(choose(replace(DESKTOP, processors=1)).packed) == "1 thread; this device has one processor"
    assert told(ONE_FOR_WANT_OF_MEMORY.packed) == "1 thread; there was no memory for several"


def test_every_word_of_the_page_is_known() -> None:
    """What site/boot/service_worker.mjs may say has a sentence here."""
    script = (Path(__file__).parents[2] / "site/boot/service_worker.mjs").read_text()
    words = set(re.findall(r'(?:return|\?|:) ("\w+")', script)) - {'"on"', '"yes"'}
    assert {json.loads(word) for word in words} == {
        "off",
        "later",
        "framed",
        "insecure",
        "unsupported",
        "failed",
    }
    assert len({choose(replace(DESKTOP, isolated=False, word=json.loads(word))) for word in words}) == len(
        words
    )
