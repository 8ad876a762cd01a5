"""A real server in a process of its own, and the plainest client there is."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 60.0
_LOOK_S = 0.1

DEFAULTS = ("png", 92, "same", False, False, None, None, 1.0, 0.5, None)
"""The arguments of /upscale after the picture and the model, as the page sends them."""


_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Made once, and without authorities: there is no https here, and to read them takes longer than a small job."""


def until(is_so: Callable[[], bool]) -> None:
    """Return as soon as something is so."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < PATIENCE_S, "it has not come about"
        time.sleep(_LOOK_S)


@dataclass
class Server:
    """One running server."""

    url: str
    """Ends in a slash."""

    log: Path
    """All that it has written, to standard output and standard error."""

    temporary: Path
    """The folder in which it has its temporary folders."""

    process: subprocess.Popen[bytes]
    clients: list[Client] = field(default_factory=list)

    @property
    def api(self) -> str:
        """Where its API is."""
        return f"{self.url}gradio_api"

    def client(self, person: str = "") -> Client:
        """Return a client at the address ``person``, closed when the server ends."""
        self.clients.append(Client(self, person))
        return self.clients[-1]

    def files(self) -> list[Path]:
        """Return every file below its temporary folders."""
        return [path for path in self.temporary.rglob("*") if path.is_file()]


class Client:
    """Speaks HTTP with a server, as one person."""

    def __init__(self, server: Server, person: str) -> None:
        """Come from the address ``person``; the server believes it, since it runs behind this machine."""
        headers = {"x-forwarded-for": person} if person else {}
        self.http = httpx.Client(
            base_url=f"{server.api}/",
            headers=headers,
            timeout=PATIENCE_S,
            verify=_NO_TLS,
        )

    def upload(self, content: bytes, name: str = "picture.png") -> httpx.Response:
        """Send a file."""
        return self.http.post("upload", files={"files": (name, content)})

    def ask(self, path: str, model: str = "swift", *rest: Any, name: str = "picture.png") -> httpx.Response:
        """Ask for an upload to be enlarged; ``rest`` takes the place of the first of the other arguments."""
        picture = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        arguments = [picture, model, *rest, *DEFAULTS[len(rest) :]]
        return self.http.post("call/upscale", json={"data": arguments})

    def start(self, content: bytes, model: str = "swift", *rest: Any, name: str = "picture.png") -> str:
        """Send a picture, ask for it to be enlarged, and return the job's id."""
        path = self.upload(content, name).raise_for_status().json()[0]
        answer = self.ask(path, model, *rest, name=name).raise_for_status().json()
        return str(answer["event_id"])

    @contextmanager
    def listening(self, job: str) -> Iterator[Iterator[tuple[str, Any]]]:
        """Give the events of a job, each with what it tells; leaving the block hangs up."""
        with self.http.stream("GET", f"call/upscale/{job}") as stream:
            yield _events(stream)

    def enlarge(self, content: bytes, *rest: Any, name: str = "picture.png") -> tuple[bytes, dict[str, Any]]:
        """Do a whole job and return the result's file and the report."""
        with self.listening(self.start(content, *rest, name=name)) as events:
            kind, told = list(events)[-1]
        assert kind == "complete", told
        return self.fetch(told[0]["path"]).raise_for_status().content, told[1]

    def fetch(self, path: str) -> httpx.Response:
        """Get a result."""
        return self.http.get(f"file={path}")

    def health(self) -> dict[str, Any]:
        """Ask how the server is."""
        told: dict[str, Any] = self.http.get("health").raise_for_status().json()
        return told


def _events(stream: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in stream.iter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield kind, json.loads(line.removeprefix("data: "))


@contextmanager
def running(*arguments: str, module: str = "backend.app", **environment: str) -> Iterator[Server]:
    """Start a server with further arguments and variables, and stop it afterwards."""
    with tempfile.TemporaryDirectory(prefix="server-") as folder:
        log, temporary = Path(folder) / "log", Path(folder) / "tmp"
        temporary.mkdir()
        command = [sys.executable, "-m", module, "--port", str(free_port()), *arguments]
        variables = {"FOURXL_RUNTIME": "onnxruntime", "TMPDIR": str(temporary), **environment}
        with log.open("wb") as written:
            process = subprocess.Popen(
                command, cwd=REPOSITORY, env={**os.environ, **variables}, stdout=written, stderr=written
            )
        server = Server("", log, temporary, process)
        try:
            server.url = _address(process, log)
            yield server
        finally:
            for client in server.clients:
                client.http.close()
            process.terminate()
            process.wait(PATIENCE_S)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return what the server says it serves on, as soon as it says so."""
    for _ in range(round(PATIENCE_S / _LOOK_S)):
        written = log.read_text()
        if found := re.search(r"serving on (\S+)", written):
            return found[1]
        assert process.poll() is None, f"the server has ended:\n{written}"
        time.sleep(_LOOK_S)
    raise AssertionError(f"the server does not start:\n{written}")
