"""Pictures that a call names: uploads that are here, files at public addresses, and nothing else."""

from __future__ import annotations

import asyncio
import gzip
import http.server
import inspect
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from backend import incoming
from backend.api import Api
from fourxl.errors import FourxlError, InputError, ServerBusy, UploadTooLarge

from .doubles import left

if TYPE_CHECKING:
    from backend.files import Files

MAX_BYTES = 1000
MARK = {"_type": "gradio.FileData"}
FILE = b"\x89PNG" + bytes(MAX_BYTES - 4)


def settle(arguments: Any, files: Files) -> list[Path]:
    """Return where the pictures among ``arguments`` lie."""
    settled: list[Path] = []
    asyncio.run(incoming.settle(arguments, files, MAX_BYTES, settled))
    return settled


@pytest.mark.parametrize("shape", [list, dict])
def test_an_upload_that_is_here_stays_where_it_is(files, shape):
    """Its path is told and its name; whatever else somebody put beside it goes; other arguments stay."""
    path = files.write("upload", b"a picture")
    given = {
        "image": {"path": str(path), "url": "http://x.test/", "orig_name": "a.png", "meta": 3},
        "model": "swift",
        "n": 3,
    }
    arguments = given if shape is dict else list(given.values())
    assert settle(arguments, files) == [path]
    found = arguments["image"] if shape is dict else arguments[0]
    assert found == {"path": str(path), "orig_name": "a.png", "meta": MARK}
    assert list(given.values())[1:] == ["swift", 3]
    assert left(files.folder) == [path]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.png", {"orig_name": "a.png"}),
        ("a" * 300, {"orig_name": "a" * 255}),
        ("\ud800.png", {"orig_name": "?.png"}),
        (3, {}),
        (None, {}),
        (["a.png"], {}),
    ],
)
def test_only_a_name_is_a_name(files, name, kept):
    """What is no text, or more of it than a name has, or cannot be written, does not reach Gradio."""
    path = files.write("upload", b"a picture")
    arguments = [{"path": str(path), "orig_name": name}]
    settle(arguments, files)
    assert arguments == [{"path": str(path), **kept, "meta": MARK}]


def test_what_is_left_out_is_as_gradio_s_callers_have_it():
    """The defaults are those of the functions themselves, for every length, by place and by name."""
    for function, number in incoming.JOBS.items():
        parameters = list(inspect.signature(getattr(Api, function)).parameters.values())[1 : number + 2]
        usual = {parameter.name: parameter.default for parameter in parameters[1:]}
        for length in range(number + 1):
            given = dict.fromkeys(list(usual)[:length], 7)
            whole = {"image": {"path": "p"}, **usual, **given}
            by_name = incoming.complete(function, {"image": {"path": "p"}, **given})
            assert (by_name, list(by_name)) == (whole, list(whole))
            assert incoming.complete(function, [{"path": "p"}, *given.values()]) == list(whole.values())


def test_arguments_without_a_picture_are_left_alone(files):
    """Nothing in them is looked at, whatever it looks like."""
    for arguments in ([], {}, [None, 3, "http://127.0.0.1/", ["/etc/passwd"], {"url": "http://127.0.0.1/"}]):
        before = repr(arguments)
        assert settle(arguments, files) == []
        assert repr(arguments) == before


def elsewhere(files: Files) -> list[Any]:
    """Return paths that are no uploads."""
    secret = files.folder.parent / "secret"
    secret.write_bytes(b"secret")
    (files.folder / "link").symlink_to(secret)
    there = files.write("upload", b"a picture")
    return [
        "/etc/passwd",
        "/proc/self/environ",
        str(secret),
        str(files.folder),
        str(there.parent),
        str(there.parent / ".." / ".." / "secret"),
        str(files.folder / "link"),
        str(there.with_name("uploads")),
        str(there.parent.with_name("A" * 32) / "upload"),
        str(there.relative_to(files.folder)),
        f"file://{there}",
        "ftp://example.test/a.png",
        "data:image/png;base64,AAAA",
        "",
        "a\0b",
        "\ud800",
        "a" * 5000,
        None,
        3,
        ["/etc/passwd"],
        {"path": str(there)},
    ]


@pytest.mark.parametrize("number", range(21))
def test_nothing_else_on_the_disk_is_a_picture(files, number):
    """Neither files of the system, nor folders, nor guesses at others' uploads, nor what is no path at all."""
    with pytest.raises(InputError):
        settle([{"path": elsewhere(files)[number]}], files)
    assert len(left(files.folder)) == 2, "the upload of another and the link stay"


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "127.0.0.1", "127.1", "2130706433", "0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[fc00::1]", "[ff02::1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "anna@127.0.0.1", "", ":80", "[", "%00", "a" * 300, "\ud800", "no.such.host.invalid",
    ],
)  # fmt: skip
def test_the_servers_own_network_is_not_reached(files, host):
    """Addresses of this machine and of networks that are nobody else's are refused, however they are written."""
    for scheme in ("http", "https"):
        with pytest.raises(InputError):
            settle([{"path": f"{scheme}://{host}/a.png"}], files)
    assert left(files.folder) == []


