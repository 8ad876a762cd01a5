"""The containers, as far as that can be shown without building them: what is copied is there, and it starts."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from scripts.deploying import requirements, web_server
from tests import nginx
from tests.backend.servers import free_port

REPOSITORY = Path(__file__).parents[2]
INSTALLED = sysconfig.get_path("purelib")

Stage = list[tuple[str, str]]


@pytest.fixture(scope="module")
def stages() -> dict[str, Stage]:
    """Return the Dockerfile's stages by name, each with its instructions and what they say."""
    text = (REPOSITORY / "Dockerfile").read_text()
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    found: dict[str, Stage] = {}
    for line in filter(None, lines):
        instruction, _, told = line.partition(" ")
        if instruction == "FROM":
            found[told.split(" AS ")[1]] = []
        list(found.values())[-1].append((instruction, told))
    return found


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """Return docker-compose.yml."""
    told: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    return told


@lru_cache
def sent() -> set[str]:
    """Return the paths of the repository's files that .dockerignore lets into a build."""
    rules = [line for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line[0] != "#"]

    def is_sent(path: str) -> bool:
        ignored = False
        for rule in rules:
            pattern = rule.removeprefix("!").removeprefix("**/")
            parts = path.split("/")
            places = parts if "**/" in rule else ["/".join(parts[: count + 1]) for count in range(len(parts))]
            if any(fnmatch.fnmatchcase(place, pattern) for place in places):
                ignored = not rule.startswith("!")
        return not ignored

    git = [shutil.which("git") or "git", "-C", REPOSITORY]
    listed = subprocess.run([*git, "ls-files"], check=True, capture_output=True, text=True)
    left_behind = (
        path for folder in ("backend", "pyapp", "scripts") for path in (REPOSITORY / folder).rglob("*.pyc")
    )
    untracked = [path.relative_to(REPOSITORY).as_posix() for path in left_behind]
    return {path for path in [*listed.stdout.splitlines(), *untracked] if is_sent(path)}


def copy(stage: Stage, root: Path) -> None:
    """Do a stage's COPY instructions from the repository, with `root` as its working folder."""
    for told in (told for instruction, told in stage if instruction == "COPY" and "--from" not in told):
        *sources, target = told.split()
        for source in sources:
            names = {path for path in sent() if path == source or path.startswith(f"{source}/")}
            assert names, f"{source} is not there, or .dockerignore leaves it out"
            for name in names:
                # A folder's contents are copied, a file into a folder that is named with a slash.
                inner = name.removeprefix(source).lstrip("/")
                place = root / target / (inner or Path(name).name if target.endswith("/") or inner else "")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / name, place)


def said(stage: Stage, instruction: str) -> str:
    """Return what the stage's last instruction of that name says."""
    return [told for name, told in stage if name == instruction][-1]


@pytest.mark.parametrize("target", ["site", "server"])
def test_an_image_runs_as_nobody_on_the_usual_port(stages: dict[str, Stage], target: str) -> None:
    """The user at the end is not root, and nothing is installed or copied after that."""
    stage = stages[target]
    assert int(said(stage, "USER").partition(":")[0]) > 0
    last = [name for name, _ in stage].index("USER")
    assert not {"RUN", "COPY", "ADD"} & {name for name, _ in stage[last:]}
    assert said(stage, "EXPOSE") == "7860"
    assert ":7860/" in said(stage, "HEALTHCHECK")


def test_every_base_is_a_version(stages: dict[str, Stage]) -> None:
    """No base image is whatever is newest; the server has the Python for which its packages are chosen."""
    bases = {name: said(stage, "FROM").split()[0] for name, stage in stages.items()}
    for base in bases.values():
        assert re.fullmatch(r"[a-z]+:[0-9.]+[a-z-]*", base)
    assert bases["server"] == f"python:{requirements.PYTHON}-slim"


def test_nothing_private_or_superfluous_is_sent() -> None:
    """Of the repository a build sees what it copies; neither its history, nor tests, nor caches."""
    names = sent()
    assert not [name for name in names if name.startswith((".git", ".ci", "tests/", ".venv", ".cache"))]
    assert not [name for name in names if "__pycache__" in name]


