"""nginx in front of a site and a server: our headers on every answer, and nothing held up on the way."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import shutil
import socket
import tempfile
import urllib.parse
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.building.policy import HEADERS, security_headers
from scripts.deploying import web_server
from scripts.serving import answering, content_type
from tests import nginx

from .proxied import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.nginx import Running

WASM = b"\0asm" * 1000
ECHO = "gradio_api/echo"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small built site, and a secret beside it."""
    root = tmp_path_factory.mktemp("nginx")
    files = {
        "index.html": b"<p>page</p>" * 200,
        "sw.js": b"addEventListener()" * 100,
        "css/page.css": b"p{}",
        "boot/start.mjs": b"export {}",
        "app/page.tar": b"tar",
        "vendor/pyodide-1/a.wasm": WASM,
        "models/weights.safetensors": b"weights",
    }
    for name, content in files.items():
        (root / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "site" / name).write_bytes(content)
    (root / "site" / HEADERS).write_text(json.dumps(security_headers()))
    (root / "secret").write_text("secret")
    web_server.prepare(root / "site", root / "configuration")
    return root / "site"


@pytest.fixture(scope="module")
def configuration(site: Path) -> Path:
    """Give the folder of nginx's configuration for that site."""
    return site.parent / "configuration"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Give the address of a server which tells what it is asked."""
    with answering(ThreadingHTTPServer(("127.0.0.1", 0), Server)) as url:
        yield url.replace("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def front(configuration: Path, site: Path, server: str) -> Iterator[Running]:
    """Give an nginx in front of that server."""
    with nginx.running(configuration, site, server, FOURXL_MAX_UPLOAD_MB="1") as started:
        yield started


@pytest.fixture(scope="module")
def lonely(configuration: Path, site: Path) -> Iterator[Running]:
    """Give an nginx in front of a server that is not there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{free.getsockname()[1]}"
    with nginx.running(configuration, site, gone) as started:
        yield started


