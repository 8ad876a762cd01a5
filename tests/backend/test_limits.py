"""Many callers at once, callers who go away, and a server that is short of something."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest
from gradio_client import Client as GradioClient
from gradio_client import handle_file
from PIL import Image

from tests import pictures
from tests.backend.servers import PATIENCE_S, REPOSITORY, running, until
from tests.browser import pixels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.backend.servers import Client, Server

SCENE = pictures.encoded(pictures.scene(40, 30))
SLOW = pictures.encoded(pictures.scene(1024, 1024))
IN_SMALL_TILES = ("png", 92, "same", False, False, None, None, 1.0, 0.5, 32)
"""Takes seconds, and can be ended thousands of times."""

PERSONS = 200


def is_idle(client: Client) -> bool:
    """Return whether nobody is at the server."""
    health = client.health()
    return (health["running"], health["waiting"]) == (0, 0)


@pytest.fixture
def busy(server: Server) -> Iterator[str]:
    """Keep the server at one job of somebody else's, which is computing."""
    client = server.client("10.9.9.9")
    until(lambda: is_idle(client))
    with client.listening(client.start(SLOW, "swift", *IN_SMALL_TILES)) as events:
        next(told for _, told in events if told[1]["event"] == "Progress")
        yield "10.9.9.9"
    until(lambda: is_idle(client))


def test_a_crowd(server: Server) -> None:
    """Of 200 persons at once each gets the result of the own picture or a clear 503, and the server goes on."""
    together = threading.Barrier(PERSONS)

    def person(number: int) -> int:
        colour = (number, 255 - number, number * 7 % 256)
        content = pictures.encoded(Image.new("RGB", (8 + number % 5, 8), colour))
        client = server.client(f"10.0.{number // 100}.{number % 100}")
        together.wait()
        path = client.upload(content).raise_for_status().json()[0]
        answer = client.ask(path)
        if answer.status_code == httpx.codes.OK:
            with client.listening(answer.json()["event_id"]) as events:
                kind, told = list(events)[-1]
            assert kind == "complete", told
            result = pixels(client.fetch(told[0]["path"]).raise_for_status().content)
            assert result.shape == (32, 4 * (8 + number % 5), 3)
            assert np.abs(result - colour).max() <= 1
        else:
            assert answer.json()["code"] == "server-busy"
            assert "Try again" in answer.json()["detail"]
            assert answer.headers["retry-after"]
        return answer.status_code

    with ThreadPoolExecutor(PERSONS) as crowd:
        statuses = list(crowd.map(person, range(PERSONS)))
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= server.client().health()["limits"]["max_waiting"]
    server.client().enlarge(SCENE)


def test_one_person_cannot_fill_the_queue(server: Server, busy: str) -> None:
    """Who has four pictures at the server is asked to wait; everybody else is let in, and is next but those."""
    greedy, other = server.client(busy), server.client("10.1.1.1")
    for _ in range(3):
        greedy.start(SCENE)
    refused = greedy.ask(greedy.upload(SCENE).json()[0])
    assert (refused.status_code, refused.json()["code"]) == (503, "server-busy")
    assert "4 pictures" in refused.json()["detail"]
    with other.listening(other.start(SCENE)) as events:
        assert next(told for _, told in events if told)[1] == {"event": "Waiting", "ahead": 4}


def test_a_forged_place(server: Server, busy: str) -> None:
    """Naming a place in the queue in a header of one's own gives none."""
    del busy
    client = server.client("10.1.1.2")
    client.http.headers["x-4xl-ticket"] = "mine"
    for _ in range(4):
        client.start(SCENE)
    assert client.ask(client.upload(SCENE).json()[0]).status_code == 503


@pytest.mark.parametrize("way", ["hanging up", "cancel"])
def test_cancel_while_computing(way: str, server: Server) -> None:
    """Who hangs up, or cancels, has the job ended between two tiles, and its place is free."""
    client = server.client("10.1.1.3")
    until(lambda: is_idle(client))
    job = client.start(SLOW, "swift", *IN_SMALL_TILES)
    with client.listening(job) as events:
        progress = next(
            told[1] for _, told in events if told[1]["event"] == "Progress" and told[1]["tile"] > 1
        )
        if way == "cancel":
            functions = client.http.get(f"{server.url}config").json()["dependencies"]
            number = next(entry["id"] for entry in functions if entry["api_name"] == "upscale")
            body = {"session_hash": job, "fn_index": number, "event_id": job}
            client.http.post("cancel", json=body).raise_for_status()
            kind, told = list(events)[-1]
            assert (kind, told) == ("complete", None)
    started = time.monotonic()
    until(lambda: is_idle(client))
    assert time.monotonic() - started < progress["seconds_left"] / 2, "the job went on"


def test_cancel_by_gradio_client(server: Server, tmp_path: Path) -> None:
    """A script's job.cancel() ends the job."""
    (tmp_path / "slow.png").write_bytes(SLOW)
    script = GradioClient(server.url, verbose=False)
    job = script.submit(handle_file(tmp_path / "slow.png"), tile_px=32, api_name="/upscale")
    until(lambda: any(event["event"] == "Progress" for _, event in job.outputs()))
    job.cancel()
    until(lambda: is_idle(server.client()))
    script.close()


