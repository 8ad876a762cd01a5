"""The build: vendored files are the right ones, and the site stands on its own under any address."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import threading
import zipfile
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fourxl import manifest
from scripts.building import archives, fetching, packages, pages, policy, snapshots, vendoring
from scripts.building import site as building
from scripts.building.versions import PACKAGES, vendor_folders, write_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPOSITORY = Path(__file__).parents[2]
CONTENT = b"PK wheel"
WHEEL = fetching.Wheel("numpy-2-emscripten_wasm32.whl", hashlib.sha256(CONTENT).hexdigest())


@contextmanager
def web_folder(files: Mapping[str, bytes]) -> Iterator[fetching.WebFolder]:
    """Serve files on this machine; everything else is 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path.removeprefix("/full/"))
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"<html>no such file</html>")

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield fetching.WebFolder(f"http://localhost:{server.server_port}/full/")
        server.shutdown()


@pytest.fixture
def bundle(tmp_path: Path) -> fetching.BundledWheels:
    """Give a package index on this machine with one package that carries the wheel."""
    name = "mirror-1.0-py3-none-any.whl"
    info = "mirror-1.0.dist-info"
    (tmp_path / "index").mkdir()
    with zipfile.ZipFile(tmp_path / "index" / name, "w") as archive:
        archive.writestr(f"mirror/static/pyodide/{WHEEL.file_name}", CONTENT)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: mirror\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    options = ["--isolated", "--no-index", "--find-links", str(tmp_path / "index")]
    return fetching.BundledWheels("mirror==1.0", options)


def test_a_wheel_comes_from_the_first_source_that_has_it_and_is_kept(tmp_path: Path) -> None:
    """The second time no source is asked."""
    with web_folder({WHEEL.file_name: CONTENT}) as source:
        path = fetching.fetch_wheel(WHEEL, tmp_path, [source])
    assert path.read_bytes() == CONTENT
    assert path.name == WHEEL.file_name
    assert fetching.fetch_wheel(WHEEL, tmp_path, []) == path


def test_the_bundle_helps_out_where_the_distribution_cannot(
    tmp_path: Path, bundle: fetching.BundledWheels
) -> None:
    """A missing file at the first source is no error if the second has it."""
    with web_folder({}) as empty:
        path = fetching.fetch_wheel(WHEEL, tmp_path / "cache", [empty, bundle])
    assert path.read_bytes() == CONTENT


def test_a_damaged_cache_entry_is_fetched_again(tmp_path: Path) -> None:
    """Bytes are checked on a cache hit too."""
    with web_folder({WHEEL.file_name: CONTENT}) as source:
        path = fetching.fetch_wheel(WHEEL, tmp_path, [source])
        path.write_bytes(b"damaged")
        assert fetching.fetch_wheel(WHEEL, tmp_path, [source]).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"other bytes", f"other bytes, 11 with sha256 {hashlib.sha256(b'other bytes').hexdigest()}"),
        (b"\n<!doctype html>", "(a web page, not a wheel)"),
        (None, "404 Not Found"),
    ],
)
def test_wrong_answers_are_refused_and_told(tmp_path: Path, body: bytes | None, reason: str) -> None:
    """The error names the file, each source and why it would not do; nothing gets into the cache."""
    files = {} if body is None else {WHEEL.file_name: body}
    with web_folder(files) as source, pytest.raises(fetching.MissingWheelError) as caught:
        fetching.fetch_wheel(WHEEL, tmp_path, [source])
    text = str(caught.value)
    assert WHEEL.file_name in text
    assert WHEEL.sha256 in text
    assert f"tried: {source.base_url}: " in text
    assert reason in text
    assert not list(tmp_path.rglob("*.whl"))


def test_all_sources_failing_are_all_told(tmp_path: Path) -> None:
    """A server that is not there and a package that is not there each get their line."""
    with web_folder({}) as gone:
        pass
    absent = fetching.BundledWheels(
        "mirror==1.0", ["--isolated", "--no-index", "--find-links", str(tmp_path)]
    )
    with pytest.raises(fetching.MissingWheelError) as caught:
        fetching.fetch_wheel(WHEEL, tmp_path, [gone, absent])
    assert [attempt.split(": ")[0] for attempt in caught.value.attempts] == [gone.name, absent.name]
    assert "refused" in caught.value.attempts[0]
    assert "No matching distribution" in caught.value.attempts[1]


