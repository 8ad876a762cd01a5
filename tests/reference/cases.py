"""The inputs on which Real-ESRGAN and 4XL are compared, and where the two differ on purpose."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from fourxl import alpha, image, png16
from tests.engine.drawing import camera_exif, png_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .reference import Samples

NO_DIFFERENCE = "nothing"
CLEAR = "colour under clear pixels is replaced by visible colour nearby: nothing unseen tints the edges"
PART = (100, 40, 160, 120)
"""Left, top, width and height of a part with edges and texture."""


@dataclass(frozen=True)
class Case:
    """One input."""

    name: str
    make: Callable[[Path], bytes]
    """Returns the file, given the folder of upstream's example inputs."""

    why: str = NO_DIFFERENCE
    """Where 4XL differs on purpose, and why."""

    pre_pad: int = 0
    """Upstream's: how many pixels it mirrors at the right and the lower border."""

    can_be_asked: bool = True
    """Whether upstream can be made to compute what 4XL does."""


def whole(name: str) -> Callable[[Path], bytes]:
    """Return what reads an example as it is."""
    return lambda inputs: (inputs / name).read_bytes()


def part(name: str, left: int, top: int, width: int, height: int) -> Callable[[Path], bytes]:
    """Return what cuts a part out of an example of 8 bits; it is a PNG of the same mode."""
    return lambda inputs: _png(_cut(inputs / name, left, top, width, height))


def deep_part(name: str, left: int, top: int, width: int, height: int) -> Callable[[Path], bytes]:
    """Return what cuts a part out of an example of 16 bits."""

    def make(inputs: Path) -> bytes:
        samples = png16.read((inputs / name).read_bytes())
        return png_file(samples[top : top + height, left : left + width], 16)

    return make


def changed(change: Callable[[Image.Image], bytes]) -> Callable[[Path], bytes]:
    """Return what makes another kind of file of a part of a photo."""
    return lambda inputs: change(_cut(inputs / "00003.png", 160, 60, 96, 80))


def _cut(path: Path, left: int, top: int, width: int, height: int) -> Image.Image:
    with Image.open(path) as opened:
        return opened.crop((left, top, left + width, top + height))


def _png(picture: Image.Image, **options: Any) -> bytes:
    return _file(picture, "PNG", **options)


def _file(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _deep(picture: Image.Image, scale: int) -> bytes:
    """Return a PNG of 16 bits whose samples are ``scale`` times those of the picture."""
    samples = np.atleast_3d(np.asarray(picture)).astype(np.uint16) * np.uint16(scale)
    return png_file(samples, 16)


def _round_window(picture: Image.Image) -> Image.Image:
    """Return an alpha channel of the picture's size: clear outside of a soft disc."""
    width, height = picture.size
    rows, columns = np.mgrid[0:height, 0:width]
    distance = np.hypot(rows - height / 2, columns - width / 2)
    return Image.fromarray((np.clip((height / 2 - distance) / 12, 0, 1) * 255).astype(np.uint8))


def _grey_with_alpha(picture: Image.Image) -> bytes:
    return _png(Image.merge("LA", (picture.convert("L"), _round_window(picture))))


def _opaque_alpha(picture: Image.Image) -> bytes:
    picture.putalpha(255)
    return _png(picture)


CASES = (
    Case("`00003.png`, a part", part("00003.png", *PART)),
    Case("`0014.jpg`", whole("0014.jpg")),
    Case("`0030.jpg`", whole("0030.jpg")),
    Case("`ADE_val_00000114.jpg`", whole("ADE_val_00000114.jpg")),
    Case("`OST_009.png`, a part", part("OST_009.png", 100, 240, 160, 120)),
    Case("`00017_gray.png`, a part", part("00017_gray.png", 120, 80, 160, 120)),
    Case("`wolf_gray.jpg` (EXIF, ICC)", whole("wolf_gray.jpg")),
    Case("`children-alpha.png`, a part", part("children-alpha.png", 120, 40, 160, 120), CLEAR),
    Case("`tree_alpha_16bit.png`, a part", deep_part("tree_alpha_16bit.png", 60, 20, 160, 120), CLEAR),
    Case("grey, 16 bits", changed(lambda photo: _deep(photo.convert("L"), 257))),
    Case("colour, 16 bits", changed(lambda photo: _deep(photo, 257))),
    Case("grey with alpha", changed(_grey_with_alpha), CLEAR),
    Case("palette", changed(lambda photo: _png(photo.quantize(64)))),
    Case(
        "palette with a clear colour",
        changed(lambda photo: _png(photo.quantize(8), transparency=2)),
        CLEAR,
    ),
    Case(
        "alpha, opaque all over",
        changed(_opaque_alpha),
        "an alpha channel that hides nothing costs no time and is left out of the result",
    ),
    Case("JPEG, colour at half width", changed(lambda photo: _file(photo, "JPEG", subsampling=1))),
    Case(
        "JPEG in print colours",
        changed(lambda photo: _file(photo.convert("CMYK"), "JPEG")),
        "CMYK becomes RGB by Pillow, which rounds otherwise than OpenCV: one level before enlarging",
    ),
    Case(
        "JPEG, turned by EXIF",
        changed(lambda photo: _file(photo, "JPEG", exif=camera_exif(6))),
        "upright, as every viewer shows it; upstream leaves it lying and drops the tag that says so",
    ),
    Case(
        "16 bits, nearly black",
        changed(lambda photo: _deep(photo, 1)),
        "upstream takes 16 bits for 8 where no sample is above 256, and makes the dark bright",
        can_be_asked=False,
    ),
    Case(
        "12x10 pixels",
        part("00003.png", 200, 60, 12, 10),
        "mirrored to 16 pixels a side, the least that our models are given; upstream surrounds it with black",
    ),
    Case(
        "`00003.png`, upstream with `pre_pad=10`",
        part("00003.png", *PART),
        "nothing is mirrored at the borders, as in upstream's program; its Python class mirrors 10 pixels "
        "to the right and below unless told otherwise",
        pre_pad=10,
    ),
)


def as_we_read(data: bytes, min_side_px: int) -> list[Samples]:
    """Return the pixels that 4XL gives its network, for upstream: the colours, then alpha if there is one.

    Grey and alpha are (height, width), colours (height, width, RGB). Sides below ``min_side_px`` are mirrored
    to that length.
    """
    picture = image.decode(data)
    planes, opacity = picture.planes, picture.alpha
    if opacity is not None:
        planes = alpha.bleed(planes, opacity)
    missing = [(0, max(0, min_side_px - side)) for side in planes.shape[1:]]
    planes = np.pad(planes, ((0, 0), *missing), mode="reflect")
    colours = planes[0] if planes.shape[0] == 1 else np.ascontiguousarray(np.moveaxis(planes, 0, 2))
    return [colours] if opacity is None else [colours, np.pad(opacity, missing, mode="reflect")]
