"""What runs beside the requests of a server."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from backend.running import _sweeping

if TYPE_CHECKING:
    import pytest

    from backend.files import Files

HOUR_S = 3600


def test_what_nobody_fetches_is_swept_away_within_the_hour(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the application lives, files that are an hour old go, and younger ones stay; then it stops."""
    monkeypatch.setattr("backend.files.SWEEP_EVERY_S", 0.01)
    old, young = files.write("result.png", b"old"), files.write("result.png", b"young")

    async def until_gone(path: object) -> None:
        while path.exists():  # type: ignore[attr-defined]  # noqa: ASYNC110 - another thread deletes it
            await asyncio.sleep(0)

    async def live() -> None:
        async with _sweeping(files)(None), asyncio.timeout(10):
            an_hour_ago = time.time() - HOUR_S
            os.utime(old.parent, (an_hour_ago, an_hour_ago))
            await until_gone(old)
        assert young.exists()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(live())
