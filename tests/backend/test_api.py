"""The server as programs call it: gradio_client, plain HTTP, MCP."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from fourxl_native import cli
from tests import pictures
from tests.backend.servers import running, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.backend.servers import Server

SCENE = pictures.encoded(pictures.scene(40, 30))
LARGE = pictures.encoded(pictures.scene(600, 500))


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Give a gradio_client, as scripts use it."""
    opened = Client(server.url, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))
    yield opened
    opened.close()


@pytest.fixture
def scene(tmp_path: Path) -> Any:
    """Return a picture as gradio_client takes it."""
    path = tmp_path / "a scene.png"
    path.write_bytes(SCENE)
    return handle_file(path)


def pixels(content: bytes) -> np.ndarray[Any, Any]:
    """Return the decoded samples of a file."""
    with Image.open(io.BytesIO(content)) as opened:
        return np.asarray(opened).astype(np.int16)


def test_same_pixels_as_the_command_line(server: Server, tmp_path: Path) -> None:
    """The server gives the very file that the command line writes."""
    (tmp_path / "in.png").write_bytes(LARGE)
    assert (
        cli.main(
            [str(tmp_path / "in.png"), "-o", str(tmp_path / "out.png"), "-q", "--runtime", "onnxruntime"]
        )
        == 0
    )
    content, _ = server.client().enlarge(LARGE)
    assert content == (tmp_path / "out.png").read_bytes()


def test_same_pixels_by_openvino(server: Server) -> None:
    """A server that computes with OpenVINO gives the same pixels, up to one level, and says what it computes with."""
    with running(FOURXL_RUNTIME="openvino") as other:
        content, report = other.client().enlarge(LARGE)
        assert other.client().health()["runtime"] == report["runtime"] == "openvino"
    assert np.abs(pixels(content) - pixels(server.client().enlarge(LARGE)[0])).max() <= 1


def test_upscale_by_gradio_client(client: Client, scene: Any) -> None:
    """A script gets a file and a report; what it does not say has the same default as in the page."""
    path, report = client.predict(scene, api_name="/upscale")
    with Image.open(path) as result:
        assert (result.format, result.size) == ("PNG", (160, 120))
    assert report["model"] == "swift"
    assert (report["runtime"], report["device"]) == ("onnxruntime", "CPU")
    assert report["reason"].endswith(".")
    assert report["done"]["tiles"] == 1


def test_options_are_the_page_s(client: Client, scene: Any) -> None:
    """Size, strength, format and tiles do what they do in the page."""
    path, report = client.predict(
        scene, output_format="JPG", quality=50, width=99, strength=0.5, tile_px=32, api_name="/upscale"
    )
    with Image.open(path) as result:
        assert (result.format, result.size) == ("JPEG", (99, 74))
    assert report["done"]["size_label"] == "99w"
    assert report["done"]["tiles"] > 1


def test_metadata_only_when_asked(server: Server) -> None:
    """EXIF data stays behind unless asked for, and the position unless asked for again."""
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    content = io.BytesIO()
    pictures.scene(20, 20).save(content, "PNG", exif=exif)
    for wanted, kept, position in (
        ((False, False), False, False),
        ((True, False), True, False),
        ((True, True), True, True),
    ):
        result, _ = server.client().enlarge(content.getvalue(), "swift", "png", 92, "same", *wanted)
        with Image.open(io.BytesIO(result)) as opened:
            found = opened.getexif()
            assert (0x010F in found, bool(found.get_ifd(0x8825))) == (kept, position)


def test_progress(client: Client, scene: Any) -> None:
    """While it computes, the job tells stages, the place and its progress, in order, to the last tile."""
    job = client.submit(scene, tile_px=32, api_name="/upscale")
    job.result(60)
    told = [event for file, event in job.outputs() if file is None]
    stages = [event["name"] for event in told if event["event"] == "Stage"]
    assert list(dict.fromkeys(stages)) == ["reading", "loading", "enlarging", "writing"]
    tiles = [event["tile"] for event in told if event["event"] == "Progress"]
    assert tiles == sorted(tiles)
    assert (min(tiles), max(tiles)) == (1, job.result()[1]["done"]["tiles"])
    assert [event["device"] for event in told if event["event"] == "Placed"] == ["CPU"]


def test_base64_for_old_callers(client: Client, scene: Any) -> None:
    """The seed's answer: one string, a data address in the format that was asked for."""
    told = client.predict(scene, "swift", "jpeg", api_name="/upscale_base64")
    head, _, coded = told.partition(",")
    assert head == "data:image/jpeg;base64"
    assert pixels(base64.b64decode(coded)).shape == (120, 160, 3)


