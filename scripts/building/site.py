"""The order in which the site is built."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.building import archives, fetching, packages, pages, policy, snapshots, vendoring
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
        connect_to: origins besides our own that the page may talk to.
        say: told what is being done.

    """
    sources = sources or Sources()
    folders = vendor_folders(sources.package_lock)
    sources.cache.mkdir(exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="site-", dir=sources.cache))
    draft.chmod(0o755)

    node_modules = packages.install_packages(sources.package_lock, say)
    say("copying vendored packages")
    _copy_vendored(draft / "vendor", node_modules, sources.cache / "wheels", folders)
    pyodide = draft / "vendor" / folders["pyodide"]
    pyscript = node_modules / PACKAGES["pyscript"]
    made = snapshots.make_snapshots(pyodide, pyscript, PYTHON_PACKAGES, sources.cache / "snapshots", say)
    folders["snapshots"] = f"snapshots-{snapshots.hash_files(sorted(made.iterdir()))}"
    shutil.copytree(made, draft / "vendor" / folders["snapshots"])
    say("copying pages, sources and models")
    pages.copy_site(sources.site, draft, folders)
    page, engine = draft / "app/page.tar", draft / "app/engine.tar"
    archives.write_archive(page, sources.pyapp, archives.page_sources(sources.pyapp))
    archives.write_archive(engine, sources.pyapp, archives.engine_sources(sources.pyapp))
    snapshots.compile_archives([page, engine], pyodide, made, sources.cache / "compiled", say)
    _copy_models(sources.models, draft / "models")
    _complete_pages(draft, policy.content_security_policy(connect_to), folders)

    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(draft, output)


def _complete_pages(site: Path, security_policy: str, folders: dict[str, str]) -> None:
    for page in site.glob("*.html"):
        text = page.read_text()
        hints = pages.boot_hints(site, folders) if pages.STARTED_BY in text else []
        page.write_text(pages.complete_page(text, security_policy, hints))


def _copy_vendored(target: Path, node_modules: Path, wheel_cache: Path, folders: dict[str, str]) -> None:
    package = {folder: node_modules / name for folder, name in PACKAGES.items()}
    pyodide_lock = package["pyodide"] / "pyodide-lock.json"
    wheel_sources = fetching.default_sources(folders["pyodide"].removeprefix("pyodide-"))
    wheels = [
        fetching.fetch_wheel(wheel, wheel_cache, wheel_sources)
        for wheel in fetching.wheels_of(pyodide_lock, PYTHON_PACKAGES)
    ]
    vendoring.copy_pyscript(package["pyscript"], target / folders["pyscript"])
    vendoring.copy_pyodide(package["pyodide"], target / folders["pyodide"], wheels, PYTHON_PACKAGES)
    vendoring.copy_onnxruntime(package["onnxruntime"], target / folders["onnxruntime"])


def _copy_models(models: Path, target: Path) -> None:
    target.mkdir()
    for path in [*models.glob("manifest.json"), *sorted(models.glob("*.onnx"))]:
        shutil.copyfile(path, target / path.name)
