"""The service as an application of Ray Serve, on a Ray of its own: one front, and replicas for the tiles."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
import ray
from gradio_client import Client, handle_file
from ray import serve

from backend import serve_ray
from backend.cluster import STORE_BYTES, private_cluster
from backend.spreading import RayRuntime, ask
from fourxl import events, manifest, pipeline
from fourxl.settings import JobSettings
from fourxl.weights import FolderSource
from fourxl_native import opening, provider
from tests import pictures
from tests.backend.servers import REPOSITORY, free_port
from tests.contract.laws import LAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fourxl.runtime import TileRuntime

MODELS = REPOSITORY / "models"
SWIFT = manifest.parse((MODELS / "manifest.json").read_bytes()).find("swift")
ONE, TWO = {"RUNNING": 1}, {"RUNNING": 2}
SCENE = pictures.encoded(pictures.scene(500, 400))
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Service:
    """The application, running."""

    url: str
    logs: Path
    """Ray's folder, with all that it writes."""

    tiles: Any
    """The handle of the replicas."""

    at_first: dict[str, int]
    """How many replicas there were in each state before anything was asked."""

    def runtime(self, replicas: Any = None) -> RayRuntime:
        """Return swift over the replicas."""
        told = provider.NativeProvider("onnxruntime", "CPU", "It is a test.")
        return RayRuntime(replicas or self.tiles, ("swift", 1.0), told, 2)


def states() -> dict[str, int]:
    """Return how many replicas there are in each state."""
    found = serve.status().applications["default"].deployments["Tiles"].replica_states
    return {str(state): count for state, count in found.items()}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Start with one replica of one thread, of which there may be two; Ray counts every second what waits."""
    often = dict.fromkeys(
        (
            "RAY_SERVE_REPLICA_AUTOSCALING_METRIC_PUSH_INTERVAL_S",
            "RAY_SERVE_HANDLE_AUTOSCALING_METRIC_PUSH_INTERVAL_S",
        ),
        "1",
    )
    options = {"runtime": "onnxruntime", "max_replicas": "2", "threads": "1"}
    port = free_port()
    with private_cluster(2, **often) as logs:
        serve.start(http_options={"port": port})
        serve.run(serve_ray.app(options))
        tiles = serve.get_deployment_handle("Tiles", "default")
        yield Service(f"http://127.0.0.1:{port}/", logs, tiles, states())


@pytest.fixture
def pair(service: Service) -> Service:
    """Ask for tiles until there are two replicas, and give the service then."""
    deadline = time.monotonic() + PATIENCE_S

    async def keep_asking() -> None:
        runtime = service.runtime()
        tile = np.zeros((1, 3, 128, 128), np.float32)
        while states() != TWO:
            await asyncio.gather(*(runtime.run(tile) for _ in range(8)))
            assert time.monotonic() < deadline, states()

    asyncio.run(keep_asking())
    return service


def replicas() -> list[psutil.Process]:
    """Return the processes of the replicas, which say in their command line what they are."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if "ServeReplica:default:Tiles" in " ".join(process.cmdline())]


def enlarged(
    open_runtime: Callable[[], Any],
    notify: Callable[[events.Event], None] = lambda _: None,
    tile_px: int | None = None,
) -> bytes:
    """Return the file that a runtime makes of the scene."""
    sink = io.BytesIO()
    settings = JobSettings(tile_px=tile_px)
    asyncio.run(pipeline.upscale(SCENE, settings, SWIFT, open_runtime, sink, notify))
    return sink.getvalue()


def locally(tile_px: int) -> bytes:
    """Return what onnxruntime makes of the scene in this process."""

    async def open_runtime() -> TileRuntime:
        chosen = provider.choose(provider.ONNXRUNTIME)
        return await opening.open_model(SWIFT, FolderSource(MODELS), chosen, threads=1)

    return enlarged(open_runtime, tile_px=tile_px)


class Counting:
    """A handle's method that counts its calls."""

    def __init__(self, handle: Any) -> None:
        self._handle, self.calls = handle.run, 0
        self.run = self

    def remote(self, *arguments: Any) -> Any:
        """Pass a call on."""
        self.calls += 1
        return self._handle.remote(*arguments)


def test_same_service_same_pixels(service: Service, tmp_path: Path) -> None:
    """gradio_client finds the server as ever, gets the file that this machine makes alone, and hears who made it."""
    path = tmp_path / "holiday-in-secret.png"
    path.write_bytes(SCENE)
    client = Client(service.url, verbose=False, download_files=tmp_path)
    result, report = client.predict(handle_file(path), api_name="/upscale")
    assert Path(result).read_bytes() == locally(256)
    assert (report["runtime"], report["device"]) == ("ray", "CPU")
    assert "onnxruntime was asked for" in report["reason"]
    assert client.predict(api_name="/health")["loaded"] == ["swift"]
    written = b"".join(file.read_bytes() for file in service.logs.rglob("*") if file.is_file())
    assert b"gradio_api" in written
    assert b"holiday" not in written


@pytest.mark.parametrize("law", LAWS)
def test_law(law: str, service: Service) -> None:
    """A runtime over replicas keeps the laws of all runtimes."""
    asyncio.run(LAWS[law](service.runtime(), 4))


def test_unknown_model(service: Service) -> None:
    """What a replica refuses arrives as the error that it raised."""
    with pytest.raises(manifest.UnknownModel, match="Choose one of"):
        asyncio.run(ask(service.tiles.open, "none", 1.0))


def test_replicas_become_more_when_tiles_wait(service: Service, pair: Service) -> None:
    """One replica is there at first; when more tiles wait than it should have, a second is started."""
    assert service.at_first == ONE
    assert pair is service


def test_one_job_keeps_both_replicas_busy(pair: Service) -> None:
    """Its tiles are spread: each replica computes a fair part of them."""

    def seconds() -> list[float]:
        return [process.cpu_times().user for process in replicas()]

    async def open_runtime() -> RayRuntime:
        return pair.runtime()

    before = seconds()
    for _ in range(3):
        enlarged(open_runtime, tile_px=128)
    spent = [after - start for after, start in zip(seconds(), before, strict=True)]
    assert len(spent) == 2
    assert min(spent) > 0.25 * sum(spent)


def test_a_killed_replica_loses_nothing(pair: Service) -> None:
    """Its tiles are computed by the other one, and the file is the same to the last byte."""
    counting = Counting(pair.tiles)
    tiles = []

    async def open_runtime() -> RayRuntime:
        return pair.runtime(counting)

    def notify(event: events.Event) -> None:
        if isinstance(event, events.Progress):
            tiles.append(event)
            if len(tiles) == 5:
                pid = replicas()[0].pid
                os.kill(pid, signal.SIGSTOP)  # so that it has a tile under way when it dies
                asyncio.get_running_loop().call_later(0.5, os.kill, pid, signal.SIGKILL)

    assert enlarged(open_runtime, notify, tile_px=96) == locally(96)
    assert counting.calls > len(tiles), "no tile was under way there, so nothing was shown"


def test_what_has_no_room_in_rays_memory_goes_to_no_disk(service: Service) -> None:
    """More tiles than fit are kept all the same, and no file of Ray's folder, which is on a disk, grows."""
    tile = np.ones(STORE_BYTES // 5, np.uint8)
    kept = [ray.put(tile) for _ in range(6)]
    assert all(np.array_equal(ray.get(found), tile) for found in kept)
    assert max(file.stat().st_size for file in service.logs.rglob("*") if file.is_file()) < tile.size / 10
