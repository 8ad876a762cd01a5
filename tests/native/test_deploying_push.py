"""Pushing a Space, to a repository that stands where the host is, and the workflow that does it."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scripts.serving import answering

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
WORKFLOW = REPOSITORY / ".github/workflows/deploy.yml"
GIT = shutil.which("git") or "git"
TOKEN, WRONG = "hf_secret", "hf_wrong"


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """Give a small folder of a Space."""
    folder = tmp_path / "space"
    (folder / "vendor").mkdir(parents=True)
    (folder / "README.md").write_text("---\nsdk: static\n---\n")
    (folder / "vendor/a.wasm").write_bytes(b"\0asm")
    return folder


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Give an empty repository on the host."""
    path = tmp_path / "remote.git"
    git("init", "--quiet", "--bare", "--initial-branch=main", path)
    return path


def git(*arguments: object, **options: Any) -> str:
    """Return what git says."""
    command = [GIT, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def push(folder: Path, url: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script in an environment where nobody has set up git."""
    command = [str(REPOSITORY / "scripts/deploying/push"), str(folder), str(url)]
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "MESSAGE": "Assemble it",
        **environment,
    }
    return subprocess.run(command, check=False, capture_output=True, text=True, env=variables)


def files(remote: Path) -> list[str]:
    """Return the names of the files in the host's newest commit."""
    return git("-C", remote, "ls-tree", "-r", "--name-only", "main").splitlines()


def commits(remote: Path) -> list[str]:
    """Return the host's commits, the newest first."""
    return git("-C", remote, "log", "--format=%s", "main").splitlines()


def test_the_space_becomes_the_folder(space: Path, remote: Path) -> None:
    """New, changed and deleted files arrive, each time in one commit after those before."""
    assert push(space, remote).returncode == 0
    assert files(remote) == ["README.md", "vendor/a.wasm"]
    (space / "vendor/a.wasm").unlink()
    (space / ".gitignore").write_text("*\n")
    (space / "app.py").write_text("print()\n")
    assert push(space, remote, MESSAGE="Assemble it again").returncode == 0
    assert files(remote) == [".gitignore", "README.md", "app.py"]
    assert git("-C", remote, "show", "main:app.py") == "print()\n"
    assert commits(remote) == ["Assemble it again", "Assemble it"]


def test_what_is_there_already_is_not_pushed(space: Path, remote: Path) -> None:
    """The same folder twice is one commit, and the folder stays as it was."""
    before = sorted(space.rglob("*"))
    push(space, remote)
    done = push(space, remote)
    assert (done.returncode, done.stdout) == (0, f"· {remote} is up to date\n")
    assert commits(remote) == ["Assemble it"]
    assert sorted(space.rglob("*")) == before


def test_what_the_host_had_before_stays_below(space: Path, remote: Path, tmp_path: Path) -> None:
    """A Space that somebody else began keeps its history, and loses the files."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("Hello")
    push(other, remote, MESSAGE="Begin")
    assert push(space, remote).returncode == 0
    assert commits(remote) == ["Assemble it", "Begin"]
    assert files(remote) == ["README.md", "vendor/a.wasm"]


def test_a_host_that_is_not_there(space: Path, tmp_path: Path) -> None:
    """Why is told in git's words, and the exit code says that nothing was pushed."""
    done = push(space, tmp_path / "nowhere")
    assert done.returncode != 0
    assert "nowhere" in done.stderr


def test_files_that_lfs_carries(space: Path, remote: Path, tmp_path: Path) -> None:
    """They pass through Git LFS on the way in; without it nothing is pushed."""
    (space / ".gitattributes").write_text("*.wasm filter=lfs diff=lfs merge=lfs -text\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    stand_in = tools / "git-lfs"
    stand_in.write_text(
        '#!/bin/sh\ncase $1 in\n  install) git config filter.lfs.clean "git-lfs clean" ;;\n'
        '  clean) echo "points at $(wc -c) bytes" ;;\nesac\n'
    )
    stand_in.chmod(0o755)
    with_tools = f"{tools}:{os.environ['PATH']}"
    assert push(space, remote, PATH=with_tools).returncode == 0
    assert git("-C", remote, "show", "main:vendor/a.wasm") == "points at 4 bytes\n"
    stand_in.write_text("#!/bin/sh\nexit 1\n")
    done = push(space, remote, PATH=with_tools)
    assert done.returncode == 1
    assert "install git-lfs first" in done.stderr


class Host(BaseHTTPRequestHandler):
    """A host of repositories that lets in who has the token; git itself does the rest."""

    root: Path

    def do_GET(self) -> None:
        """Answer with git's own program for hosts."""
        told = self.headers.get("Authorization", "")
        if base64.b64decode(told.removeprefix("Basic ")) != f"user:{TOKEN}".encode():
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        variables = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "user",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        command = [GIT, "http-backend"]
        answer = subprocess.run(command, check=True, input=body, capture_output=True, env=variables).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().splitlines():
            self.send_header(*line.split(": ", 1))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def host(remote: Path) -> Iterator[str]:
    """Serve that repository to who has the token, and give its address."""
    Host.root = remote.parent
    with answering(ThreadingHTTPServer(("localhost", 0), Host)) as url:
        yield f"{url}{remote.name}"


def test_the_token_opens_the_host_and_is_told_to_nobody_else(space: Path, remote: Path, host: str) -> None:
    """With it the push goes through, without it it fails at once; it stands in no output and in no commit."""
    assert push(space, host).returncode != 0
    refused = push(space, host, HF_TOKEN=WRONG)
    assert refused.returncode != 0
    done = push(space, host, HF_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert files(remote) == ["README.md", "vendor/a.wasm"]
    for told in (refused.stdout, refused.stderr, done.stdout, done.stderr, git("-C", remote, "show", "main")):
        assert TOKEN not in told
        assert WRONG not in told


def steps() -> list[dict[str, Any]]:
    """Return the workflow's steps."""
    [job] = yaml.safe_load(WORKFLOW.read_text())["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def test_the_workflow_asks_for_little() -> None:
    """It may read the repository and no more, uses only what cannot change, and shows the token to one step."""
    text = WORKFLOW.read_text()
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    for step in steps():
        assert "uses" not in step or re.fullmatch("actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
        # What others can choose, a branch's name say, must not become part of a program.
        assert "${{" not in step.get("run", "")
    assert text.count("${{ secrets.HF_TOKEN }}") == 1


def test_the_workflows_programs_are_whole() -> None:
    """A shell can read each, and each script of ours that they name is there."""
    for step in steps():
        program = step.get("run", "")
        subprocess.run(["/bin/bash", "-n"], check=True, input=program, text=True)
        for name in re.findall(r"^\s*(scripts/\S+)", program, re.MULTILINE):
            assert os.access(REPOSITORY / name, os.X_OK)


@pytest.mark.parametrize("missing", ["HAS_TOKEN", "SITE_SPACE", "SERVER_SPACE", None])
def test_the_workflow_where_nothing_is_set_up(missing: str | None, tmp_path: Path) -> None:
    """Where the token or a Space is missing it says so, and every step after the first is left out."""
    first, *others = steps()
    output = tmp_path / "output"
    output.touch()
    there = {
        "HAS_TOKEN": "true",
        "SITE_SPACE": "me/site",
        "SERVER_SPACE": "me/server",
        "GITHUB_OUTPUT": str(output),
    }
    if missing:
        there[missing] = ""
    done = subprocess.run(
        ["/bin/bash", "-ec", first["run"]], check=True, capture_output=True, text=True, env=there
    )
    assert output.read_text() == ("" if missing else "known=true\n")
    assert done.stdout.startswith("::notice::") == bool(missing)
    assert {step["if"] for step in others} == {"steps.target.outputs.known"}


def test_the_workflows_address_of_the_server(tmp_path: Path) -> None:
    """The page is told the address that the host gives to a Space of that name."""
    [step] = [step for step in steps() if "assemble_space" in step.get("run", "")]
    (tmp_path / "scripts").mkdir()
    stand_in = tmp_path / "scripts/assemble_space"
    stand_in.write_text('#!/bin/sh\necho "$@"\n')
    stand_in.chmod(0o755)
    there = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": "made",
        "SERVER_SPACE": "My_Name/4XL.api",
        "ZERO_GPU": "true",
    }
    done = subprocess.run(
        ["/bin/bash", "-euc", step["run"]],
        check=True,
        capture_output=True,
        text=True,
        env=there,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == [
        "site made/site --server https://my-name-4xl-api.hf.space",
        "server made/server --zero-gpu",
    ]
