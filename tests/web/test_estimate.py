"""How long pictures will take: what is told before the start, and how it is learned."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fourxl import events, manifest, tiling
from fourxl.geometry import Size
from fourxl.settings import JobSettings
from fourxl_web.page.remote.place import Place, Server
from fourxl_web.page.state import Item, Picked, State
from fourxl_web.page.timing import estimate, rounding, speeds
from fourxl_web.page.timing.speeds import Speeds
from fourxl_web.shelf import Shelf
from fourxl_web.speed import TILE_PX, Measured

MODELS = manifest.parse((Path(__file__).parents[2] / "models/manifest.json").read_bytes()).models
SWIFT = next(spec for spec in MODELS if spec.id == "swift")
FAST = next(spec for spec in MODELS if spec.id == "realesr-general-x4v3")
GENERAL = next(spec for spec in MODELS if spec.id == "RealESRGAN_x4plus")
FAITHFUL = next(spec for spec in MODELS if spec.id == "RealESRNet_x4plus")
OWN = replace(SWIFT, id="own-1", architecture=manifest.OWN)
MEASURED = Measured("swift", "wasm", "CPU", 7e-6)
KNOWN = speeds.measured(Speeds("here"), MEASURED)
WANTED = JobSettings()
SERVER = Server("https://host.example/", "host.example")
SIDES = (1000, 800)
each = pytest.mark.parametrize


def state(*sides_px: tuple[int, int] | None, place: Place | None = None) -> State:
    """Return a page with pictures of such sides, and swift on its shelf."""
    items = tuple(Item(str(i), Picked(f"{i}.png", 1000, sides_px=sides)) for i, sides in enumerate(sides_px))
    selected = items[0].id if items else None
    return State(
        "ready", None, place or Place(), (SWIFT, FAST), items, selected, shelf=Shelf(frozenset({"a"}))
    )


def done(seconds: float, runtime_seconds: float, computed_px: int) -> events.Done:
    """Return the end of a job."""
    return events.Done(4, 4, 6, seconds, runtime_seconds, 1, (), "4x", computed_px=computed_px)


@each("size", [Size(1, 1), Size(64, 64), Size(500, 300), Size(1000, 800), Size(4000, 30)])
@each("spec", [SWIFT, FAST, GENERAL])
@each("tile_px", [None, 64, 512])
def test_a_picture_takes_its_tiles_and_its_pixels(
    size: Size, spec: manifest.ModelSpec, tile_px: int | None
) -> None:
    """The estimate is what the tiles take, halos and all, and what is around them, and no more."""
    pace, around = 1e-5, 3e-7
    known = Speeds("", "wasm", {f"wasm {spec.id}": pace}, {"png": around})
    wanted = JobSettings(model_id=spec.id, tile_px=tile_px)
    plan = tiling.plan(size, min(tile_px or TILE_PX, spec.max_tile_px), spec.halo_px, spec.min_tile_px)
    found = estimate.device_seconds(size, wanted, spec, MODELS, known)
    assert found == pytest.approx(plan.tiles * plan.tile.pixels * pace + size.pixels * spec.scale**2 * around)


def test_what_is_around_is_as_slow_as_the_device() -> None:
    """What no job has shown yet is reckoned from another format, or from how long swift takes."""
    size, wanted = Size(1000, 1000), JobSettings(format="webp")

    def around(known: Speeds) -> float:
        whole = estimate.device_seconds(size, wanted, SWIFT, MODELS, known)
        without = estimate.device_seconds(size, wanted, SWIFT, MODELS, replace(known, around={"webp": 0.0}))
        assert whole is not None
        assert without is not None
        return whole - without

    slow = replace(KNOWN, tiles={"wasm swift": 10 * KNOWN.tiles["wasm swift"]})
    assert around(slow) == pytest.approx(10 * around(KNOWN))
    shown = replace(KNOWN, around={"png": 5 * estimate.AROUND_S["png"]})
    assert around(shown) == pytest.approx(5 * estimate.AROUND_S["webp"] * 16e6)


@each("format_name", ["png", "jpeg", "webp"])
def test_more_pixels_take_longer(format_name: str) -> None:
    """Before anything else is known of a format there is a guess, and it grows with the picture."""
    wanted = JobSettings(format=format_name)  # type: ignore[arg-type]
    found = [
        estimate.device_seconds(Size(side, side), wanted, SWIFT, MODELS, KNOWN)
        for side in (100, 300, 1000, 3000)
    ]
    assert None not in found
    assert found == sorted(found)  # type: ignore[type-var]


def test_models_that_never_ran_are_reckoned_from_swift() -> None:
    """By what they compute: Fast takes between four and ten times as long, General more than ten times Fast."""
    paces = {spec.id: KNOWN.pace("wasm", spec, MODELS) or 0 for spec in (SWIFT, FAST, GENERAL)}
    assert paces["swift"] == MEASURED.seconds_a_pixel
    assert 4 < paces[FAST.id] / paces["swift"] < 10
    assert paces[GENERAL.id] > 10 * paces[FAST.id]


def test_models_of_one_network_take_the_same() -> None:
    """What another training of the same network took counts before anything else."""
    known = replace(KNOWN, tiles={**KNOWN.tiles, f"wasm {GENERAL.id}": 0.5, f"wasm {FAST.id}": 0.1})
    assert known.pace("wasm", FAITHFUL, MODELS) == 0.5


@each(
    ("known", "spec", "device"),
    [(Speeds("here"), SWIFT, "auto"), (KNOWN, OWN, "auto"), (KNOWN, SWIFT, "gpu")],
)
def test_what_is_unknown_is_not_told(known: Speeds, spec: manifest.ModelSpec, device: str) -> None:
    """Nothing measured yet, a network of the person's own that never ran, a device that never computed."""
    wanted = JobSettings(model_id=spec.id, device=device)  # type: ignore[arg-type]
    assert estimate.device_seconds(Size(9, 9), wanted, spec, MODELS, known) is None
    assert estimate.before(state(SIDES), wanted, spec, known) == ""


