"""JPEG with quarter-size colour: the same pixels wherever it is decoded."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, features

from fourxl import jpeg
from tests import pictures


@pytest.mark.skipif(
    not features.check_feature("libjpeg_turbo"), reason="this Pillow has no libjpeg-turbo to compare with"
)
@pytest.mark.parametrize(
    "size", [(2, 2), (2, 3), (4, 5), (5, 4), (6, 7), (17, 9), (64, 33), (301, 200), (9, 530)]
)
@pytest.mark.parametrize("quality", [30, 75, 95])
@pytest.mark.parametrize("progressive", [False, True])
def test_equals_libjpeg_turbo(size: tuple[int, int], quality: int, progressive: bool) -> None:
    """Every pixel equals the one that libjpeg-turbo decodes."""
    content = pictures.encoded(
        pictures.scene(*size), "JPEG", quality=quality, subsampling="4:2:0", progressive=progressive
    )
    with Image.open(io.BytesIO(content)) as opened:
        assert jpeg.has_quarter_colour(opened)
        expected = np.asarray(opened)
    np.testing.assert_array_equal(jpeg.read(content), expected)


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("L", {}),
        ("RGB", {"subsampling": "4:4:4"}),
        ("RGB", {"subsampling": "4:2:2"}),
        ("CMYK", {}),
        ("RGB", {"keep_rgb": True}),
    ],
)
def test_other_files_are_left_to_pillow(mode: str, options: dict[str, object]) -> None:
    """Grey, CMYK, RGB inside and other samplings are not decoded here."""
    content = pictures.encoded(pictures.scene().convert(mode), "JPEG", **options)
    with Image.open(io.BytesIO(content)) as opened:
        assert not jpeg.has_quarter_colour(opened)