def test_only_the_names_own_host_is_asked(files, monkeypatch):
    """A name that leads into this network is refused by what this machine knows of it; nobody else hears it."""
    asked: list[str] = []

    class _Nobody(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(str(request.url))
            raise httpx.ConnectError("nobody")

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", _Nobody)
    monkeypatch.setattr("httpx._client.AsyncHTTPTransport", _Nobody)
    with pytest.raises(InputError):
        settle([{"path": "http://localhost/secret-name.png"}], files)
    assert asked == []


class _Host(http.server.BaseHTTPRequestHandler):
    """Answers as the path says."""

    ended = threading.Event()

    def do_GET(self) -> None:
        """Answer one request."""
        body, headers = FILE, {}
        status = int(self.path[1:4]) if self.path[1:4].isdecimal() else 200
        match self.path:
            case "/large":
                body = FILE + b"x"
            case "/endless" | "/slow":
                headers = {"Content-Length": str(10**12)}
            case "/packed":
                body, headers = gzip.compress(bytes(50 * 2**20)), {"Content-Encoding": "gzip"}
                body = body[:MAX_BYTES]
            case "/302":
                headers = {"Location": "/file"}
        self.server.heard.append(dict(self.headers))  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            while self.path == "/slow" and not self.ended.wait(0.01):
                self.wfile.write(b"x")
            self.wfile.write(body)
            while self.path == "/endless":
                self.wfile.write(bytes(2**16))
        except OSError:
            pass

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a server on this machine that is taken for a public one."""

    async def let_through(_host: str) -> str:
        return "127.0.0.1"

    monkeypatch.setattr(incoming, "_public_address", let_through)
    _Host.ended.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Host) as server:
        server.daemon_threads = True
        server.heard = []  # type: ignore[attr-defined]
        server.url = f"http://pictures.test:{server.server_port}"  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        _Host.ended.set()
        server.shutdown()
        thread.join()


def test_a_public_file_is_fetched(files, host):
    """It lies here then, as an upload, and its host has learnt nothing but that it was asked for."""
    arguments = [{"path": f"{host.url}/file", "url": f"{host.url}/other"}]
    (path,) = settle(arguments, files)
    assert arguments == [{"path": str(path), "meta": MARK}]
    assert path.name == "upload"
    assert files.take(path) == FILE
    (heard,) = host.heard
    assert heard["Host"].startswith("pictures.test")
    assert {name.lower() for name in heard} <= {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
    }


@pytest.mark.parametrize("status", [204, 301, 302, 404, 403, 500])
def test_an_address_without_a_file_is_told(files, host, status):
    """By its status; it leads nowhere else."""
    with pytest.raises(InputError, match=str(status)):
        settle([{"path": f"{host.url}/{status}"}], files)
    assert len(host.heard) == 1
    assert left(files.folder) == []


@pytest.mark.parametrize("path", ["large", "endless"])
def test_a_file_that_is_too_large_is_not_fetched_to_its_end(files, host, path):
    """Just one byte more is too much; the limit is told."""
    with pytest.raises(UploadTooLarge, match="larger than"):
        settle([{"path": f"{host.url}/{path}"}], files)
    assert left(files.folder) == []


def test_nothing_is_unpacked(files, host):
    """A host that packs what it sends, unasked, cannot fill the memory: a few bytes may become millions."""
    with pytest.raises(FourxlError) as told:
        settle([{"path": f"{host.url}/packed"}], files)
    assert isinstance(told.value, InputError)
    assert host.heard[0]["Accept-Encoding"] == "identity"


def test_a_host_that_takes_its_time_is_given_up(files, host, monkeypatch):
    """After as long as is waited for the whole of it, however little it sends in between."""
    monkeypatch.setattr(incoming, "_PATIENCE_S", 0.05)
    with pytest.raises(InputError):
        settle([{"path": f"{host.url}/slow"}], files)
    assert left(files.folder) == []


@pytest.mark.usefixtures("host")
def test_nobody_there_is_told(files):
    """A public host without a server."""
    with pytest.raises(InputError, match="cannot be fetched"):
        settle([{"path": "http://pictures.test:1/file"}], files)


def test_one_picture_is_enough(files, host):
    """A call has one picture: nobody makes this server fetch many."""
    with pytest.raises(InputError, match="one picture"):
        settle([{"path": f"{host.url}/file"}] * 2, files)
    assert len(host.heard) <= 1


def test_a_full_disk_is_told(files, host, monkeypatch):
    """As for an upload."""
    monkeypatch.setattr(files, "_budget_bytes", MAX_BYTES - 1)
    with pytest.raises(ServerBusy):
        settle([{"path": f"{host.url}/file"}], files)
    assert left(files.folder) == []
