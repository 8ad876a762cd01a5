"""The languages: each says everything, with the same values, and nothing is said without a sentence."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fourxl import errors
from fourxl_web import language
from fourxl_web.language import count, join, moment, number, pack, say, told
from tests.web.conftest import ENGLISH

ROOT = Path(__file__).parents[2]
CODES = ("en", "de", "es", "fr", "pt", "zh", "ja", "hi", "ar")
CATEGORIES = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "es": {"one", "many", "other"},
    "fr": {"one", "many", "other"},
    "pt": {"one", "many", "other"},
    "zh": {"other"},
    "ja": {"other"},
    "hi": {"one", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
"""CLDR's plural categories; a count without a sentence of its own is said by ``other``."""

MAY_LACK = {"many"}
"""In Spanish, French and Portuguese for a million and more of something, said as other counts are."""

SAME_IN_MANY = re.compile(
    r"(\{\w+\}|GPU|CPU|WebGPU|WebAssembly|PNG|JPEG|WebP|GIF|BMP|ZIP|x|px|1:1|[^A-Za-z])*"
)
"""Names and signs, which are no words of any language."""

SAME = {
    "de": {"badge.cloud", "compare.original", "compare.tools", "options.format", "server.mode-server"},
    "es": {"compare.original", "compare.tools"},
    "fr": {
        "badge.cloud",
        "compare.original",
        "compare.tools",
        "options.format",
        "options.format.png",
        "options.title",
    },
    "pt": {"badge.threads", "compare.original", "compare.tools"},
}
"""Words that a language shares with English, by their keys."""

each_language = pytest.mark.parametrize("code", CODES)
each_translation = pytest.mark.parametrize("code", CODES[1:])


@cache
def sentences(code: str) -> dict[str, str]:
    """Return a language's file; a key that is there twice is a fault."""

    def unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
        twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
        assert not twice
        return dict(pairs)

    text = (ROOT / f"site/languages/{code}.json").read_text()
    found: dict[str, str] = json.loads(text, object_pairs_hook=unique)
    return found


def places(sentence: str) -> set[str]:
    """Return the names of a sentence's values."""
    return set(re.findall(r"\{(\w+)\}", sentence))


@cache
def counted() -> frozenset[str]:
    """Return the keys that are said by number, without their category."""
    return frozenset(key.removesuffix(".other") for key in sentences("en") if key.endswith(".other"))


def plain(key: str) -> str:
    """Return ``key`` without its plural category."""
    stem, _, last = key.rpartition(".")
    return stem if stem in counted() and last in CATEGORIES["ar"] else key


_SAID_IN = {
    "label": "aria-label",
    "title": "title",
    "placeholder": "placeholder",
    "alt": "alt",
    "content": "content",
}
"""Attributes that are said, by the end of the attribute that holds the key."""

_WITHOUT_END = {"meta", "link", "input", "img", "br", "hr"}


class Written(HTMLParser):
    """What index.html says, by the keys it names: text and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, str | None, str]] = []
        self.feed((ROOT / "site/index.html").read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what attributes say, and begin a text."""
        given = {name: value or "" for name, value in attrs}
        for name, attribute in _SAID_IN.items():
            if key := given.get(f"data-say-{name}"):
                self.found.append((key, given.get(attribute, "")))
        if tag not in _WITHOUT_END:
            self._open.append((tag, given.get("data-say"), ""))

    def handle_data(self, data: str) -> None:
        """Go on with the innermost text."""
        if self._open:
            tag, key, text = self._open[-1]
            self._open[-1] = (tag, key, text + data)

    def handle_endtag(self, tag: str) -> None:
        """Keep the texts that end here."""
        while self._open:
            name, key, text = self._open.pop()
            if key:
                self.found.append((key, text))
            if name == tag:
                return


_PART = r"[\w.-]+"
"""What is put into a key."""