def test_models_and_health(client: Client, server: Server) -> None:
    """What the server has, how it is and what it takes can be asked, by gradio_client and by a plain GET."""
    assert [model["id"] for model in client.predict(api_name="/models")] == ["swift"]
    by_client, by_get = client.predict(api_name="/health"), server.client().health()
    assert by_client == by_get
    assert by_get["limits"]["max_side_px"] == 1024
    assert (by_get["running"], by_get["waiting"]) == (0, 0)


def test_health_tells_how_quick_loaded_models_are(client: Client, server: Server, scene: Any) -> None:
    """After the first job a page can tell a person how long the next one will take here."""
    done = client.predict(scene, api_name="/upscale")[1]["done"]
    told = server.client().health()
    assert set(told["seconds_a_pixel"]) == set(told["loaded"]) == {"swift"}
    by_job = done["runtime_seconds"] / done["computed_px"]
    assert by_job / 20 < told["seconds_a_pixel"]["swift"] < by_job * 20


def test_arguments_are_described(server: Server) -> None:
    """The API's own description names every argument of the page, with its default."""
    told = server.client().http.get("info").json()["named_endpoints"]["/upscale"]["parameters"]
    assert [entry["parameter_name"] for entry in told] == [
        "image", "model_name", "output_format", "quality", "depth", "keep_exif", "keep_location",
        "scale", "width", "strength", "denoise", "tile_px",
    ]  # fmt: skip
    assert [entry["parameter_has_default"] for entry in told] == [False, *[True] * 11]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"model_name": "nothing"}, "unknown-model", "Choose one of"),
        ({"model_name": "RealESRGAN_x4plus"}, "weights-unavailable", "export_onnx"),
        ({"output_format": "tiff"}, "invalid-settings", "png, jpeg, webp"),
        ({"quality": 500}, "invalid-settings", "1 to 100"),
        ({"quality": "high"}, "invalid-settings", "1 to 100"),
        ({"scale": 5}, "invalid-settings", "2, 3 or 4"),
        ({"width": 10_000}, "invalid-settings", "at most 160"),
        ({"strength": 2}, "invalid-settings", "0 to 1"),
        ({"depth": "16", "output_format": "jpeg"}, "invalid-settings", "only PNG"),
    ],
)
def test_bad_arguments(options: dict[str, Any], code: str, words: str, client: Client, scene: Any) -> None:
    """A bad argument gives a sentence and a code, and the next request works."""
    with pytest.raises(AppError, match=words) as refused:
        client.predict(scene, **options, api_name="/upscale")
    assert refused.value.title == code
    client.predict(scene, api_name="/upscale")


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty-image", "empty"),
        (b"no picture at all", "not-an-image", "not a picture"),
        (SCENE[:-40], "broken-image", "damaged"),
        (pictures.encoded(pictures.scene(1025, 8)), "image-too-large", "1025x8.*at most 1024"),
        (pictures.encoded(pictures.scene(8, 1025)), "image-too-large", "8x1025.*at most 1024"),
    ],
)
def test_bad_pictures(content: bytes, code: str, words: str, server: Server) -> None:
    """A picture that cannot be used is refused by the numbers, never made smaller; the next one works."""
    client = server.client()
    with client.listening(client.start(content)) as events:
        kind, told = list(events)[-1]
    assert (kind, told["title"]) == ("error", code)
    assert re.search(words, told["error"])
    assert pixels(client.enlarge(SCENE)[0]).shape == (120, 160, 3)


def test_no_picture(server: Server) -> None:
    """A call without a picture is told so, through whichever door it comes."""
    client = server.client()
    answer = client.http.post("call/upscale", json={"data": [None, "swift", "png"] + [None] * 9})
    assert (answer.status_code, answer.json()["code"]) == (400, "input")
    assert answer.json()["detail"].startswith("There is no picture")
    for place in ("/etc/passwd", "picture.png", "../../etc/passwd", "http://127.0.0.1:1/x.png"):
        answer = client.ask(place)
        assert (answer.status_code, answer.json()["code"]) == (400, "input")


def test_mcp(server: Server) -> None:
    """An assistant finds the tools described, and enlarges a picture with one."""

    async def talk() -> tuple[set[str], str]:
        address = f"{server.api}/mcp/"
        async with (
            streamable_http_client(address) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            coded = f"data:image/png;base64,{base64.b64encode(SCENE).decode()}"
            answer = await session.call_tool("upscale", {"image": coded})
            assert not answer.isError
            return {tool.name for tool in tools if tool.description}, answer.model_dump_json()

    names, answer = asyncio.run(talk())
    assert names >= {"upscale", "models", "health"}
    assert "gradio_api/file=" in json.loads(answer)["content"][0]["text"]
    until(lambda: not [file for file in server.files() if file.name == "file.png"])
