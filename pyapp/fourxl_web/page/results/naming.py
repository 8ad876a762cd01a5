"""The names of results, by a pattern that a person may change: pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourxl_web.language import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from fourxl_web.page.state import Item, Result, State

DEFAULT = "{name}_{size}"

EXTENSIONS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}

_MAX_BYTES = 180
"""Of a name without its extension; file systems take 255, and a number may be added."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')
"""What some file system forbids, and what turns the direction of writing and so hides an extension."""

_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
"""What Windows takes for something else than a file."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a name can tell of a result; the fields are the pattern's places."""

    name: str
    """The picture's own name, without its extension."""

    size: str
    """As it was asked for: ``4x``, ``1920w``."""

    model: str
    width: str
    height: str
    number: str
    """Of the picture in the list."""

    date: str
    """Today: ``2026-11-25``."""


PLACES = tuple(Facts.__dataclass_fields__)


def obstacle(pattern: str) -> str:
    """Return why ``pattern`` is of no use, in a sentence; nothing when it is good."""
    places = ", ".join(f"{{{place}}}" for place in PLACES)
    if not pattern.strip():
        return say("save.pattern-empty", places=places)
    for place in _PLACE.findall(pattern):
        if place not in PLACES:
            return say("save.pattern-unknown", place=f"{{{place}}}", places=places)
    if any(brace in _PLACE.sub("", pattern) for brace in "{}"):
        return say("save.pattern-brace", places=places)
    return ""


def facts(item: Item, result: Result, state: State, date: str) -> Facts:
    """Return what a name can tell of the result of ``item``; the number is as long as the last one's."""
    number = next((at for at, one in enumerate(state.items, start=1) if one.id == item.id), 1)
    return Facts(
        stem(item.picked.name),
        result.done.size_label,
        result.model_id,
        str(result.done.width),
        str(result.done.height),
        f"{number:0{len(str(len(state.items)))}}",
        date,
    )


def next_item(state: State) -> Item | None:
    """Return the picture whose result is to be named next, as far as is known."""
    return next((item for item in state.items if item.phase == "waiting"), state.selected_item)


def expected(state: State, size_label: str, model_id: str, date: str) -> Facts:
    """Return what the name of the next result will tell, as far as that can be known before."""
    waiting = next_item(state)
    picked = waiting.picked if waiting else None
    width, height = (picked.sides_px if picked else None) or (480, 270)
    times = float(size_label[:-1]) / (width if size_label.endswith("w") else 1)
    number = state.items.index(waiting) + 1 if waiting else 1
    return Facts(
        stem(picked.name if picked else ""),
        size_label,
        model_id,
        str(round(width * times)),
        str(round(height * times)),
        f"{number:0{len(str(len(state.items)))}}",
        date,
    )


def stem(name: str) -> str:
    """Return a file's name without its extension; a picture without a name is called one."""
    return name.rpartition(".")[0] or name or say("save.unnamed")


def fill(pattern: str, known: Facts, format_name: str) -> str:
    """Return the file's name by ``pattern``; by the default one when that is of no use."""
    good = DEFAULT if obstacle(pattern) else pattern
    name = _PLACE.sub(lambda place: str(getattr(known, place[1])), good)
    return safe(name) + EXTENSIONS[format_name]


def safe(name: str) -> str:
    """Return ``name`` as every file system takes it: never empty, no path, not too long."""
    cleaned = _UNSAFE.sub("_", name).strip(" .")
    cleaned = cleaned.encode(errors="replace")[:_MAX_BYTES].decode(errors="ignore").strip(" .")
    if not cleaned:
        return "_"
    return f"_{cleaned}" if _DEVICES.match(cleaned) else cleaned


def safe_folder(path: str) -> str:
    """Return a path inside a folder with every part safe; nothing leads out of it."""
    parts = (part for part in re.split(r"[/\\]", path) if part.strip(" ."))
    return "/".join(safe(part) for part in parts)


def unique(name: str, taken: Collection[str]) -> str:
    """Return ``name``, with a number if it is ``taken`` (lower-case names, since some systems see no case)."""
    start, dot, extension = name.rpartition(".")
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{start} ({number}){dot}{extension}"
    return found


def paths(pattern: str, wanted: Iterable[tuple[Item, Result]], state: State, date: str) -> list[str]:
    """Return where each result goes in one archive or folder: all different, folders as they were chosen."""
    taken: set[str] = set()
    found: list[str] = []
    for item, result in wanted:
        folder = safe_folder(item.picked.folder)
        name = fill(pattern, facts(item, result, state, date), result.format)
        path = unique(f"{folder}/{name}" if folder else name, taken)
        taken.add(path.casefold())
        found.append(path)
    return found
