"""One process is the whole product: the page at the front door, and the API behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.building.policy import security_headers
from tests import pictures
from tests.backend.servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.backend.servers import Server


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start it as scripts/serve --with-server does."""
    output = tmp_path_factory.mktemp("whole") / "dist"
    with running("--with-server", "--output", str(output), module="scripts.serving") as started:
        yield started


def test_page_and_api(whole: Server) -> None:
    """The page is at /, knows that its server is beside it, and the API answers at both of its addresses."""
    http = whole.client().http
    assert ">4XL: " in http.get(whole.url).text
    assert http.get(f"{whole.url}config.json").json() == {"server": "."}
    for prefix in ("gradio_api", "api"):
        assert http.get(f"{whole.url}{prefix}/health").json()["status"] == "ok"
    whole.client().enlarge(pictures.encoded(pictures.scene(20, 20)))


@pytest.mark.parametrize(
    "path", ["", "index.html", "engine.json", "config.json", "models/swift.onnx", "sw.js", "none"]
)
def test_headers(path: str, whole: Server) -> None:
    """Every file of the page, and every file that is not there, comes with the headers that isolate and close it."""
    answer = whole.client().http.get(f"{whole.url}{path}")
    assert {name: answer.headers.get(name) for name in security_headers()} == security_headers()
    assert answer.status_code == (404 if path == "none" else 200)


def test_gradio_s_page_is_still_there(whole: Server) -> None:
    """Who wants Gradio's own page finds it, under an address of its own."""
    assert "gradio" in whole.client().http.get(f"{whole.url}gradio").text
