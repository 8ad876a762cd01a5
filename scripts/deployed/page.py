"""The site's checks: that its page will start, in several threads, and can talk to whom it should only."""

import hashlib
import html
import json
import re
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from .asking import Answer, get, get_ok
from .checking import Check, Failed, Skipped

ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SCRIPTS = {"text/javascript", "application/javascript"}
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


class Page:
    """The site at an address."""

    def __init__(self, url: str, *, is_static: bool) -> None:
        """Look at the site at `url`, which ends in a slash; a static host cannot send headers of ours."""
        self.url = url
        self.is_static = is_static

    def checks(self) -> list[Check]:
        """Return what there is to check."""
        return [
            Check("page", self.page),
            Check("configuration", self.configuration),
            Check("assets", self.assets),
            Check("scripts", self.scripts),
            Check("WASM", self.wasm),
            Check("missing files", self.missing),
            Check("isolation headers", self.isolation),
            Check("nosniff header", self.nosniff),
            Check("policy", self.policy),
        ]

    @cached_property
    def built(self) -> dict[str, str]:
        """The build's files with their sha256, as its service worker names them."""
        text = get_ok(self.url + "sw.js").body.decode()
        if not text.startswith("const BUILT = "):
            raise Failed("sw.js does not begin with the list of the build's files")
        told, _ = json.JSONDecoder().raw_decode(text.removeprefix("const BUILT = "))
        return {**told["files"], **told["files_on_use"]}

    @cached_property
    def files(self) -> dict[str, Answer]:
        """The answers to all of those."""
        return {name: get(self.url + name) for name in self.built}

    @cached_property
    def server(self) -> str | None:
        """Address of the server that the page is told of, ending in a slash; None for none."""
        server = get_ok(self.url + "config.json").json()["server"]
        return None if server is None else urljoin(self.url, f"{server}/")

    def page(self) -> str:
        """Check that it is there, and is ours."""
        answer = get_ok(self.url)
        if answer.kind != "text/html":
            raise Failed(f"its type is {answer.kind}")
        version = re.search(r'<meta name="version" content="([0-9a-f]+)">', answer.body.decode())
        if not version or b'id="job"' not in answer.body:
            raise Failed("it is some other page than 4XL's")
        return f"build {version[1]}, {len(answer.body)} bytes"

    def configuration(self) -> str:
        """Check that it names a server or none."""
        return f"the server is {self.server}" if self.server else "there is no server"

    def assets(self) -> str:
        """Check that every file of the build is there, byte for byte; pages may have had things written into them."""
        for name, answer in self.files.items():
            if answer.status != 200:
                raise Failed(f"{name} answers {answer.status}")
            if not name.endswith(".html") and hashlib.sha256(answer.body).hexdigest() != self.built[name]:
                raise Failed(f"{name} is not the file of this build")
        return (
            f"{len(self.files)} files, {sum(len(answer.body) for answer in self.files.values()) / 1e6:.0f} MB"
        )

    def scripts(self) -> str:
        """Check the type by which alone a browser runs modules."""
        found = [answer for name, answer in self.files.items() if name.endswith((".js", ".mjs"))]
        for answer in found:
            if answer.kind not in SCRIPTS:
                raise Failed(f"{answer.url} has the type {answer.kind}")
        return f"{len(found)} files"

    def wasm(self) -> str:
        """Check the type by which alone a browser compiles it while it arrives."""
        found = [answer for name, answer in self.files.items() if name.endswith(".wasm")]
        for answer in found:
            if answer.kind != "application/wasm":
                raise Failed(f"{answer.url} has the type {answer.kind}")
            if not answer.body.startswith(b"\0asm"):
                raise Failed(f"{answer.url} is no WebAssembly")
        if not found:
            raise Failed("there is none")
        return f"{len(found)} files"

    def missing(self) -> str:
        """Check that nothing comes in place of a file that is not there: it would be taken for the file."""
        answer = get(self.url + "vendor/missing.wasm")
        if answer.status != 404:
            raise Failed(f"a file that is not there answers {answer.status}")
        return "404"

    def isolation(self) -> str:
        """Check the three headers without which there is one thread; workers and what they load need them as well."""
        if self.is_static:
            raise Skipped("a static host: the service worker adds them")
        answers = self._answers_of_all_kinds()
        for answer in answers:
            for name, value in ISOLATION.items():
                _expect(answer, name, value)
        return f"on {len(answers)} kinds of answers"

    def nosniff(self) -> str:
        """Check that what is served as a picture cannot be run as a script."""
        if self.is_static:
            raise Skipped("a static host decides itself")
        answers = self._answers_of_all_kinds()
        if self.server:
            answers.append(get(f"{self.server}gradio_api/health"))
        for answer in answers:
            _expect(answer, "X-Content-Type-Options", "nosniff")
        return f"on {len(answers)} kinds of answers"

    def policy(self) -> str:
        """Check that the page may talk to its own host and its server, by its own words and by the host's."""
        answer = get_ok(self.url)
        found = _POLICY.findall(answer.body.decode())
        policies = [*map(html.unescape, found), *answer.headers.get_all("Content-Security-Policy", [])]
        if not found or not (self.is_static or len(policies) > len(found)):
            raise Failed(f"there is none in the {'headers' if found else 'page'}")
        for policy in policies:
            directives = {words[0]: words[1:] for words in map(str.split, policy.split(";")) if words}
            if directives.get("default-src") != ["'none'"]:
                raise Failed("it forbids nothing by default")
            if not _allows(directives.get("connect-src", []), self.url, self.server or self.url):
                raise Failed(f"it does not let the page talk to {self.server}")
        return "in the page" if self.is_static else "in the page and in the headers"

    def _answers_of_all_kinds(self) -> list[Answer]:
        """Return a page, a script, WebAssembly, what may be no file, and an error."""
        wasm = next(name for name in self.built if name.endswith(".wasm"))
        return [get(self.url + name) for name in ("", "sw.js", wasm, "config.json", "missing")]


def _expect(answer: Answer, name: str, value: str) -> None:
    found = answer.headers.get_all(name, [])
    if found != [value]:
        raise Failed(f"{answer.url} says {name}: {', '.join(found) or 'nothing'}")


def _origin(url: str) -> tuple[str, str]:
    return urlsplit(url)[:2]


def _allows(sources: list[str], page: str, server: str) -> bool:
    """Whether a page may talk to a server by a policy with these sources."""
    own = _origin(page) == _origin(server) and "'self'" in sources
    return own or "{}://{}".format(*_origin(server)) in sources
