"""What stays of a picture on a server: nothing, wherever one looks."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import psutil
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from tests import pictures
from tests.backend.servers import running, until

NAME = "holiday-with-anna-7351"
"""Part of every name; it must not turn up anywhere."""

STEPS = 12


def test_nothing_is_left(tmp_path: Path) -> None:
    """After good, bad, refused and abandoned jobs no log and no temporary folder tells anything of any picture."""
    contents = {
        "good": pictures.encoded(pictures.scene(60, 50)),
        "broken": pictures.encoded(pictures.scene(60, 50))[:-60],
        "no-picture": b"anna was here 7351",
        "too-large": pictures.encoded(Image.new("RGB", (1100, 10))),
    }
    with running(FOURXL_MAX_UPLOAD_MB="1") as server:
        script = Client(server.url, verbose=False, download_files=str(tmp_path / "downloads"))
        for kind, content in contents.items():
            path = tmp_path / f"{NAME}-{kind}.png"
            path.write_bytes(content)
            for function in ("/upscale", "/upscale_base64"):
                with contextlib.suppress(AppError):
                    script.predict(handle_file(path), api_name=function)
        script.close()
        client = server.client()
        client.upload(bytes(2**20 + 2**17), f"{NAME}.png")
        client.ask(f"/somewhere/{NAME}.png", name=f"{NAME}.png")
        client.http.post("call/upscale", content=f'{{"data": [{{"path": "{NAME}.png"'.encode())
        for file in ({"path": client.upload(contents["good"]).json()[0], "orig_name": f"{NAME}.png"}, NAME):
            for path, body in (
                ("call/upscale", {"data": [file]}),
                ("call/v2/upscale", {"image": file, NAME: 1}),
            ):
                client.http.post(path, json=body)
        client.http.get(f"file=/somewhere/{NAME}.png")
        client.http.get(f"{server.url}{NAME}.png")
        with client.listening(client.start(contents["good"], name=f"{NAME}.png")):
            """Hung up at once."""
        job = client.start(contents["good"], name=f"{NAME}.png")
        with client.listening(job) as events:
            client.fetch(list(events)[-1][1][0]["path"])
        until(lambda: client.health()["running"] == 0)
        until(lambda: sum(file.name == "result.png" for file in server.files()) <= 1)  # one was never fetched
        left = [str(file) for file in server.temporary.rglob("*")]
        assert not [path for path in left if NAME in path or path.endswith("upload")]
        log = server.log.read_text()
        opened = {link for link in Path(f"/proc/{server.process.pid}/fd").iterdir() if link.exists()}
        written = {path for link in opened if (path := link.readlink()).is_file() and path.suffix == ".log"}
        assert written <= {server.log}, "another log"
    assert NAME not in log
    assert "anna" not in log
    assert "60x50" not in log
    assert "Traceback" not in log
    assert server.files() == []


def test_memory_is_given_back() -> None:
    """Many large jobs, fetched or not, leave the server as small as the first one did."""
    noise = np.random.default_rng(2).integers(0, 255, (512, 512, 3), np.uint8)
    content = pictures.encoded(Image.fromarray(noise))
    with running() as server:
        client, process = server.client(), psutil.Process(server.process.pid)

        def job() -> float:
            picture = {"path": client.upload(content).json()[0], "meta": {"_type": "gradio.FileData"}}
            coded = client.http.post("call/upscale_base64", json={"data": [picture, "swift", "png"]})
            with client.http.stream("GET", f"call/upscale_base64/{coded.json()['event_id']}") as stream:
                assert sum(len(chunk) for chunk in stream.iter_bytes()) > 2**20
            return process.memory_info().rss / 2**20

        first = max(job() for _ in range(3))
        last = [job() for _ in range(STEPS)][-1]
    assert last - first < 100, "a result of this picture alone has 12 MB"
