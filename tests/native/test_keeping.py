"""What the build tells the service worker to keep, and the version it gives to that."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from scripts.building import policy
from scripts.building.keeping import complete_service_worker

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a site as the build has it before its service worker is completed."""
    root = tmp_path / "site"
    shutil.copytree(REPOSITORY / "models", root / "models")
    for name in (
        "boot/start.mjs",
        "icons/icon-192.png",
        "languages/de.json",
        "manifest.webmanifest",
        "vendor/client-zip-1/index.js",
        "vendor/sora-1/sora-latin.woff2",
        "vendor/onnxruntime-1/ort.wasm.min.mjs",
        "vendor/onnxruntime-1/ort.webgpu.min.mjs",
        "vendor/onnxruntime-1/ort-wasm-simd-threaded.asyncify.wasm",
        "vendor/pyodide-1/numpy.whl",
        "vendor/pyscript-1/LICENSE",
        "models/large.safetensors",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "index.html").write_text("<html><head></head><body></body></html>")
    (root / "config.json").write_text('{"server": null}')
    (root / "sw.js").write_text("addEventListener();\n")
    return root


def complete(site: Path, copy: Path) -> dict[str, Any]:
    """Return what is written in front of the service worker of a copy of ``site``."""
    shutil.copytree(site, copy)
    complete_service_worker(copy)
    text = (copy / "sw.js").read_text()
    assert text.endswith("};\naddEventListener();\n")
    built: dict[str, Any] = json.loads(text[len("const BUILT = ") : text.rindex(";\naddEventListener")])
    return built


def test_it_keeps_what_every_visit_needs(site: Path, tmp_path: Path) -> None:
    """All files of the site by their hashes, but models to download and what nobody fetches."""
    built = complete(site, tmp_path / "copy")
    assert built["files"].keys() == {
        "boot/start.mjs",
        "icons/icon-192.png",
        "index.html",
        "languages/de.json",
        "manifest.webmanifest",
        "vendor/client-zip-1/index.js",
        "vendor/sora-1/sora-latin.woff2",
        "models/answers/swift.png",
        "models/manifest.json",
        "models/swift.onnx",
        "vendor/onnxruntime-1/ort.wasm.min.mjs",
    }
    assert built["files"]["boot/start.mjs"] == hashlib.sha256(b"boot/start.mjs").hexdigest()
    assert built["headers"] == policy.ISOLATION
    sizes = [(tmp_path / "copy" / name).stat().st_size for name in built["files"]]
    assert built["size_bytes"] == sum(sizes)


def test_what_only_some_devices_need_is_kept_on_use(site: Path, tmp_path: Path) -> None:
    """WebGPU's larger runtime, and the wheels that stand in for snapshots."""
    assert complete(site, tmp_path / "copy")["files_on_use"].keys() == {
        "vendor/onnxruntime-1/ort.webgpu.min.mjs",
        "vendor/onnxruntime-1/ort-wasm-simd-threaded.asyncify.wasm",
        "vendor/pyodide-1/numpy.whl",
    }


@pytest.mark.parametrize("changed", ["index.html", "boot/start.mjs", "vendor/pyodide-1/numpy.whl"])
def test_any_change_is_another_version(changed: str, site: Path, tmp_path: Path) -> None:
    """The same files make the same version; one byte more makes another."""
    before = complete(site, tmp_path / "before")["version"]
    assert complete(site, tmp_path / "again")["version"] == before
    with (site / changed).open("a") as file:
        file.write(" ")
    assert complete(site, tmp_path / "after")["version"] != before


def test_the_configuration_is_no_part_of_the_build(site: Path, tmp_path: Path) -> None:
    """Another server is no other version, and which one it is is asked of the host, never of this device."""
    before = complete(site, tmp_path / "before")
    (site / "config.json").write_text('{"server": "https://space.example"}')
    after = complete(site, tmp_path / "after")
    assert after == before
    assert "config.json" not in {**after["files"], **after["files_on_use"]}


def test_a_page_says_its_version(site: Path, tmp_path: Path) -> None:
    """By that the service worker knows a page into which a host has written something."""
    version = complete(site, tmp_path / "copy")["version"]
    page = (tmp_path / "copy/index.html").read_text()
    assert (
        page.index("<head>")
        < page.index(f'<meta name="version" content="{version}">')
        < page.index("</head>")
    )


def test_the_readme_shows_the_headers_that_isolate() -> None:
    """What it says to put into a Space's card is what the policy says."""
    block = re.search(r"custom_headers:\n((?: +[\w-]+: [\w-]+\n)+)", (REPOSITORY / "README.md").read_text())
    assert block
    shown = dict(line.strip().split(": ") for line in block[1].splitlines())
    assert shown == {name.lower(): value for name, value in policy.ISOLATION.items()}
