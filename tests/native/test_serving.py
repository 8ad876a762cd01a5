"""The server: the right headers, nothing outside its root, nothing sent twice."""

from __future__ import annotations

import gzip
import http.client
import threading
from typing import TYPE_CHECKING

import pytest

from scripts.building.policy import content_security_policy, security_headers
from scripts.serving import find_file, make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Get = Callable[..., http.client.HTTPResponse]

WASM = b"\0asm" * 100


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a small site, and a secret beside it."""
    site = tmp_path / "site"
    files = {
        "index.html": b"<p>page",
        "boot/start.mjs": b"export {}",
        "app/page.tar": b"tar",
        "vendor/pyodide-1/a.wasm": WASM,
        "vendor/pyodide-1/a.wasm.gz": gzip.compress(WASM),
    }
    for name, content in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(content)
    (tmp_path / "secret").write_text("secret")
    return site


def serving(root: Path, headers: Mapping[str, str]) -> Iterator[Get]:
    """Yield a function that asks a running server and returns its answer, read to the end."""
    with make_server(root, headers=headers, quiet=True) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def get(path: str, method: str = "GET", **request: str) -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection("localhost", server.server_port, timeout=10)
            names = {name.replace("_", "-"): value for name, value in request.items()}
            connection.request(method, path, headers=names)
            answer = connection.getresponse()
            answer.body = answer.read()  # type: ignore[attr-defined]
            connection.close()
            return answer

        yield get
        server.shutdown()


@pytest.fixture
def get(root: Path) -> Iterator[Get]:
    """Ask the server as scripts/serve starts it."""
    yield from serving(root, security_headers())


@pytest.fixture
def get_plain(root: Path) -> Iterator[Get]:
    """Ask the server as `scripts/serve --no-isolation` starts it."""
    yield from serving(root, {})


@pytest.mark.parametrize("path", ["/", "/vendor/pyodide-1/a.wasm", "/missing"])
def test_every_answer_isolates_and_restricts(get: Get, path: str) -> None:
    """Also an error page and a file that is not a page."""
    headers = get(path).headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith(content_security_policy())
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_policy_allows_no_eval_and_no_other_origin() -> None:
    """WebAssembly may be compiled; a string never becomes a program."""
    text = content_security_policy()
    assert "'unsafe-eval'" not in text
    assert "'unsafe-inline'" not in text
    assert "http" not in text
    assert text.startswith("default-src 'none'")


def test_without_isolation_it_is_a_plain_host(get_plain: Get) -> None:
    """No header that a plain static host would not send."""
    answer = get_plain("/")
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith(("Cross-Origin", "Content-Security"))]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/boot/start.mjs", "text/javascript; charset=utf-8"),
        ("/vendor/pyodide-1/a.wasm", "application/wasm"),
        ("/app/page.tar", "application/x-tar"),
    ],
)
def test_types_are_the_ones_browsers_insist_on(get: Get, path: str, expected: str) -> None:
    """A module or a WebAssembly of another type would not be loaded."""
    assert get(path).headers["Content-Type"] == expected


def test_versioned_files_are_kept_for_ever_and_others_asked_for(get: Get) -> None:
    """Only what lies under a versioned folder never changes."""
    assert "immutable" in (get("/vendor/pyodide-1/a.wasm").headers["Cache-Control"])
    assert get("/index.html").headers["Cache-Control"] == "no-cache"


def test_an_unchanged_file_is_not_sent_again(get: Get, root: Path) -> None:
    """304 without a body while the contents stay, 200 once they change."""
    first = get("/")
    again = get("/", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")  # type: ignore[attr-defined]
    assert again.headers["ETag"] == first.headers["ETag"]
    (root / "index.html").write_bytes(b"<p>other page")
    assert get("/", If_None_Match=first.headers["ETag"]).status == 200


def test_head_tells_what_get_would_without_the_body(get: Get) -> None:
    """The length is the whole file's."""
    answer = get("/boot/start.mjs", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")  # type: ignore[attr-defined]
    assert answer.headers["Content-Length"] == "9"


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0, br"])
def test_compressed_copies_go_only_to_who_takes_them(get: Get, accepted: str) -> None:
    """The plain file goes to everybody else."""
    path = "/vendor/pyodide-1/a.wasm"
    plain = get(path, Accept_Encoding=accepted)
    assert (plain.headers["Content-Encoding"], plain.body) == (None, WASM)  # type: ignore[attr-defined]
    packed = get(path, Accept_Encoding="br;q=0.5, gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"] == "application/wasm"
    assert gzip.decompress(packed.body) == WASM  # type: ignore[attr-defined]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/%2e%2e/secret",
        "/app/..%2f../secret",
        "//../secret",
        "/..\\secret",
        "/app/\0",
        "/app",
        "/none",
    ],
)
def test_nothing_outside_the_root_is_found(root: Path, path: str) -> None:
    """Neither by dots, nor encoded, nor by backslashes; a folder without a page is not found either."""
    assert find_file(root, path) is None


def test_a_link_out_of_the_root_is_not_followed(root: Path) -> None:
    """What a link names counts, not where the link lies."""
    (root / "link").symlink_to(root.parent / "secret")
    assert find_file(root, "/link") is None


def test_traversal_is_refused_over_the_wire(get: Get) -> None:
    """A client that does not tidy up its path gets 404."""
    assert get("/../secret").status == 404
    assert get("/%2e%2e/secret").status == 404
