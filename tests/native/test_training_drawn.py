"""Pictures drawn for training, and the letters in them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageFont, features

from scripts.building import versions
from scripts.building.packages import MissingPackagesError
from scripts.training.drawing import fonts, lettering, patterns, picking, surfaces
from scripts.training.drawing.fonts import FILES, Typeface
from scripts.training.drawing.lettering import Hand
from scripts.training.drawn import KINDS, SIDE_PX, draw_pictures

pytestmark = pytest.mark.skipif(
    not features.check("raqm"), reason="FriBiDi is missing: apt-get install libfribidi0"
)
if TYPE_CHECKING:
    from numpy.typing import NDArray

UNASSIGNED = "\U0010ffff"
FACES = [(script, file) for script, files in FILES.items() for file in files]


def seeded(seed: int) -> Random:
    """Chance that repeats."""
    return Random(seed)  # noqa: S311


def regular(file: str, size_px: int = 40) -> ImageFont.FreeTypeFont:
    """The font of a file, as it is without a choice."""
    return Typeface(file, ()).at(size_px)


def pixels(font: ImageFont.FreeTypeFont, text: str) -> tuple[tuple[int, int], bytes]:
    """What a text looks like."""
    mask = font.getmask(text)
    return mask.size, bytes(mask)


def written(hand: Hand, text: str, edge: int) -> NDArray[np.bool_]:
    """Where ink is on a page 400 px wide with one line."""
    page = Image.new("L", (400, 120), 255).convert("RGB")
    hand.write(page, text, edge, 10)
    return np.asarray(page)[..., 0] < 128


def hand(script: str) -> Hand:
    """Black letters of the script's first font, 60 px."""
    return Hand(script, Typeface(FILES[script][0], ()), 60, (0, 0, 0))


def test_pictures_repeat_and_differ() -> None:
    """The same seed draws the same pictures, another seed others; all have the same size."""
    first, again = draw_pictures(len(KINDS), 5), draw_pictures(len(KINDS), 5)
    assert draw_pictures(1, 6)[0].tobytes() != first[0].tobytes()
    for one, same in zip(first, again, strict=True):
        assert one.size == (SIDE_PX, SIDE_PX)
        assert one.mode == "RGB"
        assert one.tobytes() == same.tobytes()


@pytest.mark.parametrize("draw", KINDS)
def test_each_kind_covers_an_empty_picture(draw) -> None:
    """Whatever the seed, a kind draws something with detail everywhere but in a corner or two."""
    for seed in range(3):
        picture = Image.new("RGB", (640, 640))
        draw(picture, seeded(seed))
        fields = np.asarray(picture, dtype=float).reshape(4, 160, 4, 160, 3).std(axis=(1, 3)).max(axis=-1)
        assert (fields > 1).mean() > 0.6
        assert np.asarray(picture).std() > 10


def test_kinds_differ() -> None:
    """From the same seed no two kinds draw the same."""
    drawn = set()
    for draw in KINDS:
        picture = Image.new("RGB", (320, 320))
        draw(picture, seeded(1))
        drawn.add(picture.tobytes())
    assert len(drawn) == len(KINDS)


@pytest.mark.parametrize("pattern", patterns.PATTERNS)
def test_patterns_hold_two_tones(pattern) -> None:
    """Each pattern reaches from near one colour to near the other, at every period."""
    down, across = np.mgrid[-150:150, -200:200].astype(np.float32)
    for period_px in (10.0, 40.0, 120.0):
        share = pattern(across, down, period_px, np.random.default_rng(3))
        assert share.shape == (300, 400)
        assert np.clip(share, 0, 1).std() > 0.05


def test_a_ground_leaves_ink_legible() -> None:
    """Nowhere is uneven paper further from its colour than ink may come near."""
    for seed in range(30):
        page = np.asarray(surfaces.ground((200, 100), (250, 250, 250), seeded(seed)))
        assert page.min() > 250 * 0.6


def test_parts_cover_the_whole_once() -> None:
    """Boxes of a cut picture lie side by side."""
    covered = np.zeros((300, 500), dtype=int)
    for left, top, right, bottom in picking.parts((0, 0, 500, 300), 9, seeded(2)):
        covered[top:bottom, left:right] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize(("script", "file"), FACES)
def test_every_letter_is_in_its_font(script: str, file: str) -> None:
    """No font shows its sign for a missing letter, neither for one alone nor for a sign on another."""
    font = regular(file, 24)
    missing = pixels(font, UNASSIGNED)
    listed = fonts.words(script)
    letters = sorted({letter for word in listed for letter in word + word.upper()} - {"\u200c"})
    assert not [letter for letter in letters if pixels(font, letter) == missing]
    if script == "devanagari":  # its vowel signs are drawn with what they stand on
        after = pixels(font, "क" + UNASSIGNED)
        assert not [letter for letter in letters if pixels(font, "क" + letter) == after]


def test_scripts_have_many_letters() -> None:
    """Each script has its accents, marks or characters."""
    counts = {script: len(set("".join(fonts.words(script)))) for script in FILES}
    assert min(counts[script] for script in ("latin", "greek", "cyrillic", "arabic", "devanagari")) >= 40
    assert min(counts[script] for script in fonts.IDEOGRAPHIC) >= 2000
    assert set("éüñçåøþß€") <= set("".join(fonts.words("latin")))


