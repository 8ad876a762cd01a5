"""What the service worker keeps on the device, and the version that this set of files has."""

import hashlib
import json
from pathlib import Path

from fourxl import manifest
from scripts.building.policy import ISOLATION

SERVICE_WORKER = "sw.js"

KEPT_ON_USE = ("vendor/onnxruntime-*/*webgpu*", "vendor/onnxruntime-*/*asyncify*", "vendor/pyodide-*/*.whl")
"""Large files that only some devices ask for: for a GPU, or where the snapshots cannot be used."""

CONFIGURATION = "config.json"
"""Which server the page may use: asked of the host at every visit, and changed without another build."""

NEVER_ASKED_FOR = ("vendor/*/LICENSE", "headers.json")

MARKED_PAGE = '<meta name="version" content="{version}">\n</head>'


def complete_service_worker(site: Path) -> None:
    """Write the site's files and headers in front of its service worker, and the version into its pages.

    The version is of all files together, so any change makes another version: the browser notices that
    by the service worker's own bytes.
    """
    paths = {path.relative_to(site).as_posix(): path for path in _kept_files(site)}
    on_use = {path.relative_to(site).as_posix() for pattern in KEPT_ON_USE for path in site.glob(pattern)}
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(paths.items())}
    version = hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:16]
    for page in site.glob("*.html"):
        page.write_text(page.read_text().replace("</head>", MARKED_PAGE.format(version=version), 1))
    built = {
        "version": version,
        "headers": ISOLATION,
        "files": {name: digest for name, digest in hashes.items() if name not in on_use},
        "files_on_use": {name: digest for name, digest in hashes.items() if name in on_use},
        "size_bytes": sum(path.stat().st_size for name, path in paths.items() if name not in on_use),
    }
    worker = site / SERVICE_WORKER
    worker.write_text(f"const BUILT = {json.dumps(built, indent=1)};\n{worker.read_text()}")


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
