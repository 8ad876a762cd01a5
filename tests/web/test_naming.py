"""The names of results: what a person wishes, as every file system takes it."""

from __future__ import annotations

import random

import pytest

from fourxl import events
from fourxl_web.page.results import naming
from fourxl_web.page.results.naming import Facts
from fourxl_web.page.state import Item, Picked, Result, State

FACTS = Facts("photo", "4x", "swift", "288", "224", "07", "2026-11-25")
DONE = events.Done(288, 224, 123_456, 1.5, 1.2, 4, (), "4x")
RESULT = Result(DONE, None, "photo.png", "png", None, "swift")
NASTY = [
    "", ".", "..", "...", "/", "a/b", "..\\..\\a", "C:\\a", "con", "CON.x", "nul", "lpt1", 'a"<>|?*:b',
    "a\x00b\nc", "x" * 999, "é" * 200, "龍" * 100, " a ", "a.", ".hidden", "\u202egpj.exe", "a\ud800b", "{name}",
]  # fmt: skip
each = pytest.mark.parametrize


def listed(*picked: Picked) -> State:
    """Return a list of these pictures, all done."""
    items = (Item(str(at), one, "done", result=RESULT) for at, one in enumerate(picked))
    return State(items=tuple(items))


def paths(state: State, pattern: str = naming.DEFAULT) -> list[str]:
    """Return where the results go."""
    wanted = [(item, item.result) for item in state.items if item.result]
    return naming.paths(pattern, wanted, state, "2026-11-25")


@each(
    ("pattern", "name"),
    [
        ("{name}_{size}", "photo_4x.png"),
        ("{number} {model}", "07 swift.png"),
        ("{date}-{width}x{height}", "2026-11-25-288x224.png"),
        ("fixed", "fixed.png"),
        ("", "photo_4x.png"),
        ("{oops}", "photo_4x.png"),
        ("{name}/{size}", "photo_4x.png"),
    ],
)
def test_patterns(pattern: str, name: str) -> None:
    """Each place becomes what it names; a pattern that is of no use is as the default one."""
    assert naming.fill(pattern, FACTS, "png") == name


@each(("format_name", "extension"), [("png", ".png"), ("jpeg", ".jpg"), ("webp", ".webp")])
def test_extensions(format_name: str, extension: str) -> None:
    """The name tells the format."""
    assert naming.fill("{name}", FACTS, format_name) == f"photo{extension}"


@each("pattern", ["", " ", "{oops}", "{}", "{name", "name}", "{na{me}"])
def test_bad_patterns(pattern: str) -> None:
    """What is wrong is told."""
    assert naming.obstacle(pattern)


@each("place", naming.PLACES)
def test_good_patterns(place: str) -> None:
    """Every place is known."""
    assert not naming.obstacle(f"a{{{place}}}b{{{place}}}")


@each("name", NASTY)
def test_safe(name: str) -> None:
    """Whatever a picture is called, its result's name is no path, not empty, not too long and not a device's."""
    found = naming.safe(name)
    assert found.strip(" .")
    assert not set(found) & set('/\\:*?"<>|\u202e')
    assert found.isprintable()
    assert len(found.encode()) <= 181
    assert found.partition(".")[0].casefold() not in ("con", "prn", "aux", "nul", "lpt1")
    assert naming.safe(found) == found


@each("path", ["../../etc", "/etc", "a/../b", "C:\\x", "a//b", "./a", "con/a"])
def test_folders_lead_nowhere_else(path: str) -> None:
    """The folder of a picture stays inside the one that was chosen."""
    parts = naming.safe_folder(path).split("/")
    assert all(part == naming.safe(part) for part in parts)
    assert naming.safe_folder("holiday/beach") == "holiday/beach"


def test_all_different() -> None:
    """Names that would be the same get numbers, also where only the case differs; whatever the names are."""
    chance = random.Random(7)  # noqa: S311 - names, not secrets
    names = [
        f"{chance.choice('aAbB')}{chance.choice(['', ' (2)'])}.{chance.choice(['png', 'gif'])}"
        for _ in range(300)
    ]
    found = paths(listed(*(Picked(name, 1, chance.choice(["", "x", "X"])) for name in names)))
    assert len({path.casefold() for path in found}) == len(found)
    assert paths(listed(Picked("a.png", 1), Picked("A.gif", 1))) == ["a_4x.png", "A_4x (2).png"]


def test_folders_are_kept() -> None:
    """What lay in different folders may be called the same."""
    state = listed(Picked("a.png", 1, "x"), Picked("a.png", 1, "x/y"), Picked("a.png", 1))
    assert paths(state) == ["x/a_4x.png", "x/y/a_4x.png", "a_4x.png"]


def test_numbers() -> None:
    """A picture's number is its place in the list, written so that names sort alike."""
    found = paths(listed(*(Picked(f"{at}.png", 1) for at in range(12))), "{number}")
    assert found[0] == "01.png"
    assert found == sorted(found)


@each("size_label", ["1.5w", "0w", "-3w", "2x"])
def test_what_is_expected_while_a_person_types(size_label: str) -> None:
    """The example follows any number in the field, also one that no result can have."""
    assert naming.expected(State(), size_label, "swift", "2026-11-25").size == size_label
