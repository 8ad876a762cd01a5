"""A picture as arrays, and how the bytes of a file become one.

Input is hostile until it is decoded: the format is told by content, never by name, and size
limits are checked on the header, before pixels are unpacked.
"""

from __future__ import annotations

import re
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL import Image, UnidentifiedImageError

from fourxl import formats, gif, jpeg, metadata, png16
from fourxl.bounded import BoundedFile
from fourxl.errors import BrokenImage, EmptyImage, FourxlError, ImageTooLarge
from fourxl.geometry import Size
from fourxl.notes import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile

    Samples = NDArray[np.unsignedinteger[Any]]
    """uint8 or uint16, full scale."""

MAX_PIXELS = 50_000_000
"""Default limit of a source; its result would have sixteen times as many."""

_QUIET = [
    ("ignore", None, category, re.compile(r"PIL\."), 0)
    for category in (UserWarning, Image.DecompressionBombWarning)
]
"""Our own limit is stricter than Pillow's, and broken EXIF is no fault of the pixels."""

_FILTERS = threading.Lock()
"""Filters of warnings are the process's, not a thread's: one sets them at a time, and they stay."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, upright."""

    planes: Samples
    """(1 or 3, height, width): grey or RGB, uint8 or uint16, C-contiguous."""

    alpha: Samples | None
    """(height, width) of the same type; None when every pixel is opaque."""

    icc: bytes | None
    """The colour profile, if it fits the planes."""

    exif: bytes | None
    """EXIF data as found, orientation included."""

    notes: tuple[Note, ...]
    """What was decided on the way."""

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return Size(self.planes.shape[2], self.planes.shape[1])

    @property
    def channels(self) -> int:
        """1 grey, 2 grey and alpha, 3 RGB, 4 RGBA."""
        return len(self.planes) + (self.alpha is not None)

    @property
    def depth(self) -> int:
        """Bits per channel: 8 or 16."""
        return self.planes.dtype.itemsize * 8


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return the first picture in the bytes of a file.

    Raises:
        EmptyImage, NotAnImage, BrokenImage: the bytes are not a whole picture.
        ImageTooLarge: more than ``max_pixels``, told before anything is unpacked.
    """
    file = BoundedFile(data)
    with _opened(file, data, max_pixels) as opened:
        file.for_pixels()
        return _decode(opened, data)


def measure(data: bytes, max_pixels: int = MAX_PIXELS) -> Size:
    """Return the size of the picture in the bytes of a file as its header tells it, before any turn by EXIF.

    Raises:
        EmptyImage, NotAnImage, BrokenImage, ImageTooLarge: as ``decode``, as far as the header shows it.
    """
    with _opened(BoundedFile(data), data, max_pixels) as opened:
        return Size(*opened.size)


@contextmanager
def _opened(file: BoundedFile, data: bytes, max_pixels: int) -> Iterator[Image.Image]:
    """Give the picture in ``data``, whose size is within the limit, and turn what its decoding raises into ours."""
    if not data:
        raise EmptyImage("The file is empty (0 bytes).", about="empty-file")
    try:
        _hush()
        with Image.open(file, formats=formats.READABLE) as opened:
            _check_size(opened, max_pixels)
            yield opened
    except FourxlError:
        raise
    except UnidentifiedImageError as exc:
        raise formats.refusal(data) from exc
    except Image.DecompressionBombError as exc:
        raise _too_large("The picture has far", max_pixels, "far-too-many-pixels") from exc
    except MemoryError as exc:
        raise ImageTooLarge(
            "The picture does not fit into this device's memory.", about="no-memory-for-source"
        ) from exc
    except Exception as exc:
        raise BrokenImage(
            f"The picture is damaged or incomplete and cannot be read ({exc}).",
            about="undecodable",
            reason=str(exc),
        ) from exc


def _hush() -> None:
    """Keep Pillow's warnings about a file from everybody; whoever sets filters anew may have let them through."""
    with _FILTERS:
        if warnings.filters[: len(_QUIET)] != _QUIET:
            for _, _, category, module, _ in reversed(_QUIET):
                warnings.filterwarnings("ignore", category=category, module=module.pattern)


def _check_size(opened: Image.Image, max_pixels: int) -> None:
    width, height = opened.size
    if width < 1 or height < 1:
        raise EmptyImage("The picture has no pixels.", about="no-pixels", width=width, height=height)
    if width * height > max_pixels:
        millions = width * height / 1e6
        sentence = f"The picture has {width}x{height} = {millions:.0f} million pixels,"
        raise _too_large(
            sentence, max_pixels, "too-many-pixels", width=width, height=height, millions=round(millions)
        )


