"""A Ray of one's own on this machine, for as long as it is needed: for tests and benchmarks."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import ray
from ray import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

STORE_BYTES = 200 * 2**20
"""Ray's memory for tiles that are on their way."""

_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory


@contextmanager
def private_cluster(cores: int, **variables: str) -> Iterator[Path]:
    """Run Ray as long as the block lasts and give the folder of its logs; nothing is left of it afterwards.

    It tells nobody that it is used, takes no orders from others, and writes no tile to a disk. ``variables`` are
    further ones of its environment.
    """
    with (
        _environment(
            RAY_USAGE_STATS_ENABLED="0",
            RAY_AUTH_TOKEN=secrets.token_hex(32),
            **variables,
        ),
        tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryDirectory(prefix="ray-", dir=_MEMORY) as spilled,
    ):
        ray.init(
            num_cpus=cores,
            include_dashboard=False,
            object_store_memory=STORE_BYTES,
            object_spilling_directory=spilled,  # otherwise below /tmp, when its memory is full
            log_to_driver=False,
            configure_logging=False,
            _temp_dir=folder,
        )
        try:
            yield Path(folder)
        finally:
            serve.shutdown()  # type: ignore[no-untyped-call]
            ray.shutdown()


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = os.environ.copy()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