def test_arabic_runs_from_right_to_left() -> None:
    """A line ends, to the left, where its words do, and its first letter is its rightmost."""
    ink = written(hand("arabic"), "ابببب", 400)
    columns = np.flatnonzero(ink.any(axis=0))
    heights = ink.sum(axis=0)
    assert columns[-1] > 380
    assert heights.argmax() > columns.mean()
    assert np.flatnonzero(written(hand("latin"), "Ibbbb", 0).any(axis=0))[0] < 20


def test_arabic_letters_join() -> None:
    """Letters of a word take the forms that joining gives them."""
    joined, apart = written(hand("arabic"), "ببب", 400), written(hand("arabic"), "ب ب ب", 400)
    strokes = [int(np.diff(np.r_[0, ink.any(axis=0).astype(int)]).clip(0).sum()) for ink in (joined, apart)]
    assert strokes == [1, 3]


def test_devanagari_vowels_move_before_their_consonant() -> None:
    """The short i is written left of the letter that it is spoken after."""
    font = regular(FILES["devanagari"][0])
    assert font.getlength("कि") < font.getlength("क") + font.getlength("ि")
    bare, vowel = written(hand("devanagari"), "क", 0), written(hand("devanagari"), "कि", 0)
    added = np.flatnonzero(vowel.any(axis=0)).size - np.flatnonzero(bare.any(axis=0)).size
    moved = vowel[40:, added:]
    assert (moved[:, :200] & bare[40:, : moved.shape[1]][:, :200]).sum() > 0.5 * bare[40:].sum()


def test_lines_fit_their_width() -> None:
    """Lines are filled with whole words, as many as there is room for."""
    chance = seeded(4)
    for _ in range(60):
        chosen = lettering.pick_hand((0, 0, 0), chance)
        line = chosen.line(600, chance)
        assert 0 < chosen.font.getlength(line) <= max(600, chosen.font.getlength(line.split()[0]))


def test_all_scripts_and_sizes_come_up() -> None:
    """Hands are of all scripts, fonts and sizes, of several weights and widths."""
    chance = seeded(7)
    hands = [lettering.pick_hand((0, 0, 0), chance) for _ in range(1500)]
    assert {chosen.typeface.file for chosen in hands} == {file for _, file in FACES}
    sizes = [chosen.size_px / picking.OVERSAMPLING for chosen in hands]
    assert min(sizes) < 9.6
    assert max(sizes) > 40
    open_sans = {chosen.typeface.axes for chosen in hands if chosen.typeface.file == FILES["latin"][0]}
    assert len({weight for weight, _ in open_sans}) > 10 < len({width for _, width in open_sans})


def test_axes_change_what_is_written() -> None:
    """Bold is wider than light, and condensed narrower than wide."""
    lengths = [
        Typeface(FILES["latin"][0], axes).at(40).getlength("Hamburg")
        for axes in ((300, 100), (800, 100), (800, 75))
    ]
    assert lengths[2] < lengths[0] < lengths[1]


def test_fonts_are_pinned_and_not_on_the_site() -> None:
    """Each file's package is in the lock, and its licence is the OFL; the site vendors two of them, as before."""
    pinned = json.loads((fonts.ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    packages = {f"@fontsource{file.split('/files/')[0]}" for _, file in FACES}
    assert {pinned[f"node_modules/{name}"]["license"] for name in packages} == {"OFL-1.1"}
    vendored = {name for name in versions.PACKAGES.values() if name.startswith("@fontsource")}
    assert vendored == {"@fontsource-variable/sora", "@fontsource-variable/manrope"}


def test_missing_or_outdated_fonts_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The packages are installed where a package is absent or of another version, and not where all are right."""
    asked: list[Path] = []
    monkeypatch.setattr(fonts, "ROOT", tmp_path)
    monkeypatch.setattr(
        fonts, "install_packages", lambda lock, _: asked.append(lock) or lock.with_name("node_modules")
    )
    names = sorted({f"@fontsource{file.split('/files/')[0]}" for _, file in FACES})
    lock = {"packages": {f"node_modules/{name}": {"version": "2"} for name in names}}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    for name in names:
        (tmp_path / "node_modules" / name).mkdir(parents=True)
        (tmp_path / "node_modules" / name / "package.json").write_text('{"version": "2"}')
    find = fonts.node_modules.__wrapped__
    assert find() == tmp_path / "node_modules"
    assert not asked
    (tmp_path / "node_modules" / names[3] / "package.json").write_text('{"version": "1"}')
    assert find() == tmp_path / "node_modules"
    shutil.rmtree(tmp_path / "node_modules" / names[3])
    find()
    assert asked == [tmp_path / "package-lock.json"] * 2


def test_without_npm_or_bidi_a_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person learns what to install."""
    shutil.copy(fonts.ROOT / "package-lock.json", tmp_path)
    monkeypatch.setattr(fonts, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPackagesError, match=r"needs Node\.js 20 .* npm was not found"):
        fonts.node_modules.__wrapped__()
    monkeypatch.setattr(features, "check", lambda _: False)
    with pytest.raises(fonts.MissingBidiError, match="apt-get install libfribidi0"):
        fonts.node_modules.__wrapped__()
