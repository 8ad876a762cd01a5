"""The icon of a page that works, as a picture without a file."""

from __future__ import annotations

import re
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from fourxl_web.page.telling import ring

SVG = "{http://www.w3.org/2000/svg}"


def read(address: str) -> ET.Element:
    """Return the picture behind an address, which has to be well formed."""
    head, content = address.split(",", 1)
    assert head == "data:image/svg+xml"
    assert not re.search(r'[#<>"\s]', content.replace(" ", "")), (
        "these end an address or are read differently"
    )
    return ET.fromstring(unquote(content))  # noqa: S314 - our own


@pytest.mark.parametrize(("share", "length"), [(-1, 0.0), (0, 0.0), (0.5, 37.7), (1, 75.4), (2, 75.4)])
def test_the_ring_is_closed_as_far_as_the_work_is_done(share: float, length: float) -> None:
    """Whatever it is told, it is a ring between empty and full."""
    _, arc = read(ring.working(share)).findall(f"{SVG}circle")
    shown, gap = map(float, arc.attrib["stroke-dasharray"].split())
    assert shown == pytest.approx(length, abs=0.1)
    assert gap > 75.4, "or the dash would come round again"


def test_done_is_another_picture() -> None:
    """A check mark, not a full ring."""
    assert read(ring.done()).find(f"{SVG}path") is not None
    assert ring.done() != ring.working(1)
