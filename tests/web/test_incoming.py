"""Files that come in together: pictures in order, networks, and what is neither."""

from __future__ import annotations

import random

import pytest

from fourxl_web.page.picking import incoming
from fourxl_web.page.picking.incoming import Incoming


def files(*paths: str) -> list[Incoming]:
    """Return files by their paths."""
    parts = (path.rpartition("/") for path in paths)
    return [Incoming(path, name, "", folder) for path, (folder, _, name) in zip(paths, parts, strict=True)]


def test_order_of_a_folder() -> None:
    """Pictures of a folder come by name, numbers by what they count, folders among them by their own name."""
    wanted = ["f/1.png", "f/2.png", "f/10.png", "f/a.png", "f/B/a.png", "f/c.png"]
    shuffled = random.Random(3).sample(wanted, len(wanted))  # noqa: S311 - an order, no secret
    assert [file.file for file in incoming.sort(files(*shuffled)).pictures] == wanted


def test_a_name_in_a_sentence() -> None:
    """A name turns round nothing that is written behind it, and stays as it is otherwise."""
    assert incoming.plain("\u202egnp.exe\u2066\u061c\n") == "gnp.exe"
    assert incoming.plain("الصورة 1, 写真-é<b>.png") == "الصورة 1, 写真-é<b>.png"


def test_order_of_a_choice() -> None:
    """Files that were chosen one by one stay in the order in which they come."""
    assert [file.name for file in incoming.sort(files("b.png", "a.png")).pictures] == ["b.png", "a.png"]


def test_what_is_no_picture() -> None:
    """It is counted and left out; what systems hide in folders is not even counted."""
    found = incoming.sort(files("f/a.png", "f/b.txt", "f/.DS_Store", "f/Thumbs.db", "f/._a.png", "f/c.pdf"))
    assert ([file.name for file in found.pictures], found.left_out) == (["a.png"], 2)


def test_networks() -> None:
    """A network among pictures is a network."""
    found = incoming.sort(files("a.png", "Mine.ONNX"))
    assert [file.name for file in found.networks] == ["Mine.ONNX"]
    assert (len(found.pictures), found.left_out) == (1, 0)


@pytest.mark.parametrize("name", ["", "photo", "letter.txt", "a.png"])
def test_one_file_is_meant(name: str) -> None:
    """A file that comes alone is taken whatever it is called: the engine looks into it."""
    assert len(incoming.sort(files(name)).pictures) == 1


def test_by_type() -> None:
    """What the browser takes for a picture is one without an extension too."""
    found = incoming.sort([Incoming(None, "scan", "image/png"), Incoming(None, "letter", "text/plain")])
    assert ([file.name for file in found.pictures], found.left_out) == (["scan"], 1)


@pytest.mark.parametrize("name", ["a.heic", "a.TIFF", "a.avif", "a.svg"])
def test_pictures_of_other_kinds(name: str) -> None:
    """A picture that 4XL cannot read is not passed over in silence: its row will say why."""
    assert len(incoming.sort(files(name, "b.png")).pictures) == 2
