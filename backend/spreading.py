"""Tiles that replicas of Ray Serve compute: one model as a runtime, and all of them as a library."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from ray import exceptions

from backend.library import Library
from fourxl.errors import FourxlError, OutOfMemory, RuntimeFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from ray.serve.handle import DeploymentHandle

    from fourxl.manifest import ModelSpec
    from fourxl.weights import WeightsSource
    from fourxl_native.provider import NativeProvider

TILE_PX = 256
"""Side of a tile, and the largest: so that a picture is several tiles, and each is small in Ray's memory."""

TILES_A_REPLICA = 2
"""That it has at a time: it computes one, while the other is on its way."""

ATTEMPTS = 5
"""As often a tile is asked for whose replica is lost."""

_LOST = (exceptions.RayActorError, exceptions.ObjectLostError, exceptions.WorkerCrashedError)
"""The replica has ended, or what it answered is gone with its machine. Its work can be done again elsewhere."""

_NO_MEMORY = (exceptions.OutOfMemoryError, exceptions.ObjectStoreFullError, exceptions.OutOfDiskError)


class RayRuntime:
    """A ``TileRuntime`` over all replicas: each tile is computed by whichever has time."""

    name = "ray"
    tile_px = TILE_PX

    def __init__(
        self,
        replicas: DeploymentHandle[Any],
        model: tuple[str, float],
        told: NativeProvider,
        most_replicas: int,
    ) -> None:
        """Ask ``replicas``, which are ``serve_ray.Tiles``, for a model's id with a denoise strength.

        ``told`` is with what a replica computes it.
        """
        self._replicas, self._model = replicas, model
        self.device = told.device
        self.reason = f"{told.reason} The tiles are spread over up to {most_replicas} replicas of Ray Serve."
        self.tiles_at_once = TILES_A_REPLICA * most_replicas
        self._closed = False

    async def run(self, tile_f32: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the enlarged tile, whichever replica it takes."""
        if self._closed:
            raise RuntimeFailure("The runtime is closed.")
        if tile_f32.shape[2] * tile_f32.shape[3] > TILE_PX**2:
            raise OutOfMemory("Ray's memory has room for smaller tiles only.")
        answer = await ask(self._replicas.run, *self._model, tile_f32)
        return np.array(answer)  # what lies in Ray's memory cannot be written to

    async def close(self) -> None:
        """Refuse tiles from now on; the replicas keep the model as long as they have room."""
        self._closed = True


class RayLibrary(Library):
    """A library whose models are loaded by replicas, each with a library of its own."""

    def __init__(
        self,
        source: WeightsSource,
        chosen: NativeProvider,
        budget_bytes: int,
        replicas: DeploymentHandle[Any],
        most_replicas: int,
    ) -> None:
        """Have all of it opened by ``replicas``."""
        super().__init__(source, chosen, budget_bytes)
        self._replicas, self._most_replicas = replicas, most_replicas

    async def open(self, spec: ModelSpec, denoise: float) -> RayRuntime:
        """Return a runtime over all replicas, of which one has loaded the model and found it right."""
        told = await ask(self._replicas.open, spec.id, denoise)
        return RayRuntime(self._replicas, (spec.id, denoise), told, self._most_replicas)


async def ask(method: DeploymentHandle[Any], *arguments: object) -> Any:
    """Return what a replica answers; a call that was lost with its replica is made again.

    Raises:
        FourxlError: as the replica raised it, or OutOfMemory or RuntimeFailure for what went wrong in Ray.
        asyncio.CancelledError: the call is cancelled too.
    """
    for _ in range(ATTEMPTS):
        answer = method.remote(*arguments)
        try:
            with _translated():
                return await answer
        except asyncio.CancelledError:
            answer.cancel()  # type: ignore[no-untyped-call]
            raise
        except _LOST as error:
            lost = error
    raise RuntimeFailure(
        f"{ATTEMPTS} replicas in a row ended while they computed this. Try again, or choose another model."
    ) from lost


@contextmanager
def _translated() -> Iterator[None]:
    """Turn Ray's exceptions into ours, but for those after which to ask again."""
    try:
        yield
    except _LOST:
        raise
    except exceptions.RayTaskError as error:
        if isinstance(error.cause, FourxlError):
            raise error.cause from None
        if isinstance(error.cause, MemoryError):
            raise OutOfMemory("A replica found no memory for this tile.") from error
        raise RuntimeFailure(f"A replica failed ({type(error.cause).__name__}).") from error
    except _NO_MEMORY as error:
        raise OutOfMemory("Ray found no memory for this tile.") from error
    except exceptions.RayError as error:
        raise RuntimeFailure(f"Ray failed ({type(error).__name__}).") from error
