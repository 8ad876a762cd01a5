"""The order in which the site is built."""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.building import (
    archives,
    fetching,
    keeping,
    models,
    packages,
    pages,
    policy,
    snapshots,
    vendoring,
)
from scripts.building.versions import PACKAGES, vendor_folders

PYTHON_PACKAGES = ("numpy", "pillow")
"""Packages of the engine's interpreter, by their names in Pyodide's lock."""


REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sources:
    """Where the parts of the site come from."""

    site: Path = REPOSITORY / "site"
    pyapp: Path = REPOSITORY / "pyapp"
    models: Path = REPOSITORY / "models"
    package_lock: Path = REPOSITORY / "package-lock.json"
    """Its packages are installed into node_modules beside it."""
    cache: Path = REPOSITORY / ".cache"


def build(
    output: Path,
    sources: Sources | None = None,
    connect_to: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Make the output folder the whole site, replacing what was there.

    Args:
        output: folder to make; it appears only when everything in it is ready.
        sources: where the parts come from.
        connect_to: origins besides our own that the page may talk to; those of model files join them.
        say: told what is being done.

    Raises:
        FileExistsError: the output folder holds something that no build has made.
        MissingWheelError, MissingPackagesError: something it needs could not be had.
        BadManifest: the table of models cannot be understood.

    """
    if output.exists() and any(output.iterdir()) and not (output / "index.html").is_file():
        raise FileExistsError(f"{output} holds something else than a built site; name another folder.")
    sources = sources or Sources()
    sources.cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="site-", dir=sources.cache) as folder:
        draft = Path(folder) / "site"
        folders = _add_vendored(draft / "vendor", sources, say)
        _add_own(draft, sources, folders, say)
        connect_to = [*connect_to, *models.origins(draft / "models")]
        _complete_pages(draft, policy.content_security_policy(connect_to), folders)
        (draft / policy.HEADERS).write_text(json.dumps(policy.security_headers(connect_to), indent=1))
        keeping.complete_service_worker(draft)
        shutil.rmtree(output, ignore_errors=True)
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(draft, output)


def _add_vendored(vendor: Path, sources: Sources, say: Callable[[str], None]) -> dict[str, str]:
    """Name of the folder under vendor/ that each kind of vendored files was put in."""
    folders = vendor_folders(sources.package_lock)
    node_modules = packages.install_packages(sources.package_lock, say)
    package = {folder: node_modules / name for folder, name in PACKAGES.items()}
    wheels = _fetch_wheels(package["pyodide"], folders["pyodide"], sources.cache / "wheels", say)
    say("copying vendored packages")
    vendoring.copy_pyscript(package["pyscript"], vendor / folders["pyscript"])
    vendoring.copy_pyodide(package["pyodide"], vendor / folders["pyodide"], wheels, PYTHON_PACKAGES)
    vendoring.copy_onnxruntime(package["onnxruntime"], vendor / folders["onnxruntime"])
    vendoring.copy_client_zip(package["client-zip"], vendor / folders["client-zip"])
    for font in ("sora", "manrope"):
        vendoring.copy_font(package[font], vendor / folders[font])
    pyodide, cache = vendor / folders["pyodide"], sources.cache / "snapshots"
    made = snapshots.make_snapshots(pyodide, package["pyscript"], PYTHON_PACKAGES, cache, say)
    folders["snapshots"] = f"snapshots-{snapshots.hash_files(sorted(made.iterdir()))}"
    shutil.copytree(made, vendor / folders["snapshots"])
    return folders


def _add_own(site: Path, sources: Sources, folders: dict[str, str], say: Callable[[str], None]) -> None:
    """Add the pages, our Python and the models."""
    say("copying pages, sources and models")
    pages.copy_site(sources.site, site, folders)
    page, engine = site / "app/page.tar", site / "app/engine.tar"
    archives.write_archive(page, sources.pyapp, archives.page_sources(sources.pyapp))
    archives.write_archive(engine, sources.pyapp, archives.engine_sources(sources.pyapp))
    pyodide, made = site / "vendor" / folders["pyodide"], site / "vendor" / folders["snapshots"]
    snapshots.compile_archives([page, engine], pyodide, made, sources.cache / "compiled", say)
    models.copy_models(sources.models, site / "models", say)


def _complete_pages(site: Path, security_policy: str, folders: dict[str, str]) -> None:
    for page in site.glob("*.html"):
        text = page.read_text()
        hints = pages.boot_hints(site, folders) if pages.STARTED_BY in text else []
        page.write_text(pages.complete_page(text, security_policy, hints))


def _fetch_wheels(pyodide: Path, folder: str, cache: Path, say: Callable[[str], None]) -> list[Path]:
    wheels = fetching.wheels_of(pyodide / "pyodide-lock.json", PYTHON_PACKAGES)
    if not all((cache / wheel.sha256).is_dir() for wheel in wheels):
        say(f"fetching {' and '.join(wheel.file_name for wheel in wheels)}")
    places = fetching.default_sources(folder.removeprefix("pyodide-"))
    return [fetching.fetch_wheel(wheel, cache, places) for wheel in wheels]