def test_an_own_model_is_known_once_it_ran() -> None:
    """A job shows what it takes."""
    found = speeds.learned(KNOWN, done(4, 3, 300_000), "wasm", OWN.id, "png", 100_000, 0.5)
    assert found.pace("wasm", OWN, MODELS) == pytest.approx(1e-5)
    assert found.around["png"] == pytest.approx(5e-6)


@each("truth", [1e-6, 2e-5, 1e-4])
def test_jobs_teach(truth: float) -> None:
    """After two jobs of a large picture the pace is right within a tenth, whatever the measurement was."""
    found = KNOWN
    for _ in range(2):
        found = speeds.learned(found, done(9, 1e6 * truth, 1_000_000), "wasm", "swift", "png", 16_000_000, 0)
    assert found.tiles["wasm swift"] == pytest.approx(truth, rel=0.1)


def test_a_tiny_job_teaches_little() -> None:
    """An icon's pace is mostly what a call costs by itself."""
    found = speeds.learned(KNOWN, done(1, 0.1, 1000), "wasm", "swift", "png", 16_000, 0)
    assert found.tiles["wasm swift"] == pytest.approx(KNOWN.tiles["wasm swift"], rel=0.4)


def test_what_computed_nothing_teaches_nothing() -> None:
    """A resumed job may have had nothing left to compute; an old server does not tell."""
    assert speeds.learned(KNOWN, done(1, 0.0, 0), "wasm", "swift", "png", 100, 0) == KNOWN


def test_jobs_are_worth_more_than_a_measurement() -> None:
    """A new visit's measurement of one tile does not replace what whole jobs took."""
    taught = speeds.learned(KNOWN, done(9, 9, 1_000_000), "wasm", "swift", "png", 16_000_000, 0)
    assert speeds.measured(taught, MEASURED) == taught


def test_what_was_learned_is_remembered_for_one_origin() -> None:
    """Another build, or another browser, begins anew; nonsense is nothing."""
    taught = speeds.sent(KNOWN, "host.example", 1000, 2)
    assert speeds.recall(taught.to_text(), "here") == taught
    assert speeds.recall(taught.to_text(), "there") == Speeds("there")


@each("text", [None, "", "null", "[]", "{}", "7", '{"origin": "here"}', '{"origin": "here", "tiles": 7}'])
def test_nonsense_is_not_remembered(text: str | None) -> None:
    """What a storage holds may be anything."""
    assert speeds.recall(text, "here") == Speeds("here")


def test_only_numbers_are_taken_up() -> None:
    """A pace that is no number, or endless, is left out."""
    kept = {"origin": "here", "runtime": "wasm", "tiles": {"wasm a": "x", "wasm b": -1, "wasm c": 2.0}}
    text = json.dumps({**kept, "around": {}, "sending": {"h": float("inf")}})
    assert speeds.recall(text, "here") == Speeds("here", "wasm", {"wasm c": 2.0})


