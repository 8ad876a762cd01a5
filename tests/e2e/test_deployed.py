"""The whole product as it is deployed: a built site, nginx in front of it and of a real server, seen from outside."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from scripts.building.policy import security_headers
from scripts.deploying import web_server
from scripts.deploying.configuring import configure
from scripts.serving import answering, content_type, make_server
from tests import nginx, pictures
from tests.backend import servers
from tests.browser import pixels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.backend.servers import Server
    from tests.browser import Visit

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start a server with the usual limits."""
    with servers.running() as started:
        yield started


@pytest.fixture(scope="module")
def behind(server: Server) -> str:
    """Return the server's address as nginx takes it; it asks no list of hosts for the name localhost."""
    return f"http://127.0.0.1:{urllib.parse.urlsplit(server.url).port}"


@pytest.fixture(scope="module")
def site(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the built site that is prepared for nginx."""
    folder = tmp_path_factory.mktemp("deployed")
    shutil.copytree(built_site, folder / "site")
    web_server.prepare(folder / "site", folder / "configuration")
    return folder / "site"


@pytest.fixture(scope="module")
def front(site: Path, behind: str) -> Iterator[str]:
    """Start nginx in front of both, and give its address."""
    with nginx.running(site.with_name("configuration"), site, behind) as started:
        yield started.url


def check(*arguments: str) -> tuple[int, dict[str, str]]:
    """Return the exit code of scripts/test_e2e.py, and the mark of each check by its name; it has no packages."""
    command = [sys.executable, "-I", "-S", str(REPOSITORY / "scripts/test_e2e.py"), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    *lines, _ = done.stdout.splitlines()
    return done.returncode, {line[2:].partition(": ")[0]: line for line in lines}


def marked(mark: str, lines: dict[str, str]) -> list[str]:
    """Return the lines that have this mark."""
    return [line for line in lines.values() if line.startswith(mark)]


def failed(lines: dict[str, str]) -> set[str]:
    """Return the names of the checks that failed."""
    return {name for name, line in lines.items() if line.startswith("✗")}


def test_the_deployed_stack_passes(front: str) -> None:
    """Every check passes, but for models that the site offers by name only, and each of those says so."""
    code, lines = check(front)
    models = json.loads((REPOSITORY / "models/manifest.json").read_text())["models"]
    missing = [model["label"] for model in models if not model["answer"]]
    assert code == 0
    assert marked("✗", lines) == []
    assert marked("·", lines) == [
        *(f"· model {label}: skipped, the site knows it by name only" for label in missing),
        "· other origins: skipped, the page comes from the same origin, or there is none",
    ]
    assert len(marked("✓", lines)) >= 18


def test_the_server_by_itself_passes(server: Server) -> None:
    """Without a page, too."""
    code, lines = check(server.url, "--server-only")
    assert (code, marked("✗", lines)) == (0, [])


def test_the_server_that_serves_the_page_passes(built_site: Path) -> None:
    """One process on one port is a deployed stack as well."""
    with servers.running("--site", str(built_site)) as whole:
        code, lines = check(whole.url)
    assert (code, marked("✗", lines)) == (0, [])


def test_a_static_host_and_a_server_elsewhere_pass(built_site: Path, behind: str, tmp_path: Path) -> None:
    """A host that knows nothing of 4XL, with the page configured for a server of another origin."""
    shutil.copytree(built_site, tmp_path / "site")
    configure(tmp_path / "site", behind)
    with answering(make_server(tmp_path / "site", quiet=True)) as url:
        code, lines = check(url, "--static")
        strict, without = check(url, "--site-only")
    assert (code, marked("✗", lines)) == (0, [])
    assert lines["other origins"].startswith("✓")
    assert strict == 1
    assert failed(without) == {"isolation headers", "nosniff header", "policy"}


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return spoil


def _damage(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    return spoil


BROKEN = {
    "no isolation": (
        _replace("configuration/headers.conf", "add_header Cross-Origin-Opener-Policy", "#"),
        {"isolation headers"},
    ),
    "isolation not on errors": (
        _replace("configuration/headers.conf", '"require-corp" always', '"require-corp"'),
        {"isolation headers"},
    ),
    "headers lost in a location": (
        _replace(
            "configuration/nginx.conf",
            "location = /config.json {",
            "location = /config.json { expires 1h; add_header A b;",
        ),
        {"isolation headers", "nosniff header"},
    ),
    "guessed types": (
        _replace("configuration/headers.conf", "add_header X-Content-Type-Options", "#"),
        {"nosniff header"},
    ),
    "no policy in the headers": (
        _replace("configuration/headers.conf", "add_header Content-Security-Policy", "#"),
        {"policy"},
    ),
    "WebAssembly as bytes": (
        _replace("configuration/types.conf", "application/wasm wasm;", "application/octet-stream wasm;"),
        {"WASM"},
    ),
    "scripts as text": (
        _replace("configuration/types.conf", "text/javascript mjs;", "text/plain mjs;"),
        {"scripts"},
    ),
    "a page for every address": (
        _replace("configuration/nginx.conf", "gzip_vary on;", "try_files $uri $uri/index.html /index.html;"),
        {"missing files"},
    ),
    "a damaged file": (_damage("site/app/page.tar"), {"assets"}),
    "a damaged model": (_damage("site/models/swift.onnx"), {"assets", "model Swift"}),
    "another page": (_replace("site/index.html", 'id="job"', 'id="other"'), {"page"}),
    "no policy in the page": (
        _replace("site/index.html", "Content-Security-Policy", "X-Policy"),
        {"policy"},
    ),
    "another build's page": (
        _replace("site/sw.js", "const BUILT", "let BUILT"),
        {"assets", "scripts", "WASM", "isolation headers", "nosniff header"},
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_site_fails(kind: str, site: Path, tmp_path: Path) -> None:
    """What is wrong fails its own check and no other, and the exit code is 1."""
    spoil, expected = BROKEN[kind]
    for name in ("site", "configuration"):
        shutil.copytree(site.with_name(name), tmp_path / name)
    spoil(tmp_path)
    for path in (tmp_path / "site").rglob("*.gz"):
        path.unlink()  # copies of what was there before it was spoilt
    with nginx.running(tmp_path / "configuration", tmp_path / "site") as started:
        code, lines = check(started.url, "--site-only")
    assert code == 1
    assert failed(lines) == expected


def test_a_dead_server_fails(site: Path) -> None:
    """A site that names a server which does not answer passes as a site, and fails as a stack."""
    with nginx.running(
        site.with_name("configuration"), site, f"http://127.0.0.1:{servers.free_port()}"
    ) as started:
        code, lines = check(started.url)
        assert check(started.url, "--site-only")[0] == 0
    assert code == 1
    assert lines["health"].startswith("✗ health: ")
    assert "502" in lines["health"]
    assert lines["full upscale"].startswith("✗")


def test_a_lost_alias_fails(site: Path, behind: str, tmp_path: Path) -> None:
    """The older address of the API is a check of its own."""
    shutil.copytree(site.with_name("configuration"), tmp_path / "configuration")
    _replace("configuration/proxy.conf", "location ~ ^/(?:gradio_)?api/", "location ~ ^/gradio_api/")(
        tmp_path
    )
    with nginx.running(tmp_path / "configuration", site, behind) as started:
        code, lines = check(started.url)
    assert (code, failed(lines)) == (1, {"proxy"})


def test_nobody_there_fails() -> None:
    """An address that does not answer fails, in one line a check and without a traceback."""
    code, lines = check(f"http://127.0.0.1:{servers.free_port()}")
    assert code == 1
    assert marked("✓", lines) == []


def test_every_file_is_as_scripts_serve_serves_it(front: str, site: Path) -> None:
    """Each file of the real build comes with the type and the headers that the page was tested with."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(front).netloc, timeout=10)
    for path in sorted(site.rglob("*")):
        if path.is_file() and path.suffix != ".gz":
            connection.request("HEAD", f"/{path.relative_to(site).as_posix()}")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            assert answer.headers["Content-Type"] == content_type(path)
            assert security_headers().items() <= dict(answer.headers).items()
    connection.close()


def test_the_page_works_as_deployed(visit: Visit, front: str) -> None:
    """Through nginx it is isolated, nothing is reported, and both places give the same picture."""
    visit.open(front).wait_until_ready()
    assert visit.page.evaluate("crossOriginIsolated")
    expect(visit.page.locator("#place")).to_be_visible()
    picture = pictures.encoded(pictures.scene())
    results = []
    for place in ("device", "server"):
        visit.page.select_option("#place", place)
        results.append(pixels(visit.upscale("scene.png", picture, device="cpu")))
    assert visit.badge[0] == "Cloud"
    assert abs(results[0] - results[1]).max() <= 1
    assert visit.faults == []


def test_persons_are_told_apart_behind_nginx(front: str) -> None:
    """One who has asked for as much as one may is refused, whatever they say of themselves; the next is not."""
    picture = pictures.encoded(pictures.scene(600, 600))

    def ask(address: str, **headers: str) -> int:
        host = urllib.parse.urlsplit(front).netloc
        connection = http.client.HTTPConnection(
            host.replace("localhost", "127.0.0.1"), timeout=30, source_address=(address, 0)
        )
        form = (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
            + picture
            + b"\r\n--x--\r\n"
        )
        connection.request("POST", "/api/upload", form, {"Content-Type": "multipart/form-data; boundary=x"})
        [path] = json.loads(connection.getresponse().read())
        data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, "swift", *servers.DEFAULTS]
        body = json.dumps({"data": data})
        connection.request("POST", "/api/call/upscale", body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    assert [ask("127.0.0.2") for _ in range(4)] == [200] * 4
    assert ask("127.0.0.2", **{"X-Forwarded-For": "127.0.0.9"}) == 503
    assert ask("127.0.0.3") == 200
