"""The machine that was measured on, in a line."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from scripts.building.site import REPOSITORY
from scripts.building.versions import PACKAGES


def describe(*parts: str) -> str:
    """Return processor, what else took part, and how busy the machine was before the first run."""
    return "; ".join(
        [
            f"{cores()} cores of {processor()}, {memory_gib():.0f} GiB",
            *parts,
            f"load {load():.2f} at the start",
        ]
    )


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def processor() -> str:
    """Return the processor's name as the kernel tells it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory_gib() -> float:
    """Return the machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def load() -> float:
    """Return how many processes wanted to run, on average over the last minute."""
    return os.getloadavg()[0]


def web_versions() -> str:
    """Return the versions of what the page loads."""
    packages = json.loads((REPOSITORY / "package-lock.json").read_text())["packages"]
    names = PACKAGES.values()
    return ", ".join(f"{name} {packages[f'node_modules/{name}']['version']}" for name in names)