@cache
def said() -> tuple[set[str], list[re.Pattern[str]]]:
    """Return what the sources say: whole keys, and patterns of those that are put together."""
    keys: set[str] = {key for key, _ in Written().found}
    patterns = []
    for path in [*(ROOT / "pyapp/fourxl_web").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.fullmatch(r"[a-z]+(\.[\w-]+)*\.", node.value):
                    patterns.append(re.compile(re.escape(node.value) + _PART))
                else:
                    keys.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else _PART
                    for part in node.values
                ]
                if re.match(r"[a-z]+\\?\.", parts[0]):
                    patterns.append(re.compile("".join(parts)))
    for path in [*(ROOT / "site").rglob("*.mjs"), *(ROOT / "site").rglob("*.js")]:
        text = path.read_text()
        keys |= set(re.findall(r'"([\w.-]+)"', text))
        for template in re.findall(r"`([a-z]+\.[^`]*\$[^`]*)`", text):
            parts = re.split(r"\$\{[^}]*\}", template)
            patterns.append(re.compile(_PART.join(map(re.escape, parts))))
    return keys, patterns


def test_say() -> None:
    """Values are put into their places: numbers in the language's way, texts as they are, and what is missing stays."""
    language.use(
        language.Language(
            "xx",
            {"a": "{who} has {n} of {m}, {x}"},
            number_format=lambda value, digits: f"<{value:.{digits}f}>",
        )
    )
    assert say("a", who="{n}", n=3, m=2.5) == "{n} has <3> of <2.5>, {x}"


def test_a_key_without_a_sentence_is_said() -> None:
    """The page must not end for want of a word."""
    assert say("no.such.key", name="x") == "no.such.key"
    assert count("no.such.key", 2) == "no.such.key.other"


def test_count() -> None:
    """A count is said by its category, and by ``other`` where the language has no sentence for that."""
    few = language.Language(
        "xx", {"a.few": "{n} few {b}", "a.other": "{n} other {b}"}, lambda n: "few" if n < 5 else "many"
    )
    language.use(few)
    assert count("a", 3, b="x") == "3 few x"
    assert count("a", 7, b="y") == "7 other y"


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(3, None, "3"), (3.0, None, "3.0"), (2.54, None, "2.5"), (2.54, 2, "2.54")]
)
def test_number(value: float, digits: int | None, text: str) -> None:
    """Whole numbers are told whole, and others with one digit unless asked for more."""
    assert number(value, digits) == text


def test_moment() -> None:
    """A time is told as its language does."""
    language.use(language.Language(moment_format=lambda seconds: f"at {seconds}"))
    assert moment(7.0) == "at 7.0"


def test_join() -> None:
    """Sentences follow one another as the language has it, and empty ones leave no trace."""
    assert join("One.", "", "Two.", "Three.") == "One. Two. Three."
    assert join("", "One.") == "One."
    assert join() == ""
    language.use(language.Language("zh", {"sentence.then": "{first}{second}"}))
    assert join("一。", "二。") == "一。二。"


def test_packed() -> None:
    """What was packed in one language is told in another one, values and counts too; any other text stays as it is."""
    text = pack("outer", n=2, inner=pack("inner", name="{x}"))
    one = {"outer.other": "{n} of {inner}", "inner": "in {name}"}
    other = {"outer.other": "{inner}: {n}", "inner": "dans {name}"}
    language.use(language.Language("en", one))
    assert told(text) == "2 of in {x}"
    language.use(language.Language("fr", other))
    assert told(text) == "dans {x}: 2"
    for plain_text in ("", "GPU", '{"a": 1}', "Said {n}."):
        assert told(plain_text) == plain_text


@each_language
def test_every_sentence_is_there(code: str) -> None:
    """Every language has English's keys and no others; a count has a sentence for each category of the language."""
    wanted = {key for key in sentences("en") if plain(key) == key}
    wanted |= {f"{key}.{category}" for key in counted() for category in CATEGORIES[code] - MAY_LACK}
    found = {
        key
        for key in sentences(code)
        if not (plain(key) != key and key.rpartition(".")[2] in MAY_LACK & CATEGORIES[code])
    }
    assert found == wanted


