"""The folders that become Spaces: whole, and they run with nothing of this repository beside them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from gradio_client import Client, handle_file
from PIL import Image

from scripts.building import pages, policy
from scripts.building.keeping import complete_service_worker
from scripts.deploying import requirements
from scripts.deploying.configuring import BadConfigurationError
from scripts.deploying.spaces import LARGE_BYTES, assemble_server, assemble_site
from tests import pictures
from tests.backend.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the server's Space."""
    output = tmp_path_factory.mktemp("spaces") / "server"
    assemble_server(output, zero_gpu=False, say=lambda _: None)
    return output


@pytest.fixture(scope="module")
def answering(space: Path) -> Iterator[str]:
    """Start the server from that folder as the host does; of this repository it can import nothing."""
    installed = sysconfig.get_path("purelib")
    # Without the module site no .pth file is read, and so not the one that leads to this repository.
    program = f"import runpy, sys; sys.path[:0] = ['.', {installed!r}]; runpy.run_path('app.py', run_name='__main__')"
    command = [sys.executable, "-I", "-S", "-c", program, "--port", str(free_port())]
    with subprocess.Popen(
        command,
        cwd=space,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "FOURXL_RUNTIME": "openvino"},
    ) as process:
        assert process.stdout
        with contextlib.ExitStack() as stack:
            stack.callback(process.terminate)
            told = ""
            while not (found := re.search(r"serving on (\S+)", told)):
                line = process.stdout.readline()
                assert line, f"the server has ended: {told}"
                told += line
            yield found[1]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Give a small built site."""
    site = tmp_path / "built"
    (site / "vendor").mkdir(parents=True)
    shutil.copytree(REPOSITORY / "models", site / "models")
    page = pages.complete_page("<html><head></head></html>", policy.content_security_policy(), [])
    (site / "index.html").write_text(page)
    (site / "sw.js").write_text("addEventListener();\n")
    (site / "config.json").write_text('{"server": null}\n')
    (site / policy.HEADERS).write_text(json.dumps(policy.security_headers()))
    (site / "vendor/a.wasm").write_bytes(b"\0asm")
    (site / "vendor/large.js").write_text("/" * (LARGE_BYTES + 1))
    (site / "vendor/small.js").write_text("//")
    complete_service_worker(site)
    return site


def card(folder: Path) -> dict[str, Any]:
    """Return what the card tells the host."""
    _, front, text = (folder / "README.md").read_text().split("---\n", 2)
    assert "@" not in front
    assert text.strip()
    told: dict[str, Any] = yaml.safe_load(front)
    return told


def test_the_server_answers(answering: str) -> None:
    """It starts from its folder alone, and says how it computes."""
    told = httpx.get(f"{answering}gradio_api/health").raise_for_status().json()
    assert (told["status"], told["runtime"]) == ("ok", "openvino")
    assert "swift" in told["models"]


def test_the_server_enlarges(answering: str, tmp_path: Path) -> None:
    """The client that others use gets a picture four times as large."""
    (tmp_path / "photo.png").write_bytes(pictures.encoded(pictures.scene(20, 12)))
    with contextlib.redirect_stdout(io.StringIO()):
        client = Client(answering)
    result, *_ = client.predict(handle_file(str(tmp_path / "photo.png")), api_name="/upscale")
    client.close()
    with Image.open(result) as enlarged:
        assert enlarged.size == (80, 48)


def test_the_servers_card(space: Path) -> None:
    """It names Gradio's version that we test with, and a Python that we support."""
    told = card(space)
    assert told["sdk"] == "gradio"
    assert told["sdk_version"] == metadata.version("gradio")
    assert told["python_version"] == requirements.PYTHON
    assert (space / told["app_file"]).is_file()


def test_the_servers_packages_are_those_that_are_tested(space: Path) -> None:
    """Every line names one version: the one that is installed where the tests run."""
    lines = (space / "requirements.txt").read_text().splitlines()
    for line in lines:
        name, _, version = line.partition("==")
        assert metadata.version(name) == version
    assert {"gradio", "gradio_client", "openvino", "onnxruntime", "numpy", "starlette"} <= {
        line.partition("==")[0] for line in lines
    }
    assert "torch" not in {line.partition("==")[0] for line in lines}


def test_the_server_on_a_lent_gpu(tmp_path: Path) -> None:
    """There it computes by torch, and the host's own package comes in the host's version."""
    assemble_server(tmp_path / "space", zero_gpu=True, say=lambda _: None)
    lines = (tmp_path / "space/requirements.txt").read_text().splitlines()
    assert "spaces" in lines
    assert f"torch=={metadata.version('torch').partition('+')[0]}" in lines
    assert not [line for line in lines if line.startswith("openvino")]