@each(
    "seconds",
    [5, 5.4, 8, 9.6, 12, 22, 37, 59, 63, 88, 97, 104, 130, 151, 177, 290, 700, 1900, 3500, 4000, 9e3, 4e4],
)
def test_rounding_stays_near(seconds: float) -> None:
    """What is said differs from what is meant by less than a sixth."""
    _, amount, unit = rounding.about(seconds).split()
    said = float(amount) * {"s": 1, "min": 60, "h": 3600}[unit]
    assert said == pytest.approx(seconds, rel=1 / 6)


@each(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (4.9, "a few seconds"),
        (7.2, "about 7 s"),
        (38, "about 40 s"),
        (58, "about 60 s"),
        (95, "about 1.5 min"),
        (170, "about 3 min"),
        (1500, "about 25 min"),
        (7000, "about 2 h"),
    ],
)
def test_rounding_is_as_people_say(seconds: float, words: str) -> None:
    """Seconds up to a minute, then minutes, then hours."""
    assert rounding.about(seconds) == words


def test_before_the_start() -> None:
    """One picture has a time; several have their sum; without sides nothing is said."""
    one, two = (estimate.before(state(*sides), WANTED, SWIFT, KNOWN) for sides in ([SIDES], [SIDES, SIDES]))
    assert one == "about 9 s on this device"
    assert two == "2 pictures: about 20 s on this device"
    assert estimate.before(state(None), WANTED, SWIFT, KNOWN) == ""
    assert estimate.before(state(), WANTED, SWIFT, KNOWN) == ""


def test_pictures_of_unknown_sides_count_by_their_bytes() -> None:
    """In a batch they are taken to be like the others."""
    assert (
        estimate.before(state(SIDES, None), WANTED, SWIFT, KNOWN) == "2 pictures: about 20 s on this device"
    )


def test_a_download_is_told_apart() -> None:
    """How quick the network is, nobody knows: the bytes are told, not their time."""
    file = manifest.ModelFile("w", 34 * 1024**2, "1" * 64)
    missing = replace(SWIFT, graphs={"wasm": file}, answer=None)
    words = estimate.before(state(SIDES), WANTED, missing, KNOWN)
    assert words == "about 9 s on this device, plus 34.0 MB to download"


@each("may_send", [False, True])
@each("mode", ["device", "auto", "server"])
def test_the_server_is_told_beside_the_device(mode: str, may_send: bool) -> None:
    """Where it told how quick it is; without an upload in memory, what is told is computing."""
    place = Place(SERVER, mode, may_send, seconds_a_pixel={"swift": 1e-5})  # type: ignore[arg-type]
    words = estimate.before(state(SIDES, place=place), WANTED, SWIFT, KNOWN)
    here, there = "about 9 s on this device", "about 9 s of computing on host.example"
    assert words == {"device": here, "auto": f"{here}, {there}", "server": there}[mode]


def test_what_is_known_of_the_way_to_the_server_counts() -> None:
    """An earlier job showed what its bytes take; other jobs there are told."""
    place = Place(SERVER, "server", seconds_a_pixel={"swift": 1e-5}, ahead=2)
    known = speeds.sent(KNOWN, "host.example", 1000, 30)
    words = estimate.before(state(SIDES, place=place), WANTED, SWIFT, known)
    assert words == "about 40 s, after 2 other jobs, on host.example"


def test_a_server_that_does_not_tell_has_no_time() -> None:
    """An old one, or one that has not loaded the model."""
    place = Place(SERVER, "server", seconds_a_pixel={"other": 1e-5})
    assert estimate.before(state(SIDES, place=place), WANTED, SWIFT, KNOWN) == ""


def test_cards_tell_the_selected_picture_s_time() -> None:
    """For each model that this device can run."""
    assert estimate.of_model(state(SIDES), WANTED, SWIFT, KNOWN) == "about 9 s"
    assert estimate.of_model(state(SIDES), WANTED, replace(FAST, graphs={}), KNOWN) == ""
    assert estimate.of_model(state(), WANTED, SWIFT, KNOWN) == ""
    assert estimate.of_model(state(SIDES, place=Place(SERVER, "server")), WANTED, SWIFT, KNOWN) == ""


@each("slower", [0.5, 1.0, 3.0])
def test_a_batch_is_corrected_by_what_ended(slower: float) -> None:
    """Jobs that take three times what was expected make the rest three times as long."""
    ended = [(10.0, 10.0 * slower), (4.0, 4.0 * slower)]
    assert estimate.batch_left(None, 5, [6, 7], ended) == pytest.approx(18 * slower)
    assert estimate.batch_left(2.5, 5, [6, 7], ended) == pytest.approx(2.5 + 13 * slower)


def test_a_batch_that_begins_takes_what_was_expected() -> None:
    """Nothing has ended that could correct it."""
    assert estimate.batch_left(None, 5, [6, 7]) == 18
