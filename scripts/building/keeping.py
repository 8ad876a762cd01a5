"""What the service worker keeps on the device, and the version that this set of files has."""

import hashlib
import json
from pathlib import Path
from typing import Any

from fourxl import manifest
from scripts.building.policy import ISOLATION

SERVICE_WORKER = "sw.js"

KEPT_ON_USE = ("vendor/onnxruntime-*/*webgpu*", "vendor/onnxruntime-*/*asyncify*", "vendor/pyodide-*/*.whl")
"""Large files that only some devices ask for: for a GPU, or where the snapshots cannot be used."""

CONFIGURATION = "config.json"
"""Which server the page may use: asked of the host at every visit, and changed without another build."""

NEVER_ASKED_FOR = ("vendor/*/LICENSE*", "headers.json")

_BUILT, _END = "const BUILT = ", ";\n"
"""Around what is written before the worker's own program."""

MARKED_PAGE = '<meta name="version" content="{version}">\n</head>'


def complete_service_worker(site: Path) -> None:
    """Write the site's files and headers in front of its service worker, and the version into its pages.

    The version is of all files together, so any change makes another version: the browser notices that
    by the service worker's own bytes.
    """
    on_use = {path.relative_to(site).as_posix() for pattern in KEPT_ON_USE for path in site.glob(pattern)}
    files: dict[str, dict[str, str]] = {"files": {}, "files_on_use": {}}
    for path in _kept_files(site):
        name = path.relative_to(site).as_posix()
        files["files_on_use" if name in on_use else "files"][name] = _sha256(path.read_bytes())
    _write(site, {"headers": ISOLATION, **files}, (site / SERVICE_WORKER).read_text())


def renew_version(site: Path) -> None:
    """Give a built site, whose pages have been changed, the version that it would have been built with.

    Browsers that keep the page have the changed one then, as after any new build.
    """
    text = (site / SERVICE_WORKER).read_text().removeprefix(_BUILT)
    built, end = json.JSONDecoder().raw_decode(text)
    for page in site.glob("*.html"):
        unmarked = page.read_text().replace(MARKED_PAGE.format(version=built["version"]), "</head>", 1)
        page.write_text(unmarked)
        built["files"][page.name] = _sha256(unmarked.encode())
    _write(site, built, text[end:].removeprefix(_END))


def _write(site: Path, built: dict[str, Any], program: str) -> None:
    """Mark the pages with the version of the files in ``built``, and write both before the worker's program."""
    hashes = dict(sorted({**built["files"], **built["files_on_use"]}.items()))
    version = _sha256(json.dumps(hashes).encode())[:16]
    for page in site.glob("*.html"):
        page.write_text(page.read_text().replace("</head>", MARKED_PAGE.format(version=version), 1))
    told = {
        "version": version,
        "headers": built["headers"],
        "files": dict(sorted(built["files"].items())),
        "files_on_use": dict(sorted(built["files_on_use"].items())),
        "size_bytes": sum((site / name).stat().st_size for name in built["files"]),
    }
    (site / SERVICE_WORKER).write_text(f"{_BUILT}{json.dumps(told, indent=1)}{_END}{program}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _kept_files(site: Path) -> list[Path]:
    """Files that a page of this site may ask for, but models: those are kept by who downloads them."""
    models = site / "models"
    left_out = {site / SERVICE_WORKER, site / CONFIGURATION, *models.rglob("*")}
    left_out |= {path for pattern in NEVER_ASKED_FOR for path in site.glob(pattern)}
    table = models / "manifest.json"
    at_once = {table, *(models / name for name in _bundled(table))}
    return sorted(path for path in {*site.rglob("*")} - left_out | at_once if path.is_file())


def _bundled(table: Path) -> list[str]:
    """Paths, below the table's folder, of the models that need no download."""
    models = manifest.parse(table.read_bytes()).models
    return [
        file.path
        for spec in models
        if spec.trained is None
        for file in spec.files("wasm", "webgpu")
        if not file.url
    ]
