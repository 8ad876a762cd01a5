"""A site with small models of the tests' own, and a server that can be told to misbehave."""

from __future__ import annotations

import json
import re
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, helper

from fourxl import manifest
from fourxl.network import WEIGHTS_NAME
from scripts.building.models import origins
from scripts.building.policy import security_headers
from scripts.serving import SiteHandler
from tests.stand_ins import publish

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "nearest"
SIBLING = "nearest-too"
ELSEWHERE = "elsewhere"
UNPUBLISHED = "not-made"

_SCALE = 4
_CHECKPOINT = {"url": "https://example.org/a.pth", "size_bytes": 9, "sha256": "0" * 64}


def nearest_graph() -> bytes:
    """Return a graph that repeats each pixel 4x4 times, by weights that lie beside it."""
    weights = TensorProto(
        name="weight", dims=[48, 3, 1, 1], data_type=TensorProto.FLOAT16, data_location=TensorProto.EXTERNAL
    )
    for key, value in {"location": WEIGHTS_NAME, "offset": "0", "length": str(48 * 3 * 2)}.items():
        weights.external_data.add(key=key, value=value)
    nodes = [
        helper.make_node("Cast", ["weight"], ["weight_f32"], to=TensorProto.FLOAT),
        helper.make_node("Conv", ["input", "weight_f32"], ["mixed"]),
        helper.make_node("DepthToSpace", ["mixed"], ["output"], blocksize=_SCALE, mode="CRD"),
    ]
    sides = ["batch", 3, "height", "width"]
    graph = helper.make_graph(
        nodes,
        "nearest",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 3, "tall", "wide"])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def nearest_weights(size_bytes: int, seed: int) -> bytes:
    """Return the weights of ``nearest_graph``, filled up to a size that takes a while."""
    weights = np.zeros((48, 3), np.float16)
    for channel in range(48):
        weights[channel, channel // 16] = 1
    rest = np.random.default_rng(seed).bytes(size_bytes - weights.nbytes)
    return weights.tobytes() + rest


def write_models(folder: Path, bundled: Path, elsewhere: Path, elsewhere_url: str) -> None:
    """Write models into ``folder``: the bundled one, some that share a graph, one that has not been made.

    The weights of one are written into the folder ``elsewhere``, which is served at another origin.
    """
    table = json.loads((bundled / "manifest.json").read_text())
    swift = next(entry for entry in table["models"] if entry["id"] == "swift")
    for file in [*swift["graphs"].values(), swift["answer"]]:
        publish(folder, file["path"], (bundled / file["path"]).read_bytes())
    graph = publish(folder, "graphs/nearest.onnx", nearest_graph())

    def model(model_id: str, label: str, weights: bytes | None) -> dict[str, Any]:
        made = weights is not None
        return {
            **{name: swift[name] for name in ("scale", "min_tile_px", "max_tile_px", "licence", "source")},
            "id": model_id,
            "label": label,
            "purpose": "Repeats pixels.",
            "architecture": "nearest",
            "halo_px": 0,
            "graphs": {"wasm": graph, "webgpu": graph} if made else {},
            "trained": {
                "checkpoint": _CHECKPOINT,
                "weights": publish(folder, f"{model_id}.safetensors", weights) if weights else None,
            },
            "weak_denoise": None,
            "answer": None,
        }

    content = nearest_weights(60_000, 3)
    afar = model(ELSEWHERE, "Elsewhere", content)
    published = publish(elsewhere, "afar.bin", content)
    afar["trained"]["weights"] = {**published, "url": f"{elsewhere_url}afar.bin"}
    entries = [
        swift,
        model(MODEL, "Nearest", nearest_weights(1_500_000, 1)),
        model(SIBLING, "Nearest too", nearest_weights(40_000, 2)),
        afar,
        model(UNPUBLISHED, "Not made", None),
    ]
    (folder / "manifest.json").write_text(json.dumps({"format": manifest.FORMAT, "models": entries}))


class ModelServer(ThreadingHTTPServer):
    """A site with these models; a test may change how their weights are sent."""

    def __init__(self, site: Path) -> None:
        """Serve ``site``, isolated, on a free port."""
        self.models = site / "models"
        headers = security_headers(origins(self.models))
        handler = partial(_Handler, root=site.resolve(), headers=headers, quiet=True)
        super().__init__(("localhost", 0), handler)
        self.behave()

    def behave(self) -> None:
        """Send everything as it is, and forget what was asked."""
        self.asked: list[tuple[str, str]] = []
        """Files of the stand-ins below ``models/``, and the Range that was asked for."""

        self.replies: list[str] = []
        """How the next requests for weights are answered; ``well`` once there are no more."""

        self.can_resume = True
        self.go_on = threading.Event()
        """What ``pause`` and ``cut`` wait for in the middle."""


class _Handler(SiteHandler):
    server: ModelServer

    def do_GET(self) -> None:  # noqa: N802 - as the base class wants it
        name = self.path.partition("/models/")[2]
        if "nearest" not in name:
            return super().do_GET()
        self.server.asked.append((name, self.headers.get("Range", "")))
        content = (self.server.models / name).read_bytes()
        reply = "well"
        if name.endswith(".safetensors") and self.server.replies:
            reply = self.server.replies.pop(0)
        return self._reply(content, reply)

    def _reply(self, content: bytes, reply: str) -> None:
        if reply in ("404", "503"):
            return self.send_error(int(reply))
        if reply == "web page":
            return self._send(200, b"<!doctype html><title>4XL</title>", "text/html")
        if reply == "flipped":
            return self._send(200, content[:900] + bytes([content[900] ^ 1]) + content[901:])
        if reply == "truncated":
            return self._send(200, content[: len(content) // 2])
        start = 0
        if self.server.can_resume and (span := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))):
            start = int(span[1])
        half = (len(content) - start) // 2 if reply in ("cut", "pause") else None
        return self._send(206 if start else 200, content, start=start, stop_after=half, breaks=reply == "cut")

    def _send(
        self,
        status: int,
        content: bytes,
        kind: str = "application/octet-stream",
        start: int = 0,
        stop_after: int | None = None,
        *,
        breaks: bool = False,
    ) -> None:
        body = content[start:]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"one"')
        self.send_header("Cache-Control", "max-age=3600")
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        self.wfile.write(body[:stop_after])
        if stop_after is None:
            return
        self.wfile.flush()
        self.server.go_on.wait(60)
        self.server.go_on.clear()
        if breaks:
            self.close_connection = True
        else:
            self.wfile.write(body[stop_after:])