@each_language
def test_the_same_values(code: str) -> None:
    """A sentence has English's values; only where the words say the number, it may be left out."""
    english = {plain(key): places(sentence) for key, sentence in sentences("en").items()}
    for key, sentence in sentences(code).items():
        is_said = key.rpartition(".")[2] in ("zero", "one", "two") and plain(key) != key
        assert places(sentence) | ({"n"} if is_said else set()) == english[plain(key)] | (
            {"n"} if is_said else set()
        ), key
        assert not re.search(r"\{\W|\{\}|\{[^}]*$", sentence), key


@each_language
def test_no_sentence_is_empty(code: str) -> None:
    """Nothing is said by saying nothing, and no sentence has stray white space."""
    for key, sentence in sentences(code).items():
        assert sentence.strip() == sentence, key
        assert sentence, key
        assert "  " not in sentence, key


@each_translation
def test_everything_is_translated(code: str) -> None:
    """No sentence is English's, but for names and the few words that two languages share."""
    english, shared = sentences("en"), SAME.get(code, set())
    left = {
        plain(key)
        for key, sentence in sentences(code).items()
        if english.get(key) == sentence
        and not SAME_IN_MANY.fullmatch(sentence)
        and not key.endswith(".label")
    }
    assert left - shared == set()


def test_every_key_is_said() -> None:
    """No sentence is kept that nothing says."""
    keys, patterns = said()
    silent = {
        key
        for key in map(plain, sentences("en"))
        if key not in keys and not any(pattern.fullmatch(key) for pattern in patterns)
    }
    assert silent == set()


def test_nothing_is_said_without_a_sentence() -> None:
    """Every key that the sources name is English's too."""
    english = {plain(key) for key in sentences("en")}
    areas = "|".join(sorted({key.partition(".")[0] for key in english}))
    named = re.compile(rf"({areas})\.[a-z][\w.-]*")
    others = re.compile(r".*\.(json|mjs|js|css|html|py|svg|png|tar|onnx)")
    keys, patterns = said()
    lost = {key for key in keys if named.fullmatch(key) and not others.fullmatch(key)} - english
    assert lost == set()
    assert all(
        any(pattern.fullmatch(key) for key in english)
        for pattern in patterns
        if named.match(pattern.pattern.replace("\\", ""))
    )


def test_errors_have_a_sentence() -> None:
    """Each class of errors has one for those that say nothing more particular in another language."""
    codes = {cls.code for cls in _tree(errors.FourxlError)}
    known = {key.split(".")[1] for key in sentences("en") if key.startswith("error.")}
    assert known == codes
    assert {f"error.{code}" for code in codes} <= sentences("en").keys()


def _tree(cls: type[errors.FourxlError]) -> set[type[errors.FourxlError]]:
    return {cls}.union(*map(_tree, cls.__subclasses__()))


def test_the_html_says_the_same() -> None:
    """The page is written in English, word for word as the file of English has it."""
    written = Written().found
    assert written
    assert [(key, text) for key, text in written if sentences("en").get(key) != text] == []


def test_the_languages_agree() -> None:
    """The chooser, the script that chooses and the files know the same languages."""
    script = (ROOT / "site/boot/language_choice.js").read_text()
    known = json.loads(re.search(r"known = (\[.*\])", script)[1])  # type: ignore[index]
    assert tuple(known) == CODES
    assert {path.stem for path in ENGLISH.parent.glob("*.json")} == set(CODES)
    chooser = re.search(
        r'<select id="language".*?</select>', (ROOT / "site/index.html").read_text(), re.DOTALL
    )
    assert chooser is not None
    assert tuple(re.findall(r'value="(\w+)"', chooser[0])) == CODES
