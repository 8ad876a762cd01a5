"""How much context a tile needs: what a halo leaves of the difference from a tile with all of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from scripts.benching import models
from scripts.benching.report import Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scripts.benching.pictures import Album

    Floats = NDArray[np.float32]

HALOS_PX = (8, 12, 16, 20, 24, 28, 32)
ALL_PX, TILE_PX = 40, 48
"""More context than the networks can see, and the part of a tile that is kept."""
CROPS_PER_PHOTO = 2


def measure(album: Album, weights: Path, rounds: int) -> Report:
    """Return the largest differences, in levels of 255, over `rounds` photos."""
    columns = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "gathered"
        models.gather(folder, weights)
        for model in (models.GENERAL, models.ANIME):
            session = onnxruntime.InferenceSession(folder / f"plain/{model}.onnx")
            columns[model] = _worst(session, _crops(album, rounds))
    report = Report("halo")
    report.say(
        f"Largest difference, in levels of 255, of a tile's inner {TILE_PX}x{TILE_PX} px from the same tile with "
        f"{ALL_PX} px of context; {rounds * CROPS_PER_PHOTO} places in {rounds} photos."
    )
    rows = [(f"{halo} px", *(f"{column[halo]:.2f}" for column in columns.values())) for halo in HALOS_PX]
    report.table(("halo", *columns), rows)
    return report


def _crops(album: Album, photos: int) -> list[Floats]:
    """Return places in photos, (1, 3, side, side) in [0, 1], with all their context."""
    random, side = np.random.default_rng(0), TILE_PX + 2 * ALL_PX
    crops = []
    for index in range(photos):
        photo = np.asarray(album.photo(index, 512, 512), np.float32).transpose(2, 0, 1)[None] / np.float32(
            255
        )
        for _ in range(CROPS_PER_PHOTO):
            top, left = random.integers(0, 512 - side, 2)
            crops.append(photo[:, :, top : top + side, left : left + side])
    return crops


def _worst(session: onnxruntime.InferenceSession, crops: list[Floats]) -> dict[int, float]:
    worst = dict.fromkeys(HALOS_PX, 0.0)
    for crop in crops:
        whole = _inner(session, crop, ALL_PX)
        for halo in HALOS_PX:
            cut = ALL_PX - halo
            found = _inner(session, crop[:, :, cut:-cut, cut:-cut], halo)
            worst[halo] = max(worst[halo], float(np.abs(found - whole).max()))
    return worst


def _inner(session: onnxruntime.InferenceSession, tile: Floats, halo: int) -> Floats:
    """Return the result without the halo, in levels."""
    (result,) = session.run(None, {"input": np.ascontiguousarray(tile)})
    edge = halo * 4
    return np.asarray(np.clip(result[:, :, edge:-edge, edge:-edge] * 255, 0, 255), np.float32)