def ask(
    front: Running, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> http.client.HTTPResponse:
    """Return the answer, its body read into ``body``."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(front.url).netloc, timeout=10)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, f"/{path}", body=body, headers=names)
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def check_headers(answer: http.client.HTTPResponse) -> None:
    """Fail unless each of our headers is there once, as scripts/serve sends it."""
    for name, value in security_headers().items():
        assert answer.headers.get_all(name) == [value]


KINDS = {
    "the page": ("", 200),
    "a versioned file": ("vendor/pyodide-1/a.wasm", 200),
    "a file": ("css/page.css", 200),
    "the configuration": ("config.json", 200),
    "a missing file": ("missing", 404),
    "a folder without a slash": ("css", 301),
    "a folder": ("css/", 403),
    "the server": (ECHO, 200),
    "the server by its older name": ("api/echo", 200),
    "a server that is busy": ("api/busy", 503),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_isolates_and_restricts(front: Running, kind: str) -> None:
    """Also errors, redirects, and what the server answers: its own headers of these names are replaced."""
    path, status = KINDS[kind]
    answer = ask(front, path)
    assert answer.status == status
    check_headers(answer)


def test_a_request_that_is_none(front: Running) -> None:
    """Nonsense gets our headers too."""
    with socket.create_connection(
        ("localhost", urllib.parse.urlsplit(front.url).port or 0), 10
    ) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n")
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 400
        check_headers(answer)


def test_unchanged_and_in_part(front: Running) -> None:
    """An answer without a body, and one with a part of it, have the headers and say how long they hold."""
    whole = ask(front, "vendor/pyodide-1/a.wasm")
    unchanged = ask(front, "vendor/pyodide-1/a.wasm", If_None_Match=whole.headers["ETag"])
    part = ask(front, "vendor/pyodide-1/a.wasm", Range="bytes=1-3")
    assert (unchanged.status, part.status, part.body) == (304, 206, b"asm")
    for answer in (unchanged, part):
        check_headers(answer)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_files_are_what_scripts_serve_says(front: Running, site: Path) -> None:
    """Each file has the content type that the page was tested with."""
    for path in site.rglob("*.*"):
        if path.suffix != ".gz":
            answer = ask(front, path.relative_to(site).as_posix())
            assert answer.headers["Content-Type"] == content_type(path)
            assert answer.body == path.read_bytes()


def test_only_what_never_changes_is_kept_for_ever(front: Running) -> None:
    """Files in versioned folders; neither the page, nor an error below such a folder."""
    assert "immutable" in ask(front, "vendor/pyodide-1/a.wasm").headers["Cache-Control"]
    for path in ("", "sw.js", "config.json", "vendor/pyodide-1/missing"):
        assert ask(front, path).headers["Cache-Control"] == "no-cache"
    assert ask(front, ECHO).headers.get_all("Cache-Control") == ["max-age=7"]


def test_large_files_come_compressed(front: Running) -> None:
    """To those who can read that, under another tag; a model never, since its progress counts bytes."""
    plain = ask(front, "vendor/pyodide-1/a.wasm")
    packed = ask(front, "vendor/pyodide-1/a.wasm", Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == WASM
    assert packed.headers["Content-Type"] == "application/wasm"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    model = ask(front, "models/weights.safetensors", Accept_Encoding="gzip")
    assert "Content-Encoding" not in model.headers


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "%2e%2e/secret",
        "css/../../secret",
        "css/%2e%2e%2f%2e%2e%2fsecret",
        "..%5csecret",
        "css//../../secret",
    ],
)
def test_nothing_outside_the_site(front: Running, path: str) -> None:
    """A path that leads out of the folder leads nowhere."""
    answer = ask(front, path)
    assert answer.status in {400, 404}
    assert b"secret" not in answer.body


@pytest.mark.parametrize("prefix", ["api", "gradio_api"])
def test_the_server_has_two_names(front: Running, prefix: str) -> None:
    """Both lead to the same address there, query and escapes as they were."""
    told = json.loads(ask(front, f"{prefix}/file=/tmp/a%20b%25/c%3Fd.png?e=f%20g&h").body)
    assert urllib.parse.unquote(told["path"].partition("?")[0]) == "/gradio_api/file=/tmp/a b%/c?d.png"
    assert told["path"].partition("?")[2] == "e=f%20g&h"


def test_the_server_knows_who_asks(front: Running) -> None:
    """It gets the person's own address, whatever that person says; the name and scheme that they used; no compression."""
    told = json.loads(
        ask(front, ECHO, X_Forwarded_For="9.9.9.9", Host="4xl.example.org", Accept_Encoding="gzip").body
    )["headers"]
    assert told["X-Forwarded-For"] in {"127.0.0.1", "::1"}
    assert told["Host"] == told["X-Forwarded-Host"] == "4xl.example.org"
    assert told["X-Forwarded-Proto"] == "http"
    assert "Accept-Encoding" not in told
    told = json.loads(ask(front, ECHO, X_Forwarded_Proto="https").body)["headers"]
    assert told["X-Forwarded-Proto"] == "https"


def test_a_trusted_proxy_is_believed_who_asks(configuration: Path, site: Path, server: str) -> None:
    """Behind proxies that are named, persons are told apart; what a person says of itself before them is not believed."""
    with nginx.running(configuration, site, server, TRUSTED_PROXIES="127.0.0.0/8 ::1 10.1.0.0/16") as front:
        for said, who in (("1.1.1.1", "1.1.1.1"), ("9.9.9.9, 2.2.2.2, 10.1.0.7", "2.2.2.2")):
            told = json.loads(ask(front, ECHO, X_Forwarded_For=said).body)["headers"]
            assert told["X-Forwarded-For"] == who


def test_events_arrive_when_they_are_sent(front: Running) -> None:
    """The first is here before the second is allowed to go."""
    Server.go_on.clear()
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(front.url).netloc, timeout=10)
    connection.request("GET", "/api/stream", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    check_headers(answer)
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert "Content-Encoding" not in answer.headers
    assert answer.readline() == b"event: generating\n"
    Server.go_on.set()
    assert answer.read() == b"\nevent: complete\n\n"
    connection.close()


def test_the_server_hears_of_those_who_leave(front: Running) -> None:
    """Closing the stream reaches it, which is how a job is cancelled."""
    Server.go_on.clear()
    Server.left.clear()
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(front.url).netloc, timeout=10)
    connection.request("GET", "/api/leaving/stream")
    assert connection.getresponse().readline() == b"event: generating\n"
    connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()
    Server.go_on.set()
    assert Server.left.wait(10)