def test_the_builder_has_all_it_imports(stages: dict[str, Stage], tmp_path: Path) -> None:
    """With what is copied, and no more of this repository, the site's build and nginx's configuration start."""
    copy(stages["built"], tmp_path)
    program = said(stages["built"], "RUN")
    assert program == (
        "scripts/build_site --output /site && .venv/bin/python -m scripts.deploying.web_server /site /nginx"
    )
    assert os.access(tmp_path / "scripts/build_site", os.X_OK)
    imports = "import scripts.building.__main__, scripts.deploying.web_server as made; print(made.TEMPLATES)"
    told = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path[:0] = ['.', 'pyapp', {INSTALLED!r}]; {imports}",
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    ).stdout
    assert Path(told.strip()).samefile(tmp_path / "scripts/deploying/nginx")


def test_the_site_starts_as_the_image_starts_it(stages: dict[str, Stage]) -> None:
    """The script is where the image runs it, and its defaults are the places that the image copies to."""
    copied = dict(told.split()[1:] for name, told in stages["site"] if name == "COPY")
    assert copied == {"/nginx": "/etc/4xl", "/site": "/srv/site"}
    assert json.loads(said(stages["site"], "ENTRYPOINT")) == ["sh", "/etc/4xl/start"]
    start = (web_server.TEMPLATES / "start").read_text()
    assert "port=${PORT:-7860} site=${SITE:-/srv/site} state=${STATE:-/tmp/4xl}" in start


def test_the_server_starts_as_the_image_starts_it(stages: dict[str, Stage], tmp_path: Path) -> None:
    """With what is copied, and no more of this repository, its command serves, and finds itself healthy."""
    stage = stages["server"]
    copy(stage, tmp_path)
    _, flag, module, *arguments = json.loads(said(stage, "CMD"))
    assert flag == "-m"
    port = str(free_port())
    program = f"import runpy, sys; sys.path[:0] = ['.', {INSTALLED!r}]; runpy.run_module({module!r}, run_name='__main__')"
    command = [sys.executable, "-I", "-S", "-c", program, *arguments, "--port", port]
    _, check, python = json.loads(said(stage, "HEALTHCHECK").partition("CMD ")[2])
    health = [sys.executable, check, python.replace(":7860/", f":{port}/")]
    assert subprocess.run(health, check=False, capture_output=True).returncode != 0
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            while "serving on" not in (line := process.stdout.readline()):
                assert line, "the server has ended"
            subprocess.run(health, check=True)
        finally:
            process.terminate()


def test_the_servers_packages_are_pinned(stages: dict[str, Stage]) -> None:
    """They come from our extras, without torch, at the versions of constraints.txt."""
    extras = said(stages["server"], "ARG").removeprefix("EXTRAS=").split(",")
    optional = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert not [line for extra in extras for line in optional[extra] if "torch" in line]
    install = said(stages["server"], "RUN")
    assert "PIP_CONSTRAINT=constraints.txt pip install" in install
    assert '".[$EXTRAS]"' in install


def test_compose_starts_what_the_dockerfile_makes(compose: dict[str, Any], stages: dict[str, Stage]) -> None:
    """Each service is a target, writes to memory only, and only the site can be reached, from this machine."""
    for service in compose["services"].values():
        assert service["build"]["target"] in stages
        assert service["read_only"] is True
        assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - in the container
    assert compose["services"]["site"]["ports"] == ["127.0.0.1:7860:7860"]
    assert "ports" not in compose["services"]["server"]


def test_compose_joins_both(compose: dict[str, Any]) -> None:
    """The site asks the service of that name, both have one limit, and the server believes the site alone."""
    site, server = (
        dict(line.partition("=")[::2] for line in compose["services"][name]["environment"])
        for name in ("site", "server")
    )
    assert site["SERVER_URL"] == "http://server:7860"
    assert site["FOURXL_MAX_UPLOAD_MB"] == server["FOURXL_MAX_UPLOAD_MB"]
    assert server["FORWARDED_ALLOW_IPS"] == "*"
    assert compose["services"]["server"]["networks"] == ["inner"]
    assert compose["networks"]["inner"] == {"internal": True}


def test_the_site_does_not_wait_for_the_server(compose: dict[str, Any], tmp_path: Path) -> None:
    """It starts, and serves the page, while the server's name is not even known."""
    [server] = [
        line.removeprefix("SERVER_URL=")
        for line in compose["services"]["site"]["environment"]
        if line.startswith("SERVER_URL=")
    ]
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("page")
    (tmp_path / "site/headers.json").write_text("{}")
    web_server.prepare(tmp_path / "site", tmp_path / "configuration")
    with nginx.running(tmp_path / "configuration", tmp_path / "site", server) as front:
        assert httpx.get(front.url).text == "page"
