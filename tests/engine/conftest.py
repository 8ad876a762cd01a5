"""Runtimes as modest and as greedy as there are."""

from __future__ import annotations

import pytest

from fourxl.testing import NearestRuntime


@pytest.fixture(params=[1, 2, 3])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Have a law hold for runtimes that want one tile at a time, and for those that want several."""
    monkeypatch.setattr(NearestRuntime, "tiles_at_once", request.param)
    return int(request.param)
