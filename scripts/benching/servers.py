"""What enlarges one photo on this machine for others: our server over HTTP, and the original's way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import torch
from gradio_client import Client, handle_file
from safetensors.torch import load_file

from scripts.benching.models import GENERAL
from scripts.benching.pages import Job
from scripts.building.site import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = (REPOSITORY / "tests/reference", REPOSITORY / ".cache/reference")
"""Where upstream.py finds its stand-ins, and what scripts/install_reference installed."""


@dataclass(frozen=True)
class ServerJob(Job):
    """One picture, from the caller's file to the caller's file."""

    engine_s: float
    """The part from the first byte that the engine reads to the last one it writes."""


@dataclass(frozen=True)
class Upstream:
    """`RealESRGANer` in a process of its own: it reads a file and writes one, without any server around it."""

    process: subprocess.Popen[str]
    picture: Path
    result: Path

    def enlarge(self) -> ServerJob:
        """Return how long the photo took."""
        job = json.dumps({"picture": str(self.picture), "result": str(self.result)})
        started = time.perf_counter()
        answer = _talk(self.process, job)
        whole_s = time.perf_counter() - started
        return ServerJob(whole_s, float(answer), 4, whole_s)


@dataclass
class Served:
    """Our server, asked by gradio_client: upload, queue, job, encoding and download."""

    process: subprocess.Popen[str]
    client: Client
    picture: Path
    result: Path

    def enlarge(self) -> ServerJob:
        """Return how long the photo took."""
        started = time.perf_counter()
        path, report = self.client.predict(handle_file(self.picture), GENERAL, "png", api_name="/upscale")
        whole_s = time.perf_counter() - started
        Path(path).replace(self.result)
        done = report["done"]
        return ServerJob(whole_s, done["runtime_seconds"], done["tiles"], done["seconds"])


@contextmanager
def upstream(weights: Path, picture: Path, folder: Path) -> Iterator[Upstream]:
    """Start the original's way, with the weights in that folder."""
    subprocess.run([REPOSITORY / "scripts/install_reference"], check=True)
    checkpoint = folder / f"{GENERAL}.pth"
    state = load_file(weights / f"{GENERAL}.safetensors")
    torch.save({"params": {key: tensor.float() for key, tensor in state.items()}}, checkpoint)
    command: list[str | Path] = [
        sys.executable,
        Path(__file__).with_name("upstream.py"),
        checkpoint,
        *REFERENCE,
    ]
    with (folder / "upstream.log").open("w") as log, _process(command, log) as process:
        yield Upstream(process, picture, folder / "upstream.png")


@contextmanager
def served(runtime: str, port: int, models: Path, picture: Path, folder: Path) -> Iterator[Served]:
    """Start our server with a runtime, on a port of this machine, and the models in that folder."""
    command: list[str | Path] = [sys.executable, "-m", "backend.app", "--port", str(port), "--models", models]
    with (folder / f"{runtime}.log").open("w") as log, _process(command, log, runtime) as process:
        _wait_for(process, "serving on")
        downloads = folder / f"{runtime}-downloads"
        client = Client(
            f"http://127.0.0.1:{port}", download_files=downloads, verbose=False, analytics_enabled=False
        )
        yield Served(process, client, picture, folder / f"{runtime}.png")


@contextmanager
def _process(
    command: list[str | Path], log: IO[str], runtime: str = "auto"
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "FOURXL_RUNTIME": runtime},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def _talk(process: subprocess.Popen[str], line: str) -> str:
    if process.stdin is None or process.stdout is None:
        raise ValueError("a process without pipes")
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline()


def _wait_for(process: subprocess.Popen[str], words: str) -> None:
    """Return when the process has printed a line with these words.

    Raises: RuntimeError when it has ended before.
    """
    for line in process.stdout or ():
        if words in line:
            return
    raise RuntimeError("the server did not start")
