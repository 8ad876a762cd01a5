"""The operator's limits: each has its variable, and nonsense is refused."""

from __future__ import annotations

from dataclasses import asdict, fields, replace

import pytest

from backend.settings import MIB, BadSetting, Limits, read_limits

NAMES = [field.name for field in fields(Limits)]
GOOD = {"1": 1, "7": 7, " 12 ": 12, "007": 7, "999999999": 999_999_999}
BAD = ["0", "-1", "+3", "1.5", "1e3", "1_000", "twenty", "²", "5 MB", "0x10", "٣", "9" * 5000]


def variable(name: str) -> str:
    """Return the variable that sets a field."""
    return f"FOURXL_{name.upper()}"


def test_an_empty_environment_gives_the_usual_limits():
    """Nothing has to be set, and what is set to nothing is not set."""
    assert read_limits({}) == Limits()
    assert read_limits({variable(name): "  " for name in NAMES}) == Limits()


@pytest.mark.parametrize("text", GOOD)
@pytest.mark.parametrize("name", NAMES)
def test_every_limit_has_its_variable(name, text):
    """A variable changes the limit of its name, and no other."""
    assert read_limits({variable(name): text}) == replace(Limits(), **{name: GOOD[text]})


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:8])
@pytest.mark.parametrize("name", NAMES)
def test_nonsense_is_refused_by_name(name, text):
    """What is no number of 1 or more is refused in a sentence with the variable and its value."""
    with pytest.raises(BadSetting) as told:
        read_limits({variable(name): text})
    assert variable(name) in str(told.value)
    assert repr(text) in str(told.value)


def test_other_variables_are_left_alone():
    """Variables of other programs, and ours for other things, are no limits."""
    assert read_limits({"FOURXL_RUNTIME": "openvino", "MAX_SECONDS": "3", "JOBS": "x"}) == Limits()


def test_callers_are_told_what_concerns_them():
    """A page learns what it may send, in bytes, and nothing of the machine."""
    limits = Limits(max_upload_mb=3)
    told = limits.to_wire()
    assert told.pop("max_upload_bytes") == 3 * MIB == limits.max_upload_bytes
    assert told == {name: value for name, value in asdict(limits).items() if name in told}
    assert not {"jobs", "models_mb", "disk_mb"} & set(told)
