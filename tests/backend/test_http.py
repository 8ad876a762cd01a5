"""What the server answers by plain HTTP: addresses, headers, limits, the way of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import pictures

if TYPE_CHECKING:
    from tests.backend.servers import Server

SCENE = pictures.encoded(pictures.scene(40, 30))


@pytest.mark.parametrize("path", ["health", "info", "upload_progress?upload_id=x", "heartbeat/x"])
def test_the_seed_s_address(path: str, server: Server) -> None:
    """Whatever is below /gradio_api/ is below /api/ too."""
    http = server.client().http
    answers = []
    for prefix in ("gradio_api", "api"):
        with http.stream("GET", f"{server.url}{prefix}/{path}") as answer:
            answers.append((answer.status_code, answer.headers["content-type"]))
    assert answers[0] == answers[1]
    assert answers[0][0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/proxy=https://example.org/", "gradio_api/file/etc/passwd", "gradio_api/runs",
        "gradio_api/stream/a/b/c/playlist.m3u8", "gradio_api/custom_component/a/b/c/d", "gradio_api/dev/reload",
        "monitoring", "gradio_api/vibe-code", "api/proxy=https://example.org/", "gradio_api/deep_link", "nothing",
    ],
)  # fmt: skip
def test_what_is_not_there(path: str, server: Server) -> None:
    """Gradio's ways to other hosts, its recorder, its editor and its records cannot be reached."""
    assert server.client().http.get(f"{server.url}{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["run/upscale", "api/upscale", "process_recording", "component_server", "vibe-edit"]
)
def test_what_cannot_be_asked(path: str, server: Server) -> None:
    """A job can be asked for through the queue only, and nothing else can be posted."""
    assert server.client().http.post(path, json={"data": []}).status_code == 404


def test_no_file_but_results(server: Server) -> None:
    """No other file of the machine is given away, and no other host's."""
    http = server.client().http
    for path in (
        "/etc/passwd",
        "../../../etc/passwd",
        "%2e%2e/etc/passwd",
        str(server.log),
        "https://example.org/",
    ):
        assert http.get(f"file={path}").status_code in (403, 404)


def test_headers(server: Server) -> None:
    """Every answer tells browsers to keep to what is declared, and the page to talk to this server only."""
    http = server.client().http
    for path in (server.url, "health", "nothing", "info", f"{server.url}assets/x.js"):
        headers = http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]


def test_other_origins_may_call(server: Server) -> None:
    """A page on another host may call a server that is not on its own machine, and only such a one."""
    http = server.client().http
    asking = {"origin": "https://page.example", "access-control-request-method": "POST"}
    told = http.options("upload", headers={**asking, "host": "server.example"})
    assert told.headers["access-control-allow-origin"] == "https://page.example"
    health = http.get("health", headers={"origin": "https://page.example", "host": "server.example"})
    assert health.headers["access-control-allow-origin"] == "https://page.example"
    assert (
        "access-control-allow-origin"
        not in http.get("health", headers={"origin": "https://page.example"}).headers
    )


def test_too_large_a_file(server: Server) -> None:
    """A file above the limit is refused with the limit and a code, by its declared length or by its real one."""
    client = server.client()
    content = bytes(5 * 2**20)
    answer = client.upload(content)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-large")
    assert "4 MB" in answer.json()["detail"]

    def parts() -> object:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        yield content
        yield b"\r\n--x--\r\n"

    answer = client.http.post(
        "upload", content=parts(), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-large")
    client.enlarge(SCENE)


def test_files_go_when_they_have_served(server: Server) -> None:
    """An upload is gone once it is read, also by a job that fails or is refused; a result stays to be fetched."""
    client = server.client()
    path = client.upload(SCENE).json()[0]
    with client.listening(client.ask(path).json()["event_id"]) as events:
        result = list(events)[-1][1][0]["path"]
    assert client.fetch(path).status_code == 404
    assert client.fetch(result).content.startswith(b"\x89PNG")
    with client.listening(client.start(b"no picture")) as events:
        assert list(events)[-1][0] == "error"
    refused = client.http.post(
        "call/upscale", json={"data": [{"path": client.upload(SCENE).json()[0]}, {"path": "/x"}]}
    )
    assert refused.status_code == 400
    assert not [file for file in server.files() if file.name == "upload"]
