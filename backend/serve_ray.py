"""The server past one machine: the same service as an application of Ray Serve.

    export RAY_AUTH_MODE=token RAY_USAGE_STATS_ENABLED=0
    ray start --head --include-dashboard=false --object-store-memory=1000000000 --object-spilling-directory=/dev/shm
    serve run backend.serve_ray:app max_replicas=8 threads=4

The first line has Ray take orders only from those who know its token, and not tell its makers that it is used.

It answers on Serve's port, 8000. One ``Front`` is the server as ever: Gradio, the queue, the limits (from the
environment of ``serve run``), files, decoding, blending, encoding. It computes no tile; those of all jobs are spread
over ``Tiles``, of which there are the more, the more tiles are under way or wait. Only the front is one of its kind,
since a job's events and files are where it was begun; if it ends, Serve starts another, and its jobs are lost as those
of any server that is stopped. If a replica of ``Tiles`` ends, its tiles are computed by another, and nothing is lost.

Every machine needs this repository, its packages and the folder of models at the same path.

What of a picture is where: tiles lie in Ray's shared memory until they are fetched, ``TILES_A_REPLICA`` of them for
each replica at most, 14 MB each; ``--object-store-memory`` should have room for them. Where it has not, Ray writes
to a folder, in /tmp unless ``--object-spilling-directory`` names one: so name one that is in memory. Between machines
Ray sends tiles unencrypted unless it is set up with TLS. Its logs and Serve's hold times, addresses of requests and
errors, no picture and no name.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from ray import serve
from ray.serve.schema import LoggingConfig

from backend.library import read_table
from backend.replica import Tiles
from backend.running import assemble, look
from backend.settings import MIB, Limits, read_limits
from backend.spreading import TILES_A_REPLICA, RayLibrary, ask
from fourxl.weights import FolderSource
from fourxl_native import provider
from fourxl_native.provider import NativeProvider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ray.serve import Application
    from ray.serve.handle import DeploymentHandle

_REPOSITORY = Path(__file__).resolve().parents[1]
_REQUESTS = 1000
"""That the front takes at a time; its own queue has the bounds."""

_QUIET = LoggingConfig(log_level="ERROR", enable_access_log=False)


class Options(BaseModel):
    """What ``serve run`` takes after the application, each as ``name=value``."""

    model_config = ConfigDict(extra="forbid")

    models: Path = _REPOSITORY / "models"
    """Folder with manifest.json and the model files."""

    site: Path | None = None
    """Folder with a built page, to be served at / beside the API."""

    runtime: str = provider.AUTO
    """What replicas compute with, a name of ``provider.WANTED``."""

    min_replicas: int = 1
    max_replicas: int = 4
    threads: int = 2
    """Of each replica, and the cores that Ray keeps for it."""


@serve.ingress()
class Front:
    """The server without a runtime of its own."""

    def __init__(self, replicas: DeploymentHandle[Any], options: Options, limits: Limits) -> None:
        """Have tiles computed by ``replicas``."""
        self._replicas, self._options, self._limits = replicas, options, limits

    async def __serve_build_asgi_app__(self) -> FastAPI:
        """Return the whole application, for Serve to hold."""
        os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_DISABLE_TELEMETRY="1")
        options, limits = self._options, self._limits
        told: NativeProvider = await ask(self._replicas.told)
        chosen = NativeProvider("ray", told.device, told.reason)
        source = FolderSource(options.models)
        library = RayLibrary(source, chosen, limits.models_mb * MIB, self._replicas, options.max_replicas)
        folder = tempfile.TemporaryDirectory(prefix="fourxl-")

        @asynccontextmanager
        async def life(_app: FastAPI) -> AsyncIterator[None]:
            with folder:
                yield

        table = read_table(options.models)
        blocks, application = assemble(table, library, limits, Path(folder.name), options.site)
        outer = FastAPI(lifespan=life, openapi_url=None)
        gr.mount_gradio_app(outer, blocks, "/", app_kwargs=application, show_error=False, **look())
        return outer


def tiles(options: Options, limits: Limits) -> Application:
    """Return the replicas alone."""
    deployment = serve.deployment(
        max_ongoing_requests=TILES_A_REPLICA,
        autoscaling_config={
            "min_replicas": options.min_replicas,
            "max_replicas": options.max_replicas,
            "target_ongoing_requests": TILES_A_REPLICA,
            "look_back_period_s": 15,
            "upscale_delay_s": 2,
            "downscale_delay_s": 120,
        },
        ray_actor_options={"num_cpus": options.threads},
        logging_config=_QUIET,
    )(Tiles)
    return deployment.bind(options.models, options.runtime, limits.models_mb * MIB, options.threads)


def app(arguments: dict[str, str]) -> Application:
    """Return the whole service, with the limits that the environment sets; ``arguments`` are of ``Options``."""
    options, limits = Options.model_validate(arguments), read_limits()
    front = serve.deployment(
        num_replicas=1,
        max_ongoing_requests=_REQUESTS,
        ray_actor_options={"num_cpus": 0},
        logging_config=_QUIET,
    )(Front)
    return front.bind(tiles(options, limits), options, limits)
