"""A built site that learns where its server is: the configuration, and exactly that origin in the policy."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.building import pages, policy
from scripts.building.keeping import complete_service_worker
from scripts.deploying.configuring import BadConfigurationError, configure

REPOSITORY = Path(__file__).parents[2]
OTHER = "https://models.example:8443"


def make_site(root: Path, connect_to: list[str]) -> None:
    """Make a small built site whose pages may talk to these hosts."""
    shutil.copytree(REPOSITORY / "models", root / "models")
    allowed = policy.content_security_policy(connect_to)
    for name in ("index.html", "about.html"):
        (root / name).write_text(pages.complete_page("<html><head></head><p>&amp;</p></html>", allowed, []))
    (root / "sw.js").write_text("addEventListener();\n")
    (root / "config.json").write_text('{"server": null}\n')
    (root / policy.HEADERS).write_text(json.dumps(policy.security_headers(connect_to)))
    complete_service_worker(root)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a small built site whose pages may also talk to another host."""
    make_site(tmp_path / "site", [OTHER])
    return tmp_path / "site"


def connections(site: Path) -> list[str]:
    """Return what the pages may talk to, which is the same in each of them and in the headers."""
    texts = [html.unescape((site / name).read_text()) for name in ("index.html", "about.html")]
    texts.append(json.loads((site / policy.HEADERS).read_text())["Content-Security-Policy"])
    [found] = {re.search("connect-src ([^;]*);", text)[1] for text in texts}  # type: ignore[index]
    return found.split()


def contents(site: Path) -> dict[str, object]:
    """Return every file of the site; headers as what they say, however it is laid out."""
    found: dict[str, object] = {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }
    return found | {name: json.loads((site / name).read_text()) for name in (policy.HEADERS, "config.json")}


@pytest.mark.parametrize(
    ("server", "origin"),
    [
        ("https://4xl.example.org", "https://4xl.example.org"),
        ("https://4XL.example.org/", "https://4xl.example.org"),
        ("https://example.org/4xl/server/", "https://example.org"),
        ("http://localhost:7860", "http://localhost:7860"),
        (".", None),
        ("..", None),
        ("./server/", None),
        ("/server", None),
    ],
)
def test_a_server(site: Path, server: str, origin: str | None) -> None:
    """The page is told the address, and may talk to that origin; one beside the page is allowed as it is."""
    configure(site, server)
    assert json.loads((site / "config.json").read_text()) == {"server": server.rstrip("/")}
    assert connections(site) == ["'self'", OTHER, *filter(None, [origin])]


def test_only_what_must_change(site: Path) -> None:
    """All but policy, configuration and version stays; the version is another, so browsers that keep the page notice."""
    before = contents(site)
    configure(site, "https://4xl.example.org")
    after = contents(site)
    changed = {name for name in before if before[name] != after[name]}
    assert before.keys() == after.keys()
    assert changed == {"index.html", "about.html", "sw.js", "config.json", policy.HEADERS}
    versions = [
        re.search(b'"version": "([0-9a-f]+)"', found["sw.js"])[1]  # type: ignore[index, call-overload]
        for found in (before, after)
    ]
    assert versions[0] != versions[1]
    assert all(versions[1] in after[name] for name in ("index.html", "about.html"))  # type: ignore[operator]


def test_one_beside_the_page_is_no_new_version(site: Path) -> None:
    """Where the policy stays, pages and service worker stay, to the last byte."""
    before = contents(site)
    configure(site, ".")
    after = contents(site)
    assert {name for name in before if before[name] != after[name]} == {"config.json"}


def test_as_if_built_so(site: Path, tmp_path: Path) -> None:
    """A configured site is what a build that allowed the server would have made, so it takes over as one."""
    other = "https://4xl.example.org"
    built = tmp_path / "built"
    make_site(built, [OTHER, other])
    configure(built, other)
    configure(site, other)
    assert contents(site) == contents(built)


def test_again_another_and_none(site: Path) -> None:
    """Twice is once, another server takes the place of the one before, and none is how it was."""
    before = contents(site)
    configure(site, "https://first.example")
    once = contents(site)
    configure(site, "https://first.example")
    assert contents(site) == once
    configure(site, "https://second.example/path")
    assert connections(site) == ["'self'", OTHER, "https://second.example"]
    configure(site, None)
    assert contents(site) == before


def test_what_models_need_stays(site: Path) -> None:
    """A server where models are kept as well is forgotten as a server only."""
    table = json.loads((site / "models/manifest.json").read_text())
    for graph in table["models"][0]["graphs"].values():
        graph["url"] = f"{OTHER}/swift.onnx"
    (site / "models/manifest.json").write_text(json.dumps(table))
    configure(site, OTHER)
    assert connections(site) == ["'self'", OTHER]
    configure(site, None)
    assert connections(site) == ["'self'", OTHER]


@pytest.mark.parametrize("text", [None, "", "[]", '{"server": 5}', "{}"])
def test_a_configuration_that_is_none(site: Path, text: str | None) -> None:
    """Whatever stood there before is replaced."""
    (site / "config.json").unlink()
    if text is not None:
        (site / "config.json").write_text(text)
    configure(site, "https://4xl.example.org")
    assert json.loads((site / "config.json").read_text()) == {"server": "https://4xl.example.org"}


@pytest.mark.parametrize(
    "server",
    [
        "",
        "4xl.example.org",
        "localhost:7860",
        "ftp://4xl.example.org",
        "//4xl.example.org",
        "https://",
        "https:///path",
        "https://.",
        "https://*",
        "https://*.example.org",
        "https://user:secret@example.org",
        "https://example.org?query",
        "https://example.org#part",
        "https://example.org; script-src *",
        "https://example.org https://other.example",
        'https://example.org/">',
        "/",
        "javascript:alert(1)",
    ],
)
def test_nonsense_changes_nothing(site: Path, server: str) -> None:
    """What is no address of a server is refused with the address, and the site stays as it was."""
    before = contents(site)
    with pytest.raises(BadConfigurationError, match=re.escape(repr(server))):
        configure(site, server)
    assert contents(site) == before


def test_on_the_command_line(site: Path, tmp_path: Path) -> None:
    """The script says what is wrong and exits with 1, and with 0 when it is done."""
    command = [sys.executable, "-m", "scripts.deploying.configuring"]

    def run(folder: Path, server: str) -> tuple[int, str]:
        done = subprocess.run(
            [*command, folder, "--server", server],
            check=False,
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
        )
        return done.returncode, done.stdout + done.stderr

    assert run(tmp_path, ".") == (1, f"{tmp_path} is no folder that scripts/build_site made.\n")
    assert run(site, "https://4xl.example.org") == (0, "")
    assert connections(site)[-1] == "https://4xl.example.org"
    assert run(site, "none") == (0, "")
    assert connections(site) == ["'self'", OTHER]
