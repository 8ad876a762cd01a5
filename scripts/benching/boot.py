"""How soon the page is usable and the engine ready: with a fresh profile, and at the second visit."""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benching import browser, machine, site
from scripts.benching.pages import PATIENCE_MS
from scripts.benching.report import Report, seconds

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

_READY = "Choose, drop or paste a picture."
"""What the status line says once the engine waits for a picture."""

_WATCH = f"""(() => {{
  const watcher = new MutationObserver(() => {{
    if (document.getElementById("status")?.textContent === "{_READY}") {{
      self.benchReadyAt = performance.now();
      watcher.disconnect();
    }}
  }});
  watcher.observe(document, {{ subtree: true, childList: true, characterData: true }});
}})()"""

_TIMES = """() => {
  const [navigation] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return [navigation.domContentLoadedEventEnd, paint?.startTime ?? 0, self.benchReadyAt];
}"""


@dataclass(frozen=True)
class Visit:
    """One visit, in milliseconds from the moment the browser went to the page."""

    content_loaded_ms: float
    """The document is complete: every control is there and works."""

    first_paint_ms: float
    """The first text is drawn."""

    engine_ready_ms: float
    """A picture would be enlarged at once."""

    @property
    def usable_ms(self) -> float:
        """A person sees the page and can choose a file."""
        return max(self.content_loaded_ms, self.first_paint_ms)


def measure(rounds: int) -> Report:
    """Return the table of cold and warm visits."""
    visits: dict[str, list[Visit]] = {}
    with site.served() as served:
        where = machine.describe(machine.web_versions())
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as profile, browser.with_profile(Path(profile)) as context:
                version = context.browser.version if context.browser else _version(context)
                for name in ("cold: a fresh profile", "warm: the second visit"):
                    visit = _visit(context, served.isolated)
                    visits.setdefault(name, []).append(visit)
                    print(f"· {name}: {visit}", flush=True)
    report = Report("boot")
    report.say(
        f"From the moment the browser goes to the page; medians of {rounds} fresh profiles, each visited twice. "
        f"{browser.name(version)}; {where}."
    )
    header = ("", "usable", "of that: document", "first paint", "engine ready")
    report.table(header, [_row(name, found) for name, found in visits.items()])
    return report


def _visit(context: BrowserContext, address: str) -> Visit:
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(address)
    page.locator("#status", has_text=_READY).wait_for(timeout=PATIENCE_MS)
    visit = Visit(*page.evaluate(_TIMES))
    page.locator("#kept").wait_for(timeout=PATIENCE_MS)  # the next visit finds the site on the device
    page.close()
    return visit


def _version(context: BrowserContext) -> str:
    page = context.new_page()
    product: str = context.new_cdp_session(page).send("Browser.getVersion")["product"]
    page.close()
    return product.partition("/")[2]


def _row(name: str, visits: list[Visit]) -> tuple[str, ...]:
    names = ("usable_ms", *(field.name for field in fields(Visit)))
    return name, *(
        seconds(statistics.median(getattr(visit, name) for visit in visits) / 1000) for name in names
    )
