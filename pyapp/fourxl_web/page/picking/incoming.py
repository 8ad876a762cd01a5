"""What is to be done with files that came in together: pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_PICTURES = re.compile(
    r"\.(png|apng|jpe?g|jfif|jpe|webp|gif|bmp|dib|tiff?|hei[cf]|avif|jxl|jp2|svg|ico|psd|tga|qoi)$",
    re.IGNORECASE,
)
"""What is called a picture, be it of a kind that 4XL reads or one of which it can say that it does not."""

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What is not seen in a name, and turns the direction of all that is written behind it."""

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file on its way into the list."""

    file: Any
    """A JavaScript File."""

    name: str
    kind: str = ""
    """Its media type, as far as the browser knows it."""

    folder: str = ""
    """Its path inside the folder that was chosen or dropped, which comes first."""

    @property
    def is_network(self) -> bool:
        """Whether it is called a network."""
        return self.name.lower().endswith(".onnx")

    @property
    def is_picture(self) -> bool:
        """Whether it is called a picture."""
        return self.kind.startswith("image/") or _PICTURES.search(self.name) is not None

    @property
    def is_hidden(self) -> bool:
        """Whether it is one of the files that systems leave everywhere, unseen by people."""
        return self.name.startswith(".") or self.name.lower() in ("thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Sorted:
    """Files by what they are for."""

    pictures: tuple[Incoming, ...]
    networks: tuple[Incoming, ...]
    left_out: int
    """How many are neither."""


def plain(name: str) -> str:
    """Return ``name`` as it may stand in a sentence: it turns round nothing of what follows it."""
    return _UNSEEN.sub("", name)


def sort(found: Iterable[Incoming]) -> Sorted:
    """Return the files by what they are for, those of folders in the order of their names.

    One file alone was meant, whatever it is called; the engine says what is wrong with it.
    """
    files = [file for file in found if not (file.folder and file.is_hidden)]
    if any(file.folder for file in files):
        files.sort(key=_order)
    networks = tuple(file for file in files if file.is_network)
    is_meant = len(files) == 1 and not files[0].folder
    pictures = tuple(file for file in files if not file.is_network and (file.is_picture or is_meant))
    return Sorted(pictures, networks, len(files) - len(networks) - len(pictures))


def _order(file: Incoming) -> list[list[tuple[int, int, str]]]:
    """Return by what a file is sorted: a part of its path after the other, numbers by what they count."""
    return [_natural(part) for part in [*file.folder.split("/"), file.name] if part]


def _natural(text: str) -> list[tuple[int, int, str]]:
    parts = _DIGITS.split(text.casefold())
    return [(0, int(part), "") if at % 2 else (1, 0, part) for at, part in enumerate(parts) if part]
