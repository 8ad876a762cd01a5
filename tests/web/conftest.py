"""The language of the tests: English, without a browser's ways to count and to write numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fourxl_web import language

ENGLISH = Path(__file__).parents[2] / "site/languages/en.json"


@pytest.fixture(autouse=True)
def speak_english() -> None:
    """Say everything in English."""
    language.use(language.Language("en", json.loads(ENGLISH.read_text())))