def test_the_distribution_is_asked_first() -> None:
    """Pyodide's own files of the pinned release come before the mirror."""
    first, second = fetching.default_sources("314.0.4")
    assert first.name == "https://cdn.jsdelivr.net/pyodide/v314.0.4/full/"
    assert second.name == "pip download open-webui==0.12.4"


def test_the_lock_pins_without_addresses() -> None:
    """Every package has an integrity hash and none says where it was downloaded."""
    lock = json.loads((REPOSITORY / "package-lock.json").read_text())
    pinned = [entry for name, entry in lock["packages"].items() if name]
    assert pinned
    assert all(entry["integrity"].startswith("sha512-") for entry in pinned)
    assert not [entry for entry in pinned if "resolved" in entry]


def test_versions_are_written_into_addresses_of_vendored_files_only() -> None:
    """Only `vendor/NAME/` of a known name changes, and only once."""
    folders = vendor_folders(REPOSITORY / "package-lock.json")
    text = '"../vendor/pyodide/a.mjs" vendor/other/ my-vendor-pyodide/ vendor/pyodide-1/'
    written = text.replace("vendor/pyodide/", f"vendor/{folders['pyodide']}/")
    assert write_versions(text, folders) == written
    assert write_versions(written, folders) == written


def test_the_cut_lock_names_only_what_is_shipped() -> None:
    """A dependency that is not shipped is an error of the build, not of the browser."""
    lock: dict[str, Any] = {
        "info": {"python": "3.14.0"},
        "packages": {
            "numpy": {"depends": [], "file_name": "n"},
            "scipy": {"depends": ["numpy"]},
        },
    }
    cut = json.loads(vendoring.cut_lock(json.dumps(lock), ["numpy"]))
    assert cut == {**lock, "packages": {"numpy": lock["packages"]["numpy"]}}
    with pytest.raises(ValueError, match="scipy needs numpy"):
        vendoring.cut_lock(json.dumps(lock), ["scipy"])


def test_another_version_of_pyscript_is_noticed() -> None:
    """What the build changes in PyScript's core must be there, in both places."""
    both = "try{new a(4,{maxByteLength:8})}catch(e){} try{new b(4,{maxByteLength:8})}catch(e){}"
    expected = "try{new a(-1)}catch(e){} try{new b(-1)}catch(e){}"
    assert vendoring.make_worker_independent(both) == expected
    with pytest.raises(ValueError, match="0 times"):
        vendoring.make_worker_independent(expected)


def test_archives_are_the_same_bytes_for_the_same_sources(tmp_path: Path) -> None:
    """Neither dates nor the order of the files count."""
    (tmp_path / "one").mkdir()
    for name in ("b.py", "a.py"):
        (tmp_path / "one" / name).write_text(name)
    files = sorted((tmp_path / "one").iterdir())
    archives.write_archive(tmp_path / "first.tar", tmp_path, files)
    files[0].touch()
    archives.write_archive(tmp_path / "second.tar", tmp_path, reversed(files))
    assert (tmp_path / "first.tar").read_bytes() == (tmp_path / "second.tar").read_bytes()


