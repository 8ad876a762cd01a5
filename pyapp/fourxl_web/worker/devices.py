"""The processors of this device: the first that does a job well does it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fourxl.errors import DeviceLost, RuntimeUnavailable, WrongNumbers
from fourxl_web.worker import providers
from fourxl_web.worker.sessions import FewerThreads, Sessions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from fourxl.errors import FourxlError
    from fourxl.settings import DeviceChoice
    from fourxl.weights import WeightsSource
    from fourxl_web.worker.providers import Provider
    from fourxl_web.worker.threads import Threads

    Made = TypeVar("Made")


class Devices:
    """Tries them in order, and remembers for the rest of the visit which one fails."""

    def __init__(self, source: WeightsSource, lanes: Threads) -> None:
        """Look at the GPU meanwhile, since that takes its time; models come from ``source``."""
        self._gpu = asyncio.ensure_future(providers.probe_gpu())
        self.sessions = Sessions(source, self._gpu, lanes)
        self._faults: dict[str | None, str] = {}
        """Why the GPU is out, by model; under None for all of them."""

    async def on_one(
        self, model_id: str, choice: DeviceChoice, attempt: Callable[[Provider], Awaitable[Made]]
    ) -> Made:
        """Return what ``attempt`` makes with the first provider that serves.

        Raises:
            FourxlError: what the last one raised, or what another one would not cure.
        """
        gpu = await self._gpu
        while True:
            fault = self._faults.get(None) or self._faults.get(model_id, "")
            lane, *others = providers.providers(gpu, choice, self.sessions.threads, fault)
            try:
                return await attempt(lane)
            except FewerThreads:
                continue
            except (DeviceLost, WrongNumbers, RuntimeUnavailable) as error:
                await self.sessions.close()
                if not others:
                    raise
                self._faults[None if isinstance(error, DeviceLost) else model_id] = _clause(error)


def _clause(error: FourxlError) -> str:
    """Return the key of what the badge tells when the GPU did that wrong."""
    if not isinstance(error, WrongNumbers):
        return "badge.cpu-gpu-failed"
    return "badge.cpu-gpu-wrong-tile" if "known_tile" in error.fields else "badge.cpu-gpu-wrong"
