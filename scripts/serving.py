"""Serves the built site, with the headers that make the page fast, isolated and closed to others."""

import argparse
import contextlib
import email.utils
import hashlib
import mimetypes
import os
import sys
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

from scripts.building.__main__ import add_options, build_site
from scripts.building.models import origins as model_origins
from scripts.building.policy import security_headers

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""Content types the page depends on; others are guessed from the name."""

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Compressed copies the build may have put beside a file, the better one first."""


class SiteHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD with files under one root, and nothing else."""

    protocol_version = "HTTP/1.1"
    server_version = "4XL"
    sys_version = ""

    def __init__(self, *args: object, root: Path, headers: Mapping[str, str], quiet: bool) -> None:
        """Handle one connection."""
        self._root = root
        self._extra = headers
        self._quiet = quiet
        super().__init__(*args)  # type: ignore[arg-type]

    def handle(self) -> None:
        """Answer the requests of one connection, until either side has had enough."""
        # A browser that navigates away drops its connections; nothing is wrong then.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        """Answer with the headers and the body."""
        body = self._answer()
        if body is not None:
            self.wfile.write(body.read_bytes())

    def do_HEAD(self) -> None:
        """Answer with the headers alone."""
        self._answer()

    def _answer(self) -> Path | None:
        """File to send after the headers, which have been sent; None if there is no body to send."""
        path = find_file(self._root, self.path)
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        body, encoding = self._choose_encoding(path)
        tag = _entity_tag(body, body.stat().st_mtime_ns, body.stat().st_size)
        unchanged = tag in self.headers.get("If-None-Match", "")
        self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK)
        if not unchanged:
            self.send_header("Content-Type", content_type(path))
            self.send_header("Content-Length", str(body.stat().st_size))
            if encoding:
                self.send_header("Content-Encoding", encoding)
        self.send_header("ETag", tag)
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Last-Modified", email.utils.formatdate(path.stat().st_mtime, usegmt=True))
        self.send_header("Cache-Control", _caching(path.relative_to(self._root)))
        self.end_headers()
        return None if unchanged else body

    def _choose_encoding(self, path: Path) -> tuple[Path, str]:
        """File whose bytes to send and its content encoding, which may be none."""
        accepted = {
            name.strip()
            for name, _, quality in (
                part.partition(";") for part in self.headers.get("Accept-Encoding", "").split(",")
            )
            if quality.strip() not in {"q=0", "q=0.0"}
        }
        for encoding, suffix in ENCODINGS.items():
            compressed = path.with_name(path.name + suffix)
            if encoding in accepted and compressed.is_file():
                return compressed, encoding
        return path, ""

    def end_headers(self) -> None:
        """Finish the headers of any answer, an error's too, with the ones every answer has."""
        for name, value in self._extra.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *args: object) -> None:
        """Log a request, unless asked to be quiet."""
        if not self._quiet:
            super().log_message(*args)  # type: ignore[arg-type]


def find_file(root: Path, target: str) -> Path | None:
    """File a request names, or None where there is none inside the root."""
    name = urllib.parse.unquote(urllib.parse.urlsplit(target).path)
    if "\0" in name or "\\" in name:
        return None
    path = (root / name.lstrip("/")).resolve()
    if not path.is_relative_to(root):
        return None
    if path.is_dir() and name.endswith("/"):
        path /= "index.html"
    return path if path.is_file() else None


def content_type(path: Path) -> str:
    """Content type of a file by its name."""
    return TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _caching(relative: Path) -> str:
    """Cache-Control of a file: for ever under a versioned folder, ask every time elsewhere."""
    if "vendor" in relative.parts[:-1]:
        return "public, max-age=31536000, immutable"
    return "no-cache"


@lru_cache(maxsize=1024)
def _entity_tag(path: Path, _mtime_ns: int, _size_bytes: int) -> str:
    """ETag of a file's contents; the numbers only tell the cache that the file has changed."""
    return f'"{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"'


def make_server(
    root: Path, port: int = 0, *, headers: Mapping[str, str] = MappingProxyType({}), quiet: bool = False
) -> ThreadingHTTPServer:
    """Server on localhost, ready for serve_forever().

    Args:
        root: folder to serve.
        port: port to listen on; 0 takes a free one.
        headers: headers to add to every answer; without any it plays a plain static host.
        quiet: log no requests.

    """
    handler = partial(SiteHandler, root=root.resolve(), headers=headers, quiet=quiet)
    return ThreadingHTTPServer(("localhost", port), handler)


@contextlib.contextmanager
def answering(server: HTTPServer) -> Iterator[str]:
    """Let a server answer in a thread of its own, and give its address."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    with server:
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def main() -> int:
    """Build the site and serve it until interrupted; exit code 1 when that could not start."""
    parser = argparse.ArgumentParser(prog="scripts/serve", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="port on localhost (8000)")
    parser.add_argument(
        "--with-server",
        action="store_true",
        help="enlarge here too, for devices that cannot: page and API on one port",
    )
    parser.add_argument(
        "--no-isolation", action="store_true", help="send no security headers, like a plain host"
    )
    add_options(parser)
    options = parser.parse_args()
    if options.with_server and options.no_isolation:
        parser.error("a server sends all headers; leave --no-isolation out")
    if not build_site(options):
        return 1
    if options.with_server:
        sys.stdout.flush()
        arguments = ["--port", str(options.port), "--site", str(options.output)]
        os.execv(sys.executable, [sys.executable, "-m", "backend.app", *arguments])  # noqa: S606 - ourselves
    connect_to = [*options.connect_to, *model_origins(options.output / "models")]
    headers = {} if options.no_isolation else security_headers(connect_to)
    try:
        server = make_server(options.output, options.port, headers=headers)
    except OSError as error:
        print(
            f"Port {options.port} cannot be used ({error.strerror}); choose another with --port.",
            file=sys.stderr,
        )
        return 1
    with server, contextlib.suppress(KeyboardInterrupt):
        print(f"· serving on http://localhost:{server.server_port}/  (stop with Ctrl+C)", flush=True)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