def test_uploads_up_to_the_limit(front: Running) -> None:
    """A file of the largest size passes with the form around it; a larger one is refused in our words."""
    largest = ask(front, "api/upload", "POST", b"x" * (2**20 + 60 * 1024))
    assert json.loads(largest.body) == {"received": 2**20 + 60 * 1024, "path": "/gradio_api/upload"}
    refused = ask(front, "api/upload", "POST", b"x" * (2**20 + 70 * 1024))
    assert refused.status == 413
    assert refused.headers["Content-Type"] == "application/json"
    told = json.loads(refused.body)
    assert told["code"] == "upload-too-large"
    assert "larger than 1 MB" in told["detail"]
    check_headers(refused)


def test_a_missing_server(lonely: Running) -> None:
    """The site is there all the same, and who asks for the server gets a sentence and a code."""
    assert ask(lonely, "").status == 200
    answer = ask(lonely, "api/call/upscale", "POST", b"{}")
    assert answer.status == 502
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.body)["code"] == "server-unreachable"
    check_headers(answer)


def test_the_servers_own_words_pass(front: Running) -> None:
    """A server that is there and refuses is not taken for one that is missing."""
    assert json.loads(ask(front, "api/busy").body)["code"] == "server-busy"


def test_the_page_is_told_of_the_server(front: Running, configuration: Path, site: Path) -> None:
    """config.json names the server behind the site, and none where there is none; then nothing is passed on."""
    assert json.loads(ask(front, "config.json").body) == {"server": "."}
    with nginx.running(configuration, site) as alone:
        assert json.loads(ask(alone, "config.json").body) == {"server": None}
        assert ask(alone, "api/health").status == 404


def test_a_server_below_a_path(configuration: Path, site: Path, server: str) -> None:
    """An address with a path leads below that path."""
    with nginx.running(configuration, site, f"{server}some/where/") as front:
        answer = ask(front, "api/echo?a")
        assert json.loads(answer.body)["path"] == "/some/where/gradio_api/echo?a"
        assert answer.headers.get_all("Cache-Control") == ["max-age=7"]


def test_nothing_is_written_down(configuration: Path, site: Path, server: str) -> None:
    """Neither names nor bytes of what passes are in the log or on the disk, even when something fails."""
    with nginx.running(configuration, site, server) as front:
        ask(front, "api/upload?name=portrait.png", "POST", b"portrait" * 100_000)
        ask(front, "api/file=/tmp/portrait.png")
        ask(front, "portrait.png")
        written = [path for path in front.state.rglob("*") if path.is_file()]
        assert not [path for path in written if b"portrait" in path.read_bytes()]
        assert "portrait" not in front.stop()
    with nginx.running(configuration, site, "http://127.0.0.1:1") as front:
        assert ask(front, "api/file=/tmp/portrait.png").status == 502
        assert "portrait" not in front.stop()


def test_without_privileges(configuration: Path, site: Path) -> None:
    """It needs no root, and writes in one folder only."""
    if os.geteuid() != 0:
        pytest.skip("the other tests have shown it: they do not run as root")
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # only root reads the folders that pytest makes
        own = [shutil.copytree(path, Path(folder) / path.name) for path in (configuration, site)]
        with nginx.running(*own, before=nobody) as front:
            assert ask(front, "").status == 200
            assert front.state.stat().st_uid == 65534


@pytest.mark.parametrize(
    "environment",
    [
        {"SERVER_URL": "server:7860"},
        {"SERVER_URL": "ftp://server"},
        {"SERVER_URL": "http://"},
        {"SERVER_URL": "http://server:port"},
        {"SERVER_URL": "http://server; return 200"},
        {"SERVER_URL": "http://user:secret@server"},
        {"SERVER_URL": "http://server/?a"},
        {"SERVER_URL": "http://server/$host"},
        {"SERVER_URL": "http://server\nhttp://server"},
        {"FOURXL_MAX_UPLOAD_MB": "a lot"},
        {"FOURXL_MAX_UPLOAD_MB": "-1"},
        {"TRUSTED_PROXIES": "10.0.0.0/8; return 200"},
    ],
    ids=repr,
)
def test_nonsense_is_refused(configuration: Path, site: Path, environment: dict[str, str]) -> None:
    """What cannot be meant ends it at once, with the variable's name and its value."""
    with nginx.running(configuration, site, **{"server": "", **environment}) as front:
        assert front.process.wait(timeout=10) == 1
        told = front.log.read_text()
    [(name, value)] = environment.items()
    assert told.startswith(f"{name} is '{value}'")


def test_a_header_that_would_break_the_configuration() -> None:
    """A header with characters that mean something to nginx is refused, not written."""
    with pytest.raises(ValueError, match="no place in nginx"):
        web_server.header_lines({"A": 'b" always; c "d'})