def test_each_archive_holds_what_its_program_imports(tmp_path: Path) -> None:
    """The page gets no arrays and no worker; the engine gets no page; nobody gets the fakes."""
    for name in [
        *(f"fourxl/{module}.py" for module in (*archives.PAGE_ENGINE_MODULES, "pipeline", "testing")),
        "fourxl/__pycache__/pipeline.cpython-311.pyc",
        *(f"fourxl_web/{module}.py" for module in ("__init__", "page/main", "worker/main")),
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def names(sources: Iterator[Path]) -> set[str]:
        return {path.relative_to(tmp_path).as_posix() for path in sources}

    shared = {f"fourxl/{module}.py" for module in archives.PAGE_ENGINE_MODULES} | {"fourxl_web/__init__.py"}
    assert names(archives.page_sources(tmp_path)) == shared | {"fourxl_web/page/main.py"}
    assert names(archives.engine_sources(tmp_path)) == shared | {
        "fourxl/pipeline.py",
        "fourxl_web/worker/main.py",
    }


def test_the_page_archive_runs_without_arrays(tmp_path: Path) -> None:
    """The engine's modules on the page import neither numpy nor Pillow nor a module left out."""
    pyapp = REPOSITORY / "pyapp"
    archives.write_archive(tmp_path / "page.tar", pyapp, archives.page_sources(pyapp))
    with tarfile.open(tmp_path / "page.tar") as archive:
        archive.extractall(tmp_path, filter="data")
    modules = ", ".join(f"fourxl.{name}" for name in archives.PAGE_ENGINE_MODULES[1:])
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {modules}"
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)


