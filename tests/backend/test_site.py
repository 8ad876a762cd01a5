"""The page beside the API: the built folder's files with its headers, and nothing else."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from backend.site import site

from .doubles import Answer, ask, request

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = {"Content-Security-Policy": "default-src 'self'", "Cross-Origin-Opener-Policy": "same-origin"}
PAGES = {
    "index.html": b"<p>page",
    "config.json": b'{"server": null}',
    "app/page.tar": b"tar",
    "vendor/pyodide-1/a.wasm": b"\0asm",
    "vendor/sora-1/a.woff2": b"wOF2",
    "manifest.webmanifest": b"{}",
    "boot/start.mjs": b"export {}",
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Give a small built site, and a secret beside it that a link in it leads to."""
    folder = tmp_path / "dist"
    for name, content in PAGES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "headers.json").write_text(json.dumps(HEADERS))
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    return folder


@pytest.fixture
def bare_types(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Play a machine that has no table of content types, as a small image is."""
    with monkeypatch.context() as bare:
        bare.setattr(mimetypes, "knownfiles", [])
        mimetypes.init()
        yield
    mimetypes.init()


def get(built: Path, path: str, method: str = "GET", **headers: str) -> Answer:
    """Return the answer to one request."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return asyncio.run(ask(site(built), request(path, method, names)))


@pytest.mark.parametrize("name", [name for name in PAGES if name != "config.json"])
def test_files_are_answered_as_they_are(built, name):
    """The bytes of the file, under its path; the page itself also at the front door."""
    answer = get(built, f"/{name}")
    assert (answer.status, answer.body) == (200, PAGES[name])
    assert get(built, "/").body == PAGES["index.html"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "text/html"),
        ("app/page.tar", "application/x-tar"),
        ("vendor/pyodide-1/a.wasm", "application/wasm"),
        ("vendor/sora-1/a.woff2", "font/woff2"),
        ("manifest.webmanifest", "application/manifest+json"),
        ("boot/start.mjs", "text/javascript; charset=utf-8"),
    ],
)
@pytest.mark.usefixtures("bare_types")
def test_types_are_the_ones_browsers_insist_on(built, name, kind):
    """WebAssembly of another type would not be compiled while it comes, and whatever the machine knows of types."""
    assert get(built, f"/{name}").headers["content-type"].startswith(kind)


def test_the_page_is_told_that_its_server_is_here(built):
    """Whatever the folder says of a server: who serves the page is it, and no cache keeps that."""
    answer = get(built, "/config.json")
    assert json.loads(answer.body) == {"server": "."}
    assert "no-" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/", "/config.json", "/vendor/pyodide-1/a.wasm", "/missing", "/vendor/missing", "/%00", "/a\0b"]
)
def test_every_answer_has_the_builds_headers(built, path):
    """Also an error's."""
    headers = get(built, path).headers
    assert {name: headers[name.lower()] for name in HEADERS} == HEADERS


def test_versioned_files_are_kept_for_ever_and_others_asked_for(built):
    """Only what lies under a versioned folder never changes, and only while it is there."""
    kept = {
        path: get(built, path).headers["cache-control"]
        for path in ("/vendor/pyodide-1/a.wasm", "/", "/vendor/no")
    }
    assert "immutable" in kept["/vendor/pyodide-1/a.wasm"]
    assert (kept["/"], kept["/vendor/no"]) == ("no-cache", "no-cache")


def test_an_unchanged_file_is_not_sent_again(built):
    """A browser that has it gets 304, with what it should know about keeping it."""
    path = "/vendor/pyodide-1/a.wasm"
    first = get(built, path)
    again = get(built, path, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["cache-control"] == first.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/app/../../secret",
        "//etc/passwd",
        "/..\\secret",
        "/link",
        "/\0",
        "/app",
        "/none",
        "/" + "a" * 5000,
    ],
)
def test_nothing_outside_is_found(built, path):
    """Neither by dots, nor by an absolute path, nor through a link; no path, however odd, breaks anything."""
    answer = get(built, path)
    assert answer.status == 404
    assert b"secret" not in answer.body
    assert b"root:" not in answer.body


def test_nothing_is_taken(built):
    """A site is read, not written."""
    assert get(built, "/index.html", "POST").status == 405


def test_a_folder_that_was_not_built_is_refused(tmp_path):
    """Before anything is served."""
    with pytest.raises(OSError, match=r"headers\.json"):
        site(tmp_path)
