"""Real-ESRGAN and 4XL, started once for the whole ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.exporting.checkpoints import read_state
from scripts.exporting.externalize import pack

from .ours import GENERAL, Ours
from .reference import INSTALLED, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .reference import State


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """Give upstream's program; a machine without it is not set up, which is a failure."""
    assert INSTALLED.is_dir(), "scripts/install_reference has not run"
    with Reference(tmp_path_factory.mktemp("reference")) as started:
        yield started


@pytest.fixture(scope="session")
def inputs(shared_images: Path) -> Path:
    """Return the folder of upstream's example inputs."""
    return shared_images / "inputs"


@pytest.fixture(scope="session")
def official(shared_images: Path) -> Callable[[str], State]:
    """Return what reads the published weights of a model."""
    folder = shared_images.parent / "weights"
    return lambda model_id: {
        key: tensor.float() for key, tensor in read_state(folder / f"{model_id}.safetensors").items()
    }


@pytest.fixture(scope="session")
def state(official: Callable[[str], State]) -> State:
    """Return the weights of the model that most tests run."""
    return official(GENERAL)


@pytest.fixture(scope="session")
def ours(state: State) -> Ours:
    """Return 4XL with those weights."""
    return Ours(pack(state))