def test_hanging_up_while_waiting(server: Server, busy: str) -> None:
    """Who hangs up while waiting is not waited for."""
    del busy
    client = server.client("10.1.1.4")
    with client.listening(client.start(SCENE)) as events:
        assert next(told for _, told in events if told)[1]["event"] == "Waiting"
        assert client.health()["waiting"] == 1
    until(lambda: client.health()["waiting"] == 0)
    assert client.health()["running"] == 1


def test_nobody_listens(server: Server) -> None:
    """A job whose events nobody reads is not begun, and its place is free again."""
    client = server.client("10.1.1.5")
    until(lambda: is_idle(client))
    job = client.start(SCENE)
    assert client.health()["running"] == 1
    until(lambda: is_idle(client))
    with client.listening(job) as events:
        assert list(events)[-1][1]["title"] == "server-failed"


def test_a_server_that_is_stopped() -> None:
    """A job under way ends with a cut connection, not with half a result, and nothing is left on the disk."""
    with running(FOURXL_MAX_SECONDS="300") as server:
        client = server.client()
        with client.listening(client.start(SLOW, "swift", *IN_SMALL_TILES)) as events:
            next(told for _, told in events if told[1]["event"] == "Progress")
            server.process.terminate()
            try:
                rest = [kind for kind, _ in events]
            except httpx.HTTPError:
                rest = []
        assert "complete" not in rest
        assert server.process.wait(PATIENCE_S) == 0
        assert server.files() == []


@pytest.mark.parametrize("name", ["SIGHUP", "SIGKILL"])
def test_a_server_that_is_killed(name: str, tmp_path: Path) -> None:
    """What it leaves on the disk is gone at its end, or where that cannot be, when the next one starts."""
    with running(TMPDIR=str(tmp_path)) as server:
        server.client().upload(SCENE)
        server.process.send_signal(getattr(signal, name))
        server.process.wait(PATIENCE_S)
    left = [path for path in tmp_path.rglob("upload") if path.is_file()]
    assert len(left) == (1 if name == "SIGKILL" else 0)
    with running(TMPDIR=str(tmp_path)):
        assert not [path for path in tmp_path.rglob("upload") if path.is_file()]


@pytest.fixture(scope="module")
def poor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """Start a server that has little time and little disk, and give the folder of its models."""
    models = tmp_path_factory.mktemp("poor") / "models"
    shutil.copytree(REPOSITORY / "models", models)
    with running("--models", str(models), FOURXL_MAX_SECONDS="1", FOURXL_DISK_MB="1") as started:
        yield started, models


def outcome(client: Client, content: bytes, *rest: Any) -> tuple[str, str]:
    """Return the code and the sentence with which a job fails."""
    with client.listening(client.start(content, "swift", *rest)) as events:
        kind, told = list(events)[-1]
    assert kind == "error", told
    return told["title"], told["error"]


def test_a_wrong_and_a_missing_model_file(poor: tuple[Server, Path]) -> None:
    """A model's file that is damaged, or not there, is told; when it is put right the next request works."""
    server, models = poor
    client, file = server.client(), models / "swift.onnx"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"x")
    code, words = outcome(client, SCENE)
    assert code == "weights-mismatch"
    assert "sha256" in words
    file.unlink()
    assert outcome(client, SCENE)[0] == "weights-unavailable"
    file.write_bytes(whole)
    client.enlarge(SCENE)


def test_told_before_it_starts_when_it_takes_too_long(poor: tuple[Server, Path]) -> None:
    """A job that would exceed the bound is refused with both numbers, before its first tile."""
    client = poor[0].client()
    code, words = outcome(client, pictures.encoded(pictures.scene(512, 512)), *IN_SMALL_TILES)
    assert code == "too-slow"
    assert "a job may take 1" in words
    client.enlarge(SCENE)


def test_no_room_on_the_disk(poor: tuple[Server, Path]) -> None:
    """A result, or an upload, for which there is no room is told so, and nothing of it stays."""
    server, _ = poor
    client = server.client()
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)
    code, words = outcome(client, pictures.encoded(Image.fromarray(noise)))
    assert code == "server-busy"
    assert "disk" in words
    assert client.upload(bytes(2**20)).json()["code"] == "server-busy"
    client.enlarge(SCENE)


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        ({"FOURXL_MAX_SIDE_PX": "many"}, 2, "FOURXL_MAX_SIDE_PX"),
        ({"FOURXL_JOBS": "0"}, 2, "FOURXL_JOBS"),
        ({"FOURXL_RUNTIME": "abacus"}, 1, "Choose one of"),
    ],
)
def test_a_server_that_cannot_start(variables: dict[str, str], code: int, words: str) -> None:
    """A setting that cannot be meant is named, and the server does not start."""
    with pytest.raises(AssertionError, match=words), running(**variables) as server:
        assert server.process.returncode == code
