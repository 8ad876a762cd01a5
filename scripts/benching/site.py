"""The built site as the benches serve it: with more models, the direct page, and a way to look inside."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benching import models
from scripts.building.policy import security_headers
from scripts.building.site import REPOSITORY, Sources, build
from scripts.building.versions import vendor_folders, write_versions
from scripts.serving import answering, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECT = Path(__file__).with_name("direct")


@dataclass(frozen=True)
class BenchSite:
    """One site at two addresses."""

    isolated: str
    """Served as scripts/serve does: cross-origin isolated, so that WebAssembly has threads."""

    plain: str
    """Served without any header of ours: one thread."""

    onnxruntime: str
    """Path of onnxruntime-web's WebAssembly build, from the root."""

    models: Path
    """The folder of the models it serves."""


@contextlib.contextmanager
def served(weights: Path | None = None, engine_prelude: str = "") -> Iterator[BenchSite]:
    """Build a site in a temporary folder and serve it.

    `weights` is a folder with realesr-general-x4v3.safetensors, which the site then offers too.
    `engine_prelude` is Python that runs in the engine before its own entry.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as servers:
        folder = Path(name).resolve()
        sources = Sources()
        if weights:
            models.gather(folder / "gathered", weights)
            sources = replace(sources, models=folder / "gathered/models")
        if engine_prelude:
            sources = replace(sources, site=_with_prelude(folder / "site", engine_prelude))
        root = folder / "built"
        build(root, sources)
        if weights:
            shutil.copytree(folder / "gathered/plain", root / "models", dirs_exist_ok=True)
        folders = vendor_folders(sources.package_lock)
        _copy_direct(root / "direct", folders)
        yield BenchSite(
            isolated=servers.enter_context(
                answering(make_server(root, headers=security_headers(), quiet=True))
            ),
            plain=servers.enter_context(answering(make_server(root, quiet=True))),
            onnxruntime=f"vendor/{folders['onnxruntime']}/ort.wasm.min.mjs",
            models=root / "models",
        )


def _with_prelude(copy: Path, prelude: str) -> Path:
    shutil.copytree(REPOSITORY / "site", copy)
    entry = copy / "app/engine_main.py"
    entry.write_text(f"{prelude}\n{entry.read_text('utf-8')}", "utf-8")
    return copy


def _copy_direct(target: Path, folders: dict[str, str]) -> None:
    target.mkdir()
    for path in DIRECT.iterdir():
        (target / path.name).write_text(write_versions(path.read_text("utf-8"), folders), "utf-8")
