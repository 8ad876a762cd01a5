"""Which runtime is chosen, on computers of every kind."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product

import pytest

from fourxl.errors import RuntimeUnavailable
from fourxl_native import provider
from fourxl_native.provider import ONNXRUNTIME, OPENVINO, TORCH, WANTED, Computer, choose, look_around


def computer(*installed: str, cuda: bool = False, lends: bool = False) -> Computer:
    """Return a computer with onnxruntime and what else is named."""
    return Computer(frozenset({ONNXRUNTIME, *installed}), lambda: cuda, lends)


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (computer(), (ONNXRUNTIME, "CPU")),
        (computer(OPENVINO), (OPENVINO, "CPU")),
        (computer(TORCH), (ONNXRUNTIME, "CPU")),
        (computer(TORCH, OPENVINO), (OPENVINO, "CPU")),
        (computer(TORCH, OPENVINO, cuda=True), (TORCH, "GPU")),
        (computer(OPENVINO, cuda=True), (OPENVINO, "CPU")),
        (computer(TORCH, lends=True), (TORCH, "GPU")),
        (computer(lends=True), (ONNXRUNTIME, "CPU")),
    ],
)
def test_fastest(there: Computer, expected: tuple[str, str]) -> None:
    """A graphics card is used where torch can; on the processor OpenVINO goes before onnxruntime."""
    chosen = choose("auto", there)
    assert (chosen.name, chosen.device) == expected


@pytest.mark.parametrize("wanted", WANTED[1:])
def test_wanted(wanted: str) -> None:
    """What is asked for is chosen when it is installed, on a graphics card only with torch."""
    for cuda in (False, True):
        chosen = choose(wanted, computer(TORCH, OPENVINO, cuda=cuda))
        assert chosen.name == wanted
        assert chosen.device == ("GPU" if cuda and wanted == TORCH else "CPU")


@pytest.mark.parametrize("wanted", [OPENVINO, TORCH])
def test_missing(wanted: str) -> None:
    """What is not installed is refused, with the command that installs it."""
    with pytest.raises(RuntimeUnavailable, match=f"scripts/install {wanted}"):
        choose(wanted, computer())


def test_unknown() -> None:
    """A name that nobody knows is refused with those that there are."""
    with pytest.raises(RuntimeUnavailable, match="auto, onnxruntime, openvino, torch"):
        choose("tensorflow", computer())


def test_reason_names_the_device() -> None:
    """Every reason is a sentence, of a graphics card where there is one and of the processor elsewhere."""
    everything = computer(TORCH, OPENVINO)
    for wanted, cuda, lends in product(WANTED, (False, True), (False, True)):
        chosen = choose(wanted, Computer(everything.installed, lambda cuda=cuda: cuda, lends))
        assert chosen.reason.endswith(".")
        words = {"GPU": "graphics card", "CPU": "on the processor"}[chosen.device]
        assert words in chosen.reason


def test_reason_tells_why_no_graphics_card_is_used() -> None:
    """That PyTorch is not installed is told apart from that it has no card."""
    assert "is not installed" in choose("auto", computer(OPENVINO)).reason
    assert "has no graphics card" in choose("auto", computer(OPENVINO, TORCH)).reason


def test_lent_graphics_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """ZeroGPU's variable says that a graphics card will be lent."""
    for value, expected in (("", False), ("true", True)):
        monkeypatch.setenv("SPACES_ZERO_GPU", value)
        assert look_around().lends_gpu == expected


@pytest.mark.skipif(provider._DRIVER.exists(), reason="there is a graphics card here, which only torch knows")
def test_choice_imports_nothing() -> None:
    """Where there is no driver of a graphics card, the choice costs none of the runtimes' imports."""
    program = """
import json, sys
from fourxl_native import provider
provider.choose()
print(json.dumps([name for name in provider.WANTED if name in sys.modules]))
"""
    environment = {"PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
