"""The checks of a deployed server, against one that does one thing wrong."""

from __future__ import annotations

import base64
import io
import itertools
import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from PIL import Image

from scripts.deployed.checking import Check, Failed, Skipped, run
from scripts.deployed.drawing import png, png_size
from scripts.deployed.server import Server
from scripts.serving import answering

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]


class StandIn(BaseHTTPRequestHandler):
    """Answers as 4XL's server does, but for one fault."""

    fault: ClassVar[str]
    numbers: ClassVar = itertools.count()
    kept: ClassVar[set[str]]
    jobs: ClassVar[dict[str, list[tuple[str, Any]]]]

    def do_GET(self) -> None:
        """Answer what is asked for."""
        path = self.path.replace("/api/", "/gradio_api/", self.fault != "no alias")
        if path == "/gradio_api/health":
            models = [] if self.fault == "no model" else ["swift"]
            self._json({"status": "ok", "models": models, "runtime": "torch", "device": "CPU"})
        elif path == "/gradio_api/info":
            known = ["/upscale", "/upscale_base64", "/models", "/health"][self.fault == "no upscale" :]
            self._json({"named_endpoints": dict.fromkeys(known)})
        elif path.startswith("/gradio_api/file=result"):
            self._send(200, "image/png", result(self.fault))
        elif path.startswith("/gradio_api/file=upload") and self.fault == "uploads can be read":
            self._send(200, "image/png", b"")
        elif path.startswith("/gradio_api/call/"):
            told = self.jobs[path.rpartition("/")[2]]
            lines = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in told)
            self._send(200, "text/html" if self.fault == "no stream" else "text/event-stream", lines.encode())
        else:
            self._send(404, "text/plain", b"nothing")

    def do_POST(self) -> None:
        """Take an upload or a job."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        number = str(next(self.numbers))
        if self.path.endswith("/upload"):
            path = "upload" if self.fault == "one name for all" else f"upload{number}"
            self.kept.add(path)
            self._json([path])
            return
        picture, model, *_ = json.loads(body)["data"]
        self.jobs[number] = self._told(picture["path"], model)
        self._json({"event_id": number})

    def _told(self, path: str, model: str) -> list[tuple[str, Any]]:
        if model == "nonsuch" and self.fault != "any model":
            return [
                (
                    "error",
                    {
                        "error": None if self.fault == "no words" else "There is none.",
                        "title": "unknown-model",
                    },
                )
            ]
        if path not in self.kept or self.fault == "it fails":
            return [("error", {"error": "There is no picture.", "title": "invalid-settings"})]
        if self.fault not in {"uploads stay", "one name for all"}:
            self.kept.remove(path)
        if self.path.endswith("base64"):
            coded = base64.b64encode(result(self.fault)).decode()
            return [("complete", ["" if self.fault == "no address" else f"data:image/png;base64,{coded}"])]
        waiting = [] if self.fault == "silence" else [("generating", [None, {}])]
        return [*waiting, ("complete", [{"path": "result"}, {"model": model, "runtime": "torch"}])]

    def _json(self, told: object) -> None:
        self._send(200, "application/json", json.dumps(told).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.fault != "own pages only":
            self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


def result(fault: str) -> bytes:
    """Return what a picture becomes."""
    content = png(48, 32) if fault == "twice as large" else png(96, 64)
    return content[:-20] if fault == "cut off" else content


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the stand-in, and give its address."""
    with answering(ThreadingHTTPServer(("localhost", 0), StandIn)) as address:
        yield address


FAULTS = {
    "none": set(),
    "no model": {"health"},
    "no alias": {"proxy"},
    "no upscale": {"API info"},
    "one name for all": {"upload"},
    "it fails": {"full upscale", "full upscale, as a data address"},
    "twice as large": {"full upscale", "full upscale, as a data address"},
    "cut off": {"full upscale", "full upscale, as a data address"},
    "silence": {"full upscale"},
    "no address": {"full upscale, as a data address"},
    "uploads stay": {"uploads are forgotten"},
    "uploads can be read": {"uploads are forgotten"},
    "any model": {"refusals"},
    "no words": {"refusals"},
    "no stream": {"full upscale", "full upscale, as a data address", "uploads are forgotten", "refusals"},
    "own pages only": {"other origins"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_fails_where_it_is(fault: str, url: str) -> None:
    """A server with one thing wrong fails the checks of that thing; one with nothing wrong fails none."""
    StandIn.fault, StandIn.kept, StandIn.jobs = fault, set(), {}
    lines: list[str] = []
    counts = run(Server(url, "https://4xl.example.org/").checks(), lines.append)
    failed = {line[2:].partition(": ")[0] for line in lines if line.startswith("✗")}
    # Where there is no model, or one upload stands for another, other checks stumble over that.
    assert failed >= FAULTS[fault] if fault in {"no model", "one name for all"} else failed == FAULTS[fault]
    assert counts["failed"] == len(failed)
    assert counts["passed"] + counts["failed"] == len(lines)


def test_what_becomes_of_a_check() -> None:
    """Each is one line with its outcome; one that stumbles has failed, and the next is made all the same."""

    def fail() -> str:
        raise Failed("it is broken")

    def skip() -> str:
        raise Skipped("there is none")

    def stumble() -> str:
        return str({}["nothing"])

    lines: list[str] = []
    checks = [Check("a", fail), Check("b", skip), Check("c", stumble), Check("d", lambda: "it is well")]
    assert run(checks, lines.append) == {"passed": 1, "failed": 2, "skipped": 1}
    assert lines == [
        "✗ a: it is broken",
        "· b: skipped, there is none",
        "✗ c: an answer makes no sense (KeyError: 'nothing')",
        "✓ d: it is well",
    ]


def test_the_picture_is_one() -> None:
    """Pillow reads what the checks send, and the checks read what Pillow writes, in any of PNG's forms."""
    with Image.open(io.BytesIO(png(24, 16))) as picture:
        picture.load()
        assert (picture.size, picture.mode) == ((24, 16), "RGB")
        for mode in ("1", "L", "P", "RGB", "RGBA", "LA", "I;16"):
            buffer = io.BytesIO()
            (Image.new(mode, (7, 5)) if mode == "I;16" else picture.convert(mode).resize((7, 5))).save(
                buffer, "PNG"
            )
            assert png_size(buffer.getvalue()) == (7, 5)


def test_any_damage_to_a_picture_is_seen() -> None:
    """Cut anywhere or changed anywhere, it is no whole PNG."""
    content = png(6, 4)
    for place in range(len(content)):
        with pytest.raises(Failed):
            png_size(content[:place])
        with pytest.raises(Failed):
            png_size(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


@pytest.mark.parametrize("address", ["4xl.example.org", "ftp://4xl.example.org", "https://", ""])
def test_an_address_that_is_none(address: str) -> None:
    """It is told so before anything is asked, with another exit code than a failed check has."""
    command = [sys.executable, "-I", "-S", str(REPOSITORY / "scripts/test_e2e.py"), address]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "is no address such as" in done.stderr
