"""Numbers as number fields hold them while a person types."""

from __future__ import annotations

import pytest

from fourxl.errors import InvalidSettings
from fourxl.settings import from_wire
from fourxl_web.page import numerals

each = pytest.mark.parametrize


@each(("text", "number"), [("92", 92), ("1e3", 1000), ("5.0", 5), ("-7", -7), ("0", 0)])
def test_a_whole_number(text: str, number: int) -> None:
    """It is one however it is written."""
    assert numerals.whole(text) == number


@each("text", ["", " ", "1.5", "12e", "-", "1e999", "nan", "\u00b2"])
@each("name", ["quality", "width"])
def test_no_number_yet(text: str, name: str) -> None:
    """What is none is refused by the settings, in their words, and never breaks the page that reads its form."""
    with pytest.raises(InvalidSettings) as info:
        from_wire({name: numerals.whole(text)})
    assert info.value.fields["name"] == name
