"""The tree of errors: as drawn, each code once, and whole after a journey."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from fourxl import errors
from fourxl.errors import FourxlError


def _classes(
    cls: type[FourxlError] = FourxlError, parent: str = ""
) -> dict[str, tuple[type[FourxlError], str]]:
    found = {cls.__name__: (cls, parent)}
    for child in cls.__subclasses__():
        found |= _classes(child, cls.__name__)
    return found


def _drawn() -> dict[str, str]:
    """Return each name in the docstring's tree with its parent's."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        drawing, _, rest = line.rpartition("── ")
        if drawing or line == "FourxlError":
            depth = (len(drawing) + 3) // 4 if drawing else 0
            path[depth:] = [(rest or line).split()[0]]
            parents[path[-1]] = path[-2] if depth else ""
    return parents


ALL = [cls for cls, _ in _classes().values()]


def test_the_docstring_draws_the_tree_as_it_is():
    """Every class stands in the drawing under its parent, and the drawing has no other."""
    assert _drawn() == {name: parent for name, (_, parent) in _classes().items()}


def test_codes_are_unique():
    """A code names one class."""
    assert len({cls.code for cls in ALL}) == len(ALL)


def _raised() -> list[tuple[str, ast.Call]]:
    """Return every call in the engine that makes an error of the tree, with the name of the class."""
    names = set(_classes()) | {"_wrong"}
    folder = Path(errors.__file__).parent
    modules = [path for path in folder.glob("*.py") if path.stem not in ("errors", "testing")]
    calls = [
        node
        for path in modules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]
    return [(node.func.id, node) for node in calls if isinstance(node.func, ast.Name)]


def test_every_sentence_of_the_engine_says_what_it_is_about():
    """No error of the engine is left without its stable name, and none of them is used twice."""
    raised = _raised()
    assert len(raised) > 30
    told: Counter[tuple[str, str]] = Counter()
    for name, call in raised:
        about = [keyword.value for keyword in call.keywords if keyword.arg == "about"]
        assert about or name == "_wrong", ast.unparse(call)
        told.update((name, node.value) for node in about if isinstance(node, ast.Constant))
    assert max(told.values()) == 1
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", about) for _, about in told)


@pytest.mark.parametrize("cls", ALL)
def test_an_error_survives_the_wire(cls):
    """What ``from_wire`` makes of an error's JSON has the same class, sentence and fields."""
    error = cls("Do this.", about="this", name="x", count=3, share=0.5, flag=True, nothing=None)
    back = errors.from_wire(json.loads(json.dumps(error.to_wire())))
    assert type(back) is cls
    assert (back.message, str(back), back.about) == ("Do this.", "Do this.", "this")
    assert back.fields == error.fields


def test_an_unknown_code_is_a_plain_error():
    """A code from another version keeps its sentence and fields, and does not fail."""
    back = errors.from_wire({"code": "of-tomorrow", "message": "Do that.", "side": 7})
    assert type(back) is FourxlError
    assert (back.message, back.about, back.fields) == ("Do that.", "", {"side": 7})
