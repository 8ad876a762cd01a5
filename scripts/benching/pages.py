"""A page that enlarges pictures, ours or the direct one, with stopwatches on its job and its session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Worker

PATIENCE_MS = 300_000

_WATCH_SESSION = """async (address) => {
  const now = () => performance.timeOrigin + performance.now();
  const prototype = (await import(address)).InferenceSession.prototype;
  const run = prototype.run;
  self.benchRuns = [];
  prototype.run = async function (...given) {
    const started = now();
    try {
      return await run.apply(this, given);
    } finally {
      self.benchRuns.push([started, now()]);
    }
  };
}"""

_TAKE_RUNS = "() => self.benchRuns.splice(0)"

_PRESS = """() => new Promise((resolve, reject) => {
  const now = () => performance.timeOrigin + performance.now();
  const [link, status] = ["download", "status"].map((id) => document.getElementById(id));
  const watcher = new MutationObserver((changes) => {
    const finished = now();
    if (status.classList.contains("error")) {
      watcher.disconnect();
      reject(new Error(status.textContent));
    } else if (changes.some((change) => change.target === link)) {
      watcher.disconnect();
      resolve([started, finished]);
    }
  });
  watcher.observe(link, { attributeFilter: ["href"] });
  watcher.observe(status, { attributeFilter: ["class"] });
  const started = now();
  document.getElementById("enhance").click();
})"""
"""Both pages have the same ids; the result is there when Download leads to it."""


@dataclass(frozen=True)
class Job:
    """One picture, from the click to the Blob of the result."""

    whole_s: float
    """From the click on Enhance until the page can offer the result."""

    session_s: float
    """The part between the call and the answer of onnxruntime-web's `session.run`."""

    tiles: int

    @property
    def rest_s(self) -> float:
        """Everything else: messages, decoding, tiles, blending, encoding."""
        return self.whole_s - self.session_s


class EnlargingPage:
    """An open page, ready for pictures."""

    def __init__(self, page: Page, realm: Page | Worker, onnxruntime: str) -> None:
        """Watch the sessions of `realm`, where the page computes; `onnxruntime` is the module's address."""
        self.page, self.realm = page, realm
        realm.evaluate(_WATCH_SESSION, onnxruntime)

    def pick(self, content: bytes) -> None:
        """Choose a picture."""
        self.page.set_input_files("#file", {"name": "photo.png", "mimeType": "image/png", "buffer": content})
        self.page.locator("#enhance:enabled").wait_for(timeout=PATIENCE_MS)

    def choose(self, **values: str) -> None:
        """Set controls by their ids."""
        for control, value in values.items():
            found: str = self.page.evaluate(
                """([id, value]) => {
                  const control = document.getElementById(id);
                  control.value = value;
                  control.dispatchEvent(new Event("input", { bubbles: true }));
                  control.dispatchEvent(new Event("change", { bubbles: true }));
                  return control.value;
                }""",
                [control, value],
            )
            if found != value:
                raise RuntimeError(f"the page has no {control} {value}")

    def enlarge(self) -> Job:
        """Press Enhance and return how long the result took.

        Raises: playwright's Error with what the page says.
        """
        self.page.bring_to_front()
        self.realm.evaluate(_TAKE_RUNS)
        started, finished = self.page.evaluate(_PRESS)
        runs: list[list[float]] = self.realm.evaluate(_TAKE_RUNS)
        session_ms = sum(stop - start for start, stop in runs)
        return Job((finished - started) / 1000, session_ms / 1000, len(runs))

    def result(self) -> bytes:
        """Return the file that the page offers for download."""
        with self.page.expect_download() as download:
            self.page.locator("#download").click()
        return download.value.path().read_bytes()


def open_ours(browser: Browser, address: str, onnxruntime: str, **values: str) -> EnlargingPage:
    """Open our page, computing on the processor, and wait for its engine; `values` are further controls.

    Its service worker would add threads where the host gives none, and fetch files during the first job.
    """
    page = browser.new_page(service_workers="block")
    page.goto(address)
    page.locator("#status", has_text="Choose, drop or paste").wait_for(timeout=PATIENCE_MS)
    opened = EnlargingPage(page, engine_of(page), address + onnxruntime)
    opened.choose(device="cpu", **values)
    return opened


def open_direct(browser: Browser, address: str, onnxruntime: str, **query: Any) -> EnlargingPage:
    """Open the plain JavaScript page; `query` says model, threads and tile."""
    page = browser.new_page()
    page.goto(f"{address}direct/index.html?" + "&".join(f"{name}={value}" for name, value in query.items()))
    page.locator("#status", has_text="Ready").wait_for(timeout=PATIENCE_MS)
    return EnlargingPage(page, page, address + onnxruntime)


def engine_of(page: Page) -> Worker:
    """Return the worker with the engine; before the first picture there is no other."""
    (worker,) = page.workers
    return worker
