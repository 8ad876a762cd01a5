"""Model files: only the published bytes get through."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from fourxl import weights
from fourxl.errors import WeightsMismatch, WeightsUnavailable
from fourxl.manifest import ModelFile

RIGHT = bytes(range(256)) * 4
WRONG_BYTE = RIGHT[:500] + b"\0" + RIGHT[501:]
FILE = ModelFile("folder/a.onnx", len(RIGHT), hashlib.sha256(RIGHT).hexdigest(), None)


class _Copies:
    """Gives one prepared answer after the other and remembers how it was asked."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.fresh: list[bool] = []

    async def read(self, file: ModelFile, *, fresh: bool) -> bytes:
        assert file is FILE
        self.fresh.append(fresh)
        return self._answers.pop(0)


def test_the_right_bytes_are_read_once():
    """A right copy is taken as it is, from the cache if there is one."""
    source = _Copies(RIGHT)
    assert asyncio.run(weights.load(FILE, source)) == RIGHT
    assert source.fresh == [False]


@pytest.mark.parametrize("wrong", [WRONG_BYTE, RIGHT[:-1], RIGHT + b"\0", b"", b"<!doctype html>"])
def test_a_wrong_copy_is_fetched_once_more(wrong):
    """A copy with a wrong byte or size is replaced by a fresh one, past the caches."""
    source = _Copies(wrong, RIGHT)
    assert asyncio.run(weights.load(FILE, source)) == RIGHT
    assert source.fresh == [False, True]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (WRONG_BYTE, "sha256"),
        (RIGHT[:-1], "1023 bytes instead of 1024"),
        (RIGHT + RIGHT, "more than 1024 bytes"),
        (b"\n<!DOCTYPE html><title>Sign in</title>", "a web page"),
        (b"<html><body>", "a web page"),
    ],
)
def test_two_wrong_copies_are_refused(wrong, fault):
    """When the fresh copy is wrong too, nothing is returned and the file and its fault are named."""
    source = _Copies(RIGHT[1:], wrong)
    with pytest.raises(WeightsMismatch, match=r"folder/a\.onnx") as refused:
        asyncio.run(weights.load(FILE, source))
    assert fault in refused.value.message
    assert refused.value.fields["file"] == "folder/a.onnx"
    assert source.fresh == [False, True]


def test_a_folder_gives_its_files(tmp_path):
    """Files are read below the folder; a missing one is unavailable, by name."""
    source = weights.FolderSource(tmp_path)
    with pytest.raises(WeightsUnavailable, match=r"a\.onnx") as refused:
        asyncio.run(weights.load(FILE, source))
    assert refused.value.fields["file"] == "folder/a.onnx"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.onnx").write_bytes(RIGHT)
    assert asyncio.run(weights.load(FILE, source)) == RIGHT