def test_what_nobody_pinned_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package that constraints.txt does not name is told by name, however deep it is needed."""
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    lines = (REPOSITORY / "constraints.txt").read_text().splitlines()
    (tmp_path / "constraints.txt").write_text(
        "\n".join(line for line in lines if not line.startswith("h11=="))
    )
    monkeypatch.setattr(requirements, "REPOSITORY", tmp_path)
    with pytest.raises(requirements.UnpinnedError, match=r"no version of h11\."):
        requirements.pinned("server")


def test_only_the_server_is_in_its_folder(space: Path) -> None:
    """Nothing of the page, the scripts or the tests, and nothing that Python left behind."""
    assert {path.name for path in space.iterdir()} == {
        ".gitattributes",
        "LICENSE",
        "README.md",
        "app.py",
        "backend",
        "fourxl",
        "fourxl_native",
        "models",
        "requirements.txt",
    }


def test_the_site(built: Path, tmp_path: Path) -> None:
    """The built site as it is, with its card, and the server it may use."""
    assemble_site(tmp_path / "space", built, "https://owner-name.hf.space")
    told = card(tmp_path / "space")
    assert told["sdk"] == "static"
    assert (tmp_path / "space" / told["app_file"]).is_file()
    assert told["custom_headers"] == {name.lower(): value for name, value in policy.ISOLATION.items()}
    assert json.loads((tmp_path / "space/config.json").read_text()) == {
        "server": "https://owner-name.hf.space"
    }
    assert "connect-src 'self' https://owner-name.hf.space;" in (tmp_path / "space/index.html").read_text()
    assert (tmp_path / "space/vendor/a.wasm").read_bytes() == b"\0asm"
    assert json.loads((built / "config.json").read_text()) == {"server": None}


def test_what_the_host_does_not_take_itself(built: Path, tmp_path: Path) -> None:
    """Git LFS carries binary files of any size and large ones of any kind; git itself says so."""
    folder = tmp_path / "space"
    assemble_site(folder, built, None)
    names = [
        "vendor/a.wasm",
        "vendor/large.js",
        "models/swift.onnx",
        "vendor/small.js",
        "index.html",
        "README.md",
    ]
    git = [shutil.which("git") or "git", "-C", folder]
    subprocess.run([*git, "init", "--quiet"], check=True)
    told = subprocess.run(
        [*git, "check-attr", "filter", *names], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert [line.endswith(": lfs") for line in told] == [True, True, True, False, False, False]


def test_a_folder_of_something_else_stays(built: Path, tmp_path: Path) -> None:
    """What this has not made is not replaced; what it has made is, as a whole."""
    output = tmp_path / "space"
    output.mkdir()
    (output / "README.md").write_text("My thesis.\n")
    with pytest.raises(FileExistsError, match="name another folder"):
        assemble_site(output, built, None)
    assert [path.name for path in output.iterdir()] == ["README.md"]
    (output / "README.md").unlink()
    assemble_site(output, built, None)
    (output / "left-over").write_text("")
    assemble_site(output, built, None)
    assert not (output / "left-over").exists()


def test_a_failure_leaves_nothing(built: Path, tmp_path: Path) -> None:
    """An address that cannot be meant leaves no folder, and one that was there as it was."""
    with pytest.raises(BadConfigurationError):
        assemble_site(tmp_path / "space", built, "owner-name.hf.space")
    assert not (tmp_path / "space").exists()


def test_on_the_command_line(built: Path, tmp_path: Path) -> None:
    """The script makes either folder and exits with 0; what is wrong it says, and exits with 1."""
    made = tmp_path / "made"

    def run(*arguments: object) -> tuple[int, str]:
        command = [sys.executable, "-m", "scripts.deploying", *map(str, arguments)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY)
        return done.returncode, done.stderr

    assert run("site", made, "--built", built, "--server", "https://owner-name.hf.space") == (0, "")
    assert card(made)["sdk"] == "static"
    assert run("server", made, "--zero-gpu") == (0, "")
    assert card(made)["sdk"] == "gradio"
    code, told = run("site", made, "--built", built, "--server", "owner-name")
    assert (code, told[:12]) == (1, "'owner-name'")
    code, told = run("site", built.parent, "--built", built)
    assert (code, told) == (1, f"{built.parent} holds something else than a Space; name another folder.\n")
    assert card(made)["sdk"] == "gradio"
