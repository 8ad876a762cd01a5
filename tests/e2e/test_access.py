"""Whether everybody can use the page: every state of it, in both themes and both directions of writing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from scripts.building.site import REPOSITORY
from tests import looking, pictures
from tests.browser import JOB_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser import Visit

AXE = Path(REPOSITORY / "node_modules/axe-core/axe.min.js")

RUN_AXE = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 120)).join(" | ")}`);
}"""

SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, select, summary, input, [tabindex='0']")]
    .filter(control => control.checkVisibility({ visibilityProperty: true }) && !control.matches(".skip, #split"))
    .map(control => [control, (control.labels?.[0]?.contains(control) ? control.labels[0] : control).getBoundingClientRect()])
    .filter(([_, box]) => box.width < 43.9 || box.height < 43.9)
    .map(([control, box]) => `${control.id || control.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""

ACROSS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

SCENE = pictures.encoded(pictures.scene(96, 64))
LARGE = pictures.encoded(Image.new("RGB", (3200, 2400), "gray"))
"""Enough work for as long as it is looked at."""


def _more(visit: Visit) -> None:
    visit.page.locator("#more-options").evaluate("details => { details.open = true }")
    visit.page.locator("#strength").scroll_into_view_if_needed()


def _absent(visit: Visit) -> None:
    visit.page.locator("#more-options").evaluate("details => { details.open = false }")
    visit.page.locator("#absent").evaluate("fold => { fold.open = true }")


def _running(visit: Visit) -> None:
    visit.page.locator("#absent").evaluate("fold => { fold.open = false }")
    visit.pick("large.png", LARGE).enhance()
    expect(visit.page.locator("#cancel")).to_be_enabled(timeout=JOB_MS)


def _done(visit: Visit) -> None:
    visit.page.click("#cancel")
    expect(visit.page.locator("#cancel")).to_be_hidden(timeout=JOB_MS)
    visit.pick("scene.png", SCENE).enhance()
    expect(visit.page.locator("#result")).to_be_visible(timeout=JOB_MS)


def _trying(visit: Visit) -> None:
    visit.page.click("#try")
    visit.page.click("#trying [data-part=start]")
    expect(visit.page.locator("#trying [data-part=progress]")).to_have_text(
        "Done. Choose the one you like.", timeout=JOB_MS
    )
    expect(visit.page.locator("#trying li[data-model=swift] [data-part=use]")).to_be_visible()


def _failed(visit: Visit) -> None:
    _close(visit)
    visit.pick("broken.png", b"no picture").enhance()
    visit.wait_for_error()


def _batch(visit: Visit) -> None:
    visit.pick("one.png", SCENE).add("broken.png", b"no picture").enhance()
    expect(visit.page.locator("#items li[data-phase=failed]")).to_have_count(1, timeout=JOB_MS)
    expect(visit.page.locator("#cancel")).to_be_hidden(timeout=JOB_MS)
    for name in ("three.png", "four.png", "five.png"):
        visit.add(name, SCENE)
    expect(visit.page.locator("#items li")).to_have_count(5)


def _shelf(visit: Visit) -> None:
    visit.page.locator("#shelf").evaluate("shelf => { shelf.open = true; shelf.scrollIntoView() }")


def _bars(visit: Visit) -> None:
    visit.page.evaluate(
        """() => {
            document.querySelector("#left [data-part=text]").textContent = "A picture was half done.";
            for (const name of ["update", "left"]) document.getElementById(name).hidden = false;
            scrollTo(0, 0);
        }"""
    )


def _consent(visit: Visit) -> None:
    visit.page.evaluate(
        """() => {
            for (const name of ["update", "left"]) document.getElementById(name).hidden = true;
            const dialog = document.getElementById("consent");
            dialog.querySelector("[data-part=question]").textContent = "Send this picture to example.org?";
            dialog.querySelector("[data-part=reason]").textContent = "This device cannot enlarge it.";
            dialog.showModal();
        }"""
    )


def _close(visit: Visit) -> None:
    visit.page.locator("dialog[open]").evaluate_all("dialogs => dialogs.forEach(dialog => dialog.close())")


def _help(visit: Visit) -> None:
    _close(visit)
    visit.page.click("#help")
    expect(visit.page.locator("#help-dialog")).to_be_visible()


def _nothing(visit: Visit) -> None:
    _close(visit)
    visit.page.evaluate("() => { document.getElementById('clear').click(); scrollTo(0, 0) }")


STATES: dict[str, Callable[[Visit], None]] = {
    "empty": _nothing,
    "more options": _more,
    "absent models": _absent,
    "running": _running,
    "done": _done,
    "trying": _trying,
    "failed": _failed,
    "batch": _batch,
    "shelf": _shelf,
    "bars": _bars,
    "consent": _consent,
    "help": _help,
}
"""How to come to each state from the one before."""


@pytest.mark.parametrize("state", STATES)
def test_state(state: str, ready: Visit) -> None:
    """In every state axe finds nothing, all text can be read, targets are large and nothing sticks out sideways."""
    page = ready.page
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    looking.resize(page, 1280)
    STATES[state](ready)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    faults = []
    for theme, direction, width_px in (("light", "ltr", 1280), ("dark", "rtl", 1280), ("dark", "ltr", 360)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        looking.resize(page, width_px)
        where = f"{theme}, {direction}, {width_px} px"
        faults += [f"{where}: {fault}" for fault in page.evaluate(RUN_AXE)]
        faults += [f"{where}: contrast {fault}" for fault in looking.low_contrasts(page)]
        faults += [f"{where}: small {fault}" for fault in page.evaluate(SMALL_TARGETS)]
        faults += [f"{where}: sticks out by {page.evaluate(ACROSS)} px"] * (page.evaluate(ACROSS) > 0)
    page.evaluate("() => { document.documentElement.dir = 'ltr' }")
    assert not faults


def test_enlarged_to_400_percent(ready: Visit) -> None:
    """In a window of 320 x 256 everything is in one column, and nothing covers what has the focus."""
    page = ready.page
    _nothing(ready)
    looking.resize(page, 320)
    assert page.evaluate(ACROSS) <= 0
    covered = []
    page.locator("#theme").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        covered += _covered(page)
    assert not covered


def _covered(page: Page) -> list[str]:
    """Return the name of the control with the focus, if something else lies over its middle."""
    return page.evaluate(
        """() => {
            const focused = document.activeElement;
            const box = (focused.labels?.[0] ?? focused).getBoundingClientRect();
            const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
            if (box.height > innerHeight) return [];
            const over = document.elementFromPoint(x, y);
            const is_seen = over && (focused.contains(over) || focused.labels?.[0]?.contains(over) || over.contains(focused));
            return is_seen ? [] : [focused.id || focused.outerHTML.slice(0, 80)];
        }"""
    )