def _too_large(what_it_has: str, max_pixels: int, about: str, **size: int) -> ImageTooLarge:
    return ImageTooLarge(
        f"{what_it_has} more than the limit of {max_pixels / 1e6:g} million pixels. Make it smaller or cut it first.",
        about=about,
        max_pixels=max_pixels,
        max_millions=max_pixels / 1e6,
        **size,
    )


def _decode(opened: Image.Image, data: bytes) -> Picture:
    notes = []
    if _is_animated(opened, data):
        notes.append(Note("animation", "The file is an animation; its first frame was enlarged."))
    if opened.mode == "CMYK":
        notes.append(
            Note(
                "cmyk",
                "The picture was in print colours (CMYK) and was converted to RGB; tones may shift slightly.",
            )
        )
    pixels = _unpack(opened, data)
    orientation = metadata.orientation(opened)  # reads to the end: EXIF may come after the pixels
    icc, exif = opened.info.get("icc_profile"), opened.info.get("exif")
    channels = pixels.shape[2]
    colours = 1 if channels in (1, 2) else 3
    alpha = np.ascontiguousarray(pixels[..., -1]) if channels in (2, 4) else None
    if alpha is not None and bool((alpha == np.iinfo(alpha.dtype).max).all()):
        alpha = None
    if icc and not metadata.profile_fits(icc, colours):
        icc = None
        notes.append(
            Note(
                "profile-left-out", "The colour profile did not fit the picture's channels and was left out."
            )
        )
    planes = np.ascontiguousarray(pixels[..., :colours].transpose(2, 0, 1))
    return _upright(Picture(planes, alpha, icc or None, exif or None, tuple(notes)), orientation)


def _is_animated(opened: Image.Image, data: bytes) -> bool:
    """Return whether ``opened`` (not loaded yet) moves; several views of one photo do not."""
    if opened.format == "GIF":
        return gif.has_second_frame(data, cast("ImageFile", opened).tile[0].offset)
    return opened.format != "MPO" and bool(getattr(opened, "is_animated", False))


def _unpack(opened: Image.Image, data: bytes) -> Samples:
    """Return (height, width, 1 to 4) samples: grey, grey+alpha, RGB or RGBA."""
    if png16.is_16bit(opened):
        return png16.read(data)
    if jpeg.has_quarter_colour(opened):
        return jpeg.read(data)
    _scale_clear_grey(opened)
    pixels = np.asarray(opened.convert(_plain_mode(opened)))
    return pixels[..., None] if pixels.ndim == 2 else pixels  # noqa: PLR2004 - Pillow's grey has no channel axis


def _plain_mode(opened: Image.Image) -> str:
    """Return L, LA, RGB or RGBA, whichever holds ``opened`` without loss of channels."""
    transparent = opened.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in opened.info
    grey = opened.mode in ("1", "L", "LA", "La", "I", "F")
    return ("L" if grey else "RGB") + ("A" if transparent else "")


def _scale_clear_grey(opened: Image.Image) -> None:
    """Bring the transparent grey of a PNG of 2 or 4 bits to the 0 to 255 of its pixels; Pillow leaves it."""
    clear = opened.info.get("transparency")
    if opened.format == "PNG" and opened.mode == "L" and isinstance(clear, int):
        steps = {"L;2": 3, "L;4": 15}.get(str(cast("ImageFile", opened).tile[0].args), 255)
        opened.info["transparency"] = clear * 255 // steps


def _upright(picture: Picture, orientation: int) -> Picture:
    """Return the picture turned as EXIF tag 274 says (1 to 8; EXIF 2.32, table 4)."""
    if orientation == 1:
        return picture

    def turn(samples: Samples) -> Samples:
        if orientation >= 5:  # noqa: PLR2004 - 5 to 8 swap the sides
            samples = samples.swapaxes(-1, -2)
        flip_rows, flip_columns = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
        samples = samples[..., ::-1, :] if flip_rows else samples
        samples = samples[..., ::-1] if flip_columns else samples
        return np.ascontiguousarray(samples)

    alpha = None if picture.alpha is None else turn(picture.alpha)
    return replace(picture, planes=turn(picture.planes), alpha=alpha)
