"""Chromium for the tests, and the page as a person uses it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from scripts.benching import browser as chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright

BOOT_MS = 120_000
"""Patience with a busy machine; what is expected of an idle one is measured by scripts/bench."""

JOB_MS = 180_000

_SOFTWARE_GPU = "--enable-unsafe-webgpu"


def launch(playwright: Playwright, *, webgpu: bool = True) -> Browser:
    """Start the Chromium of this machine.

    With ``webgpu`` it offers an adapter that computes on the processor.
    """
    return playwright.chromium.launch(
        executable_path=chromium.find(), args=[*chromium.ARGUMENTS, *([_SOFTWARE_GPU] if webgpu else [])]
    )


def launch_with_profile(playwright: Playwright, profile: Path) -> BrowserContext:
    """Start the Chromium of this machine with a profile on the disk, as a person's is."""
    return playwright.chromium.launch_persistent_context(
        profile, reduced_motion="reduce", executable_path=chromium.find(), args=[*chromium.ARGUMENTS]
    )


@dataclass
class Visit:
    """One visit to the page: what a person does, and what the browser saw."""

    page: Page
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Uncaught exceptions and console errors."""

    def __post_init__(self) -> None:
        """Listen from the start."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)

    def open(self, url: str) -> Visit:
        """Go to the page; Python may not have started yet."""
        self.page.goto(url, wait_until="commit")
        return self

    def wait_until_ready(self) -> Visit:
        """Wait until the engine has answered and the page offers its models."""
        expect(self.page.locator("#purpose")).not_to_be_empty(timeout=BOOT_MS)
        return self

    def pick(self, name: str, content: bytes) -> Visit:
        """Choose a file with the file input, in place of what is in the list."""
        self.page.evaluate("() => document.getElementById('clear')?.click()")
        return self.add(name, content)

    def add(self, name: str, content: bytes) -> Visit:
        """Choose one more file with the file input."""
        self.page.set_input_files("#file", {"name": name, "mimeType": "", "buffer": content})
        return self

    def choose(self, **options: str) -> Visit:
        """Set the form's controls by their ids (``tile="32"``, ``keep_exif="on"``), and the ``model``."""
        self.page.locator("#more-options").evaluate("details => { details.open = true }")
        for name, value in options.items():
            if name == "model":
                self.model(value).click()
                continue
            control = self.page.locator("#" + name.replace("_", "-"))
            if control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(value)
            elif control.get_attribute("type") == "checkbox":
                control.set_checked(value == "on")
            else:
                control.fill(value)
        return self

    def model(self, model_id: str) -> Locator:
        """Return the card of a model."""
        return self.page.locator("#models label", has=self.page.locator(f"input[value='{model_id}']"))

    @property
    def chosen_model(self) -> Locator:
        """The name on the card of the chosen model."""
        return self.page.locator("#models label:has(input:checked) [data-part=label]")

    def enhance(self) -> Visit:
        """Press Enhance as soon as that is possible."""
        expect(self.page.locator("#enhance")).to_be_enabled(timeout=BOOT_MS)
        self.page.click("#enhance")
        return self

    def wait_for_result(self) -> bytes:
        """Wait for the end of the job and return the bytes that Download would save."""
        self.page.locator("#result:not([hidden]), #status.error").first.wait_for(timeout=JOB_MS)
        assert self.page.locator("#result").is_visible(), self.status
        return self.download()

    def download(self) -> bytes:
        """Press Download and return what arrives."""
        with self.page.expect_download() as info:
            self.page.click("#download")
        path: Path = info.value.path()
        return path.read_bytes()

    def upscale(self, name: str, content: bytes, **options: str) -> bytes:
        """Do the whole job and return the result's file."""
        return self.choose(**options).pick(name, content).enhance().wait_for_result()

    def wait_for_error(self) -> str:
        """Wait until the status line tells an error and return it."""
        self.page.locator("#status.error").wait_for(timeout=JOB_MS)
        return self.status

    @property
    def status(self) -> str:
        """The line that says what is going on."""
        return self.page.inner_text("#status")

    @property
    def badge(self) -> tuple[str, str]:
        """The badge's word and its reason."""
        return self.page.inner_text("#badge-word"), self.page.locator("#badge-reason").text_content() or ""


def visiting(browser: Browser, **options: Any) -> Iterator[Visit]:
    """Yield a visit in a fresh profile, closed afterwards.

    Nothing moves on its page unless a test says so: borders that turn take a third of a core without a GPU.
    """
    context = browser.new_context(**{"accept_downloads": True, "reduced_motion": "reduce", **options})
    try:
        yield Visit(context.new_page())
    finally:
        context.close()


def pixels(content: bytes) -> NDArray[np.int32]:
    """Return the decoded samples of a file, signed so that they can be subtracted."""
    with Image.open(io.BytesIO(content)) as opened:
        return np.asarray(opened).astype(np.int32)
