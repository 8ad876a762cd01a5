"""The font files of each script, and what is written in them.

The files come from npm packages that package-lock.json pins, so that a seed draws the same on every machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont, features

from scripts.building.packages import install_packages

if TYPE_CHECKING:
    from random import Random

ROOT = Path(__file__).parents[3]

FILES = {
    "latin": (
        "-variable/open-sans/files/open-sans-latin-standard-normal",
        "-variable/open-sans/files/open-sans-latin-standard-italic",
        "-variable/source-serif-4/files/source-serif-4-latin-wght-normal",
        "-variable/source-serif-4/files/source-serif-4-latin-wght-italic",
        "-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal",
        "-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-italic",
        "-variable/manrope/files/manrope-latin-wght-normal",
        "-variable/sora/files/sora-latin-wght-normal",
        "-variable/caveat/files/caveat-latin-wght-normal",
        "/bangers/files/bangers-latin-400-normal",
    ),
    "greek": (
        "-variable/open-sans/files/open-sans-greek-standard-normal",
        "-variable/open-sans/files/open-sans-greek-standard-italic",
        "-variable/source-serif-4/files/source-serif-4-greek-wght-normal",
        "-variable/source-serif-4/files/source-serif-4-greek-wght-italic",
        "-variable/jetbrains-mono/files/jetbrains-mono-greek-wght-normal",
    ),
    "cyrillic": (
        "-variable/open-sans/files/open-sans-cyrillic-standard-normal",
        "-variable/open-sans/files/open-sans-cyrillic-standard-italic",
        "-variable/source-serif-4/files/source-serif-4-cyrillic-wght-normal",
        "-variable/source-serif-4/files/source-serif-4-cyrillic-wght-italic",
        "-variable/jetbrains-mono/files/jetbrains-mono-cyrillic-wght-normal",
        "-variable/caveat/files/caveat-cyrillic-wght-normal",
    ),
    "arabic": (
        "-variable/noto-naskh-arabic/files/noto-naskh-arabic-arabic-wght-normal",
        "-variable/vazirmatn/files/vazirmatn-arabic-wght-normal",
    ),
    "devanagari": ("-variable/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-standard-normal",),
    "chinese": ("/zcool-xiaowei/files/zcool-xiaowei-chinese-simplified-400-normal",),
    "japanese": ("/sawarabi-gothic/files/sawarabi-gothic-japanese-400-normal",),
    "hangul": ("/gowun-dodum/files/gowun-dodum-korean-400-normal",),
}
"""By script, below node_modules/@fontsource, less the ending. Each file holds the letters of one script only."""

MONOSPACED, COMIC = FILES["latin"][4], FILES["latin"][9]

IDEOGRAPHIC = {
    "chinese": ("gb2312", 0xB0, 0xD8),
    "japanese": ("euc_jp", 0xB0, 0xD0),
    "hangul": ("euc_kr", 0xB0, 0xC9),
}
"""Scripts written without spaces: the national standard that lists them, and its rows of common characters."""

LACKING = "毖谰耪锨"
"""Common Chinese characters that the font lacks."""


class MissingBidiError(Exception):
    """The library that puts Arabic in order is not on this machine."""

    def __init__(self) -> None:
        super().__init__("Drawing Arabic needs the library FriBiDi; on Debian: apt-get install libfribidi0")


@dataclass(frozen=True)
class Typeface:
    """A font file at a weight and a width."""

    file: str
    axes: tuple[float, ...]
    """As the file orders them; none where it has only one form."""

    def at(self, size_px: int) -> ImageFont.FreeTypeFont:
        """Return it at a size.

        Raises:
            MissingPackagesError, MissingBidiError: letters cannot be drawn on this machine.

        """
        font = _open(self.file, size_px)
        if self.axes:
            font.set_variation_by_axes(list(self.axes))
        return font


def pick_typeface(script: str, chance: Random, file: str | None = None) -> Typeface:
    """Return a typeface of the script, of any weight and width that its file has."""
    file = file or chance.choice(FILES[script])
    axes = tuple(_axis(axis, chance) for axis in _axes(file))
    return Typeface(file, axes)


@cache
def words(script: str) -> tuple[str, ...]:
    """Return words of the script; where it is written without spaces, its single characters."""
    listed: str = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))[script]
    if script not in IDEOGRAPHIC:
        return tuple(listed.split())
    codec, first, end = IDEOGRAPHIC[script]
    common = _rows(codec, range(first, end))
    kana = _rows(codec, range(0xA4, 0xA6)) if script == "japanese" else ""
    return tuple(letter for letter in listed * 20 + kana * 10 + common if letter not in LACKING)


@cache
def node_modules() -> Path:
    """Return the folder of the npm packages, which are installed if one of ours is missing or outdated."""
    if not features.check("raqm"):
        raise MissingBidiError
    lock, folder = ROOT / "package-lock.json", ROOT / "node_modules"
    pinned = json.loads(lock.read_text("utf-8"))["packages"]
    packages = {f"@fontsource{file.split('/files/')[0]}" for files in FILES.values() for file in files}
    for name in sorted(packages):
        told = folder / name / "package.json"
        if (
            not told.is_file()
            or json.loads(told.read_bytes())["version"] != pinned[f"node_modules/{name}"]["version"]
        ):
            return install_packages(lock, lambda line: print(f"· {line}", flush=True))
    return folder


def _open(file: str, size_px: int) -> ImageFont.FreeTypeFont:
    path = node_modules() / f"@fontsource{file}.woff2"
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.RAQM)


@cache
def _axes(file: str) -> tuple[tuple[float, float, float], ...]:
    """Return least, usual and greatest value of each axis of the font."""
    try:
        axes = _open(file, 16).get_variation_axes()
    except OSError:  # what a font without axes answers
        return ()
    return tuple((axis["minimum"] or 0, axis["default"] or 0, axis["maximum"] or 0) for axis in axes)


def _axis(axis: tuple[float, float, float], chance: Random) -> float:
    """Return a value of an axis: as often the usual one as any other."""
    least, usual, most = axis
    return usual if chance.random() < 0.5 else round(chance.uniform(least, most))


def _rows(codec: str, rows: range) -> str:
    """Return the characters of some rows of an East Asian standard."""
    places = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
    return "".join(place.decode(codec, "ignore") for place in places)
