"""The server's Python packages, with all that they need in turn: each as constraints.txt pins it."""

import tomllib
from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from scripts.building.site import REPOSITORY

PYTHON = "3.12"
"""Version of Python that the server runs on where we choose it; ZeroGPU has this one."""

_PINNED_BY_TORCH = ("cuda", "nvidia", "triton")
"""Beginnings of packages that only some of torch's wheels need, and each of those exactly one version."""


class UnpinnedError(Exception):
    """Packages that constraints.txt does not name, so that nobody knows which version would be installed."""


def pinned(*extras: str) -> list[str]:
    """Lines of a requirements.txt with our own packages' needs, those of the extras, and all theirs.

    Raises:
        UnpinnedError: constraints.txt does not name one of them.
        metadata.PackageNotFoundError: one of them is not installed here, so what it needs cannot be read.

    """
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    asked = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    constraints = (REPOSITORY / "constraints.txt").read_text().split()
    pins = {canonicalize_name(line.partition("==")[0]): line for line in constraints}
    names = _needed(map(Requirement, asked))
    if missing := sorted(names - pins.keys()):
        raise UnpinnedError(f"constraints.txt pins no version of {', '.join(missing)}.")
    return sorted((pins[name] for name in names), key=str.lower)


def _needed(asked: Iterable[Requirement]) -> set[NormalizedName]:
    """Names of the packages and of all they need on Linux."""
    known: set[tuple[NormalizedName, str]] = set()
    waiting = list(asked)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras}:
            if (name, extra) not in known and not name.startswith(_PINNED_BY_TORCH):
                known.add((name, extra))
                waiting += [further for further in _needs(name) if _applies(further, extra)]
    return {name for name, _ in known}


def _needs(name: str) -> list[Requirement]:
    return [Requirement(line) for line in metadata.requires(name) or []]


def _applies(requirement: Requirement, extra: str) -> bool:
    there = {
        "extra": extra,
        "python_version": PYTHON,
        "python_full_version": f"{PYTHON}.0",
        "sys_platform": "linux",
    }
    return requirement.marker is None or requirement.marker.evaluate(there)
