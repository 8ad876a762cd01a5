"""How much memory the engine takes over idle while it enlarges large pictures, seen from outside."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.benching import browser, machine, pages, site
from scripts.benching.models import SWIFT
from scripts.benching.report import Report, mebibytes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

    from scripts.benching.pages import EnlargingPage
    from scripts.benching.pictures import Album
    from scripts.benching.site import BenchSite

INTERVAL_S = 0.05
SETTLE_S = 4.0
"""As long as idle is watched; its last half counts."""

SIZES = ((1024, 1024), (1024, 4096))

PRELUDE = "import js, pyodide_js\njs.benchPython = pyodide_js._module"

_WATCH_HEAPS = """() => {
  self.benchHeaps = [];
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (...given) {
    const memory = new Memory(...given);
    self.benchHeaps.push(memory);
    return memory;
  };
  WebAssembly.Memory.prototype = Memory.prototype;
}"""
"""onnxruntime-web makes its memory with the first picture; Python's is there already."""

_HEAPS = """() => [
  self.benchPython.HEAPU8.length,
  self.benchHeaps.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
]"""

_HIDE_RESULT = """() => {
  URL.createObjectURL = (blob) => {
    self.benchResultBytes = blob.size;
    return "data:,";
  };
}"""
"""Keeps the page from decoding and drawing the result: the engine is what is measured."""


@dataclass(frozen=True)
class Peak:
    """One picture; all in bytes."""

    idle: int
    """The renderer, page and engine together, before the picture."""

    engine: int
    """The renderer's peak over that."""

    browser: int
    """The same for the browser process, which keeps Blobs."""

    python_heap: int
    onnxruntime_heap: int
    """WebAssembly memories after the job; they never shrink."""

    result: int
    """The file."""


class Sampler(threading.Thread):
    """Reads the proportional set size of processes again and again."""

    def __init__(self, *pids: int) -> None:
        super().__init__(daemon=True)
        self._pids = pids
        self._stopped = threading.Event()
        self.samples: list[tuple[int, ...]] = []
        """Bytes of each process."""

    def run(self) -> None:
        """Sample until told to stop."""
        while not self._stopped.wait(INTERVAL_S):
            self.samples.append(tuple(map(proportional_bytes, self._pids)))

    def stop(self) -> list[tuple[int, ...]]:
        """Return all samples."""
        self._stopped.set()
        self.join()
        return self.samples


def proportional_bytes(pid: int) -> int:
    """Return a process's memory, with its share of what it shares with others (Linux)."""
    return parse_bytes(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss")


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has had at once, with all that it shares (Linux)."""
    return parse_bytes(Path(f"/proc/{pid}/status").read_text(), "VmHWM")


def parse_bytes(text: str, name: str) -> int:
    """Return the bytes that the kernel tells, in kB, in the line `name:`.

    Raises: ValueError without such a line.
    """
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"the kernel tells no {name}")


def measure(album: Album, rounds: int) -> Report:
    """Return the table for swift and PNG."""
    found: dict[str, list[Peak]] = {}
    with site.served(engine_prelude=PRELUDE) as served:
        for number in range(rounds):
            for width, height in SIZES:
                with browser.launched() as chromium:
                    where = machine.describe(browser.name(chromium.version), machine.web_versions())
                    peaks = _measure_page(chromium, served, album.file(number, width, height))
                for turn, peak in zip(("first", "second"), peaks, strict=True):
                    name = f"{width}x{height} to {width * 4}x{height * 4}, {turn} picture"
                    found.setdefault(name, []).append(peak)
                    print(f"· {name}: {mebibytes(peak.engine)} over {mebibytes(peak.idle)}", flush=True)
    report = Report("memory")
    report.say(
        f"Proportional set size (Linux) every {INTERVAL_S * 1000:.0f} ms, {SWIFT}, PNG, all threads, over the idle "
        f"page with its engine ready and no model loaded; medians of {rounds} fresh browsers. The second picture "
        f"is made in the same page, over the same idle. {where}."
    )
    header = ("", "idle", "engine over idle", "browser over idle", "Python heap", "onnxruntime heap", "file")
    fields = ("idle", "engine", "browser", "python_heap", "onnxruntime_heap", "result")
    rows = [
        (name, *(mebibytes(statistics.median(getattr(peak, field) for peak in peaks)) for field in fields))
        for name, peaks in found.items()
    ]
    report.table(header, rows)
    return report


def _measure_page(chromium: Browser, served: BenchSite, picture: bytes) -> list[Peak]:
    """Return the peaks of the first and the second picture of a page."""
    page = pages.open_ours(chromium, served.isolated, served.onnxruntime, model=SWIFT)
    page.realm.evaluate(_WATCH_HEAPS)
    page.pick(picture)
    page.page.evaluate(_HIDE_RESULT)
    pids = _processes(chromium.new_browser_cdp_session())
    idle = _idle(pids)
    return [_peak(page, pids, idle) for _ in range(2)]


def _peak(page: EnlargingPage, pids: tuple[int, ...], idle: list[int]) -> Peak:
    sampler = Sampler(*pids)
    sampler.start()
    page.enlarge()
    samples = sampler.stop()
    engine, main = (max(sample[i] for sample in samples) - idle[i] for i in range(2))
    python_heap, onnxruntime_heap = page.realm.evaluate(_HEAPS)
    result = page.page.evaluate("() => self.benchResultBytes")
    return Peak(idle[0], engine, main, python_heap, onnxruntime_heap, result)


def _idle(pids: tuple[int, ...]) -> list[int]:
    sampler = Sampler(*pids)
    sampler.start()
    time.sleep(SETTLE_S)
    samples = sampler.stop()
    settled = samples[len(samples) // 2 :]
    return [int(statistics.median(sample[i] for sample in settled)) for i in range(len(pids))]


def _processes(session: CDPSession) -> tuple[int, int]:
    """Return the renderer of the page, the largest there is, and the browser process."""
    found: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [process["id"] for process in found if process["type"] == "renderer"]
    (main,) = (process["id"] for process in found if process["type"] == "browser")
    return max(renderers, key=proportional_bytes), main
