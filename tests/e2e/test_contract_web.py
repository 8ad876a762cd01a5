"""The laws of runtimes over onnxruntime-web, in the engine's own worker: WebAssembly and WebGPU."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.building.policy import security_headers
from scripts.serving import answering, make_server
from tests.browser import BOOT_MS, visiting
from tests.contract import laws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

BOOT = """
async (patience_ms) => {
  const late = new Promise((_, reject) => setTimeout(reject, patience_ms, new Error("the worker does not start")));
  const started = async () => {
    const worker = () => document.querySelector("script[worker]")?.xworker;
    while (!worker()) await new Promise(requestAnimationFrame);
    await worker().ready;
  };
  await Promise.race([started(), late]);
}
"""

TRY = """
([law, provider]) =>
  document.querySelector("script[worker]").xworker.sync.run_law(law, provider, new URL(".", document.baseURI).href)
"""


def add_test_page(site: Path) -> None:
    """Put a page into ``site`` whose engine is the site's own, but for what it can be asked; it has no other Python."""
    here = Path(__file__).parent
    shutil.copyfile(here / "laws_engine.py", site / "app" / "laws_engine.py")
    shutil.copyfile(laws.__file__, site / "app" / "laws.py")
    config = json.loads((site / "engine.json").read_text())
    config["files"]["./app/laws.py"] = "./laws.py"
    (site / "laws.json").write_text(json.dumps(config))
    lines = (site / "index.html").read_text().splitlines()
    page = "\n".join(line for line in lines if "page_main.py" not in line)
    page = page.replace("engine_main.py", "laws_engine.py").replace("engine.json", "laws.json")
    page = page.replace(
        "</body>", '<py-config src="page.json"></py-config></body>'
    )  # names PyScript's plugins
    assert page.count("laws_engine.py") == page.count("laws.json") == 1
    (site / "laws.html").write_text(page)


@pytest.fixture(scope="module")
def laboratory(
    chromium: Browser, built_site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """Give the test page of a copy of the site, booted once for all laws."""
    site = tmp_path_factory.mktemp("laboratory") / "dist"
    shutil.copytree(built_site, site)
    add_test_page(site)
    with answering(make_server(site, headers=security_headers(), quiet=True)) as url:
        for visit in visiting(chromium):
            visit.open(f"{url}laws.html").page.evaluate(BOOT, BOOT_MS)
            yield visit.page


@pytest.mark.parametrize("law", laws.LAWS)
@pytest.mark.parametrize("provider", ["wasm", "webgpu"])
def test_law(provider: str, law: str, laboratory: Page) -> None:
    """The runtime keeps the law, whose docstring states it."""
    fault = laboratory.evaluate(TRY, [law, provider])
    assert not fault, fault