def test_a_page_gets_its_policy_before_anything_it_loads() -> None:
    """A policy in the head rules only what comes after it."""
    text = policy.content_security_policy(["https://server.example"])
    page = pages.complete_page("<html><head><script src=a></script></head>", text, ["<link>"])
    assert f'<meta http-equiv="Content-Security-Policy" content="{text}">' in page
    assert page.index("utf-8") < page.index("Content-Security") < page.index("<link>") < page.index("<script")
    assert "connect-src 'self' https://server.example;" in text
    with pytest.raises(ValueError, match="<head>"):
        pages.complete_page("<html></html>", text, [])


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Build the real site/ and pyapp/ over stand-ins for everything vendored."""
    modules = tmp_path / "node_modules"
    lock: dict[str, Any] = {
        "packages": {f"node_modules/{name}": {"version": "1.0"} for name in PACKAGES.values()}
    }
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    files = {
        "@pyscript/core/LICENSE": "",
        "@pyscript/core/dist/core.js": 'import{x}from"./core-1.js"',
        "@pyscript/core/dist/core-1.js": "new a(4,{maxByteLength:8});new b(4,{maxByteLength:8})",
        "@pyscript/core/dist/error-1.js": "",
        "@pyscript/core/dist/xterm-1.js": "",
        **{f"pyodide/{name}": "" for name in vendoring.PYODIDE_FILES},
        **{f"onnxruntime-web/dist/{name}": "" for name in vendoring.ONNXRUNTIME_FILES},
        "client-zip/index.js": "",
        "client-zip/LICENSE.txt": "",
        **{
            f"@fontsource-variable/{font}/{name}": ""
            for font in ("sora", "manrope")
            for name in ("LICENSE", *(f"files/{font}-{subset}" for subset in vendoring.FONT_FILES))
        },
        "pyodide/pyodide-lock.json": json.dumps(
            {
                "packages": {
                    name: {"depends": [], "file_name": WHEEL.file_name, "sha256": WHEEL.sha256}
                    for name in ("numpy", "pillow", "scipy")
                }
            }
        ),
        ".installed": json.dumps(lock),
    }
    for name, text in files.items():
        (modules / name).parent.mkdir(parents=True, exist_ok=True)
        (modules / name).write_text(text)
    wheel = tmp_path / "cache/wheels" / WHEEL.sha256 / WHEEL.file_name
    made = tmp_path / "cache/snapshots/made"
    for path in (wheel, *(made / f"{name}.bin" for name in ("interpreter", "packages", "pyscript"))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CONTENT)
    monkeypatch.setattr(snapshots, "make_snapshots", lambda *_: made)
    monkeypatch.setattr(snapshots, "compile_archives", lambda *_: None)
    sources = building.Sources(package_lock=tmp_path / "package-lock.json", cache=tmp_path / "cache")
    output = tmp_path / "dist"
    output.mkdir()
    (output / "index.html").touch()
    (output / "left-over").touch()
    building.build(output, sources)
    return output


class Addresses(HTMLParser):
    """Collects what a page's tags refer to."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Remember the tag's addresses."""
        names = {"src", "href", "config"}
        self.found += [(tag, value) for name, value in attributes if name in names and value]


def test_the_site_refers_to_its_own_files_by_relative_addresses(built: Path) -> None:
    """It works under any prefix of any host: what it loads is named relatively, and is there."""
    page = Addresses()
    page.feed((built / "index.html").read_text())
    loaded = [address for tag, address in page.found if tag != "a"]
    for config in built.glob("*.json"):
        loaded += re.findall(r'"(\.{0,2}/[^"*]*|https?:[^"]*)"', config.read_text())
    assert any(address.startswith("vendor/pyodide-1.0/") for address in loaded)
    for address in loaded:
        assert not re.match(r"/|[a-z]+:", address), address
        assert address == "./" or (built / address).is_file(), address
    for module in built.glob("boot/*.mjs"):
        assert "http" not in module.read_text()
        for address in re.findall(r'"(\.\.?/[^"]+)"', module.read_text()):
            assert (module.parent / address).exists(), (module.name, address)


def test_only_what_is_needed_gets_into_the_site(built: Path) -> None:
    """A chunk that nothing imports stays out, and so do earlier builds and what is not a model."""
    assert sorted(path.name for path in (built / "vendor").iterdir()) == [
        "client-zip-1.0",
        "manrope-1.0",
        "onnxruntime-1.0",
        "pyodide-1.0",
        "pyscript-1.0",
        f"snapshots-{snapshots.hash_files(sorted((built / 'vendor').glob('snapshots-*/*')))}",
        "sora-1.0",
    ]
    chunks = {path.name for path in (built / "vendor/pyscript-1.0").iterdir()}
    assert chunks == {"LICENSE", "core.js", "core-1.js", "error-1.js"}
    models = [path for path in (built / "models").rglob("*") if path.is_file()]
    assert {path.suffix for path in models} <= {".json", ".onnx", ".safetensors", ".png"}
    assert not (built / "left-over").exists()
    with tarfile.open(built / "app/engine.tar") as archive:
        assert "fourxl/errors.py" in archive.getnames()


def test_every_file_of_the_model_table_gets_into_the_site(built: Path) -> None:
    """What the table of models names lies where the page looks for it: graphs, weights, answers."""
    for spec in manifest.parse((built / "models/manifest.json").read_bytes()).models:
        weights = [part.weights for part in (spec.trained, spec.weak_denoise) if part]
        for file in filter(None, [*spec.graphs.values(), *weights, spec.answer]):
            assert (built / "models" / file.path).stat().st_size == file.size_bytes


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A mistyped --output must not cost anybody their files."""
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(FileExistsError, match="something else"):
        building.build(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_archives_are_compiled_once_for_the_same_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time the compiler does not run, and the archive is the compiled one all the same."""
    (tmp_path / "made").mkdir()
    archive = tmp_path / "page.tar"
    runs = []

    def compile_in_place(_program: Path, _pyodide: Path, _made: Path, tar: Path) -> None:
        runs.append(tar)
        tar.write_bytes(b"compiled " + tar.read_bytes())

    monkeypatch.setattr(snapshots, "_run_node", compile_in_place)
    for source, count in ((b"one", 1), (b"one", 1), (b"two", 2)):
        archive.write_bytes(source)
        snapshots.compile_archives([archive], tmp_path, tmp_path / "made", tmp_path / "cache", lambda _: None)
        assert archive.read_bytes() == b"compiled " + source
        assert len(runs) == count


def test_a_failed_compilation_leaves_nothing_behind(tmp_path: Path) -> None:
    """Node's reason is told in lines of bearable length; the next build tries again."""
    (tmp_path / "made").mkdir()
    archive = tmp_path / "page.tar"
    archive.touch()
    with pytest.raises(packages.MissingPackagesError, match=r"compile_archives\.mjs failed") as caught:
        snapshots.compile_archives([archive], tmp_path, tmp_path / "made", tmp_path / "cache", lambda _: None)
    assert max(map(len, str(caught.value).splitlines())) <= 300
    assert not list((tmp_path / "cache").iterdir())


def test_without_npm_the_build_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person learns what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "package-lock.json").write_text("{}")
    with pytest.raises(packages.MissingPackagesError, match=r"needs Node\.js 20"):
        packages.install_packages(tmp_path / "package-lock.json", lambda _: None)
