"""One line of the table in models/PARITY.md: measured, written, read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .cases import as_we_read
from .comparing import SAME_DB, as_rgba, psnr, seen

if TYPE_CHECKING:
    from pathlib import Path

    from .cases import Case
    from .comparing import Doubles
    from .ours import Ours
    from .reference import Reference, Samples, State

HEADER = ("input", "colour", "alpha", "as seen", "same question", "on purpose")
NOTHING = "-"
STEADY_DB = 0.3
"""What processors may differ by: each rounds its sums in its own order."""


@dataclass(frozen=True)
class Row:
    """PSNR in dB of 4XL's result against upstream's; None where there is nothing to compare."""

    name: str
    colour: float | None
    """Of all pixels, those included that nobody sees."""
    alpha: float | None
    seen: float | None
    """Of both results over grey."""
    alike: float | None
    """The worse of colour and alpha when upstream is given the pixels that 4XL gives its network."""
    why: str

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the table."""
        figures = (self.colour, self.alpha, self.seen, self.alike)
        return (self.name, *map(written, figures), self.why)

    def agrees(self, cells: tuple[str, ...]) -> bool:
        """Return whether the cells of a table say the same, up to a rounding of sums."""
        return len(cells) == len(self.cells) and all(map(agree, self.cells, cells))


def measure(case: Case, inputs: Path, ours: Ours, reference: Reference, state: State) -> Row:
    """Return the line of one input: its file through both programs, and its pixels through upstream's."""
    data = case.make(inputs)
    pixels = reference.read(data)
    enlarged = reference.enhance(ours.spec.architecture, [state], pixels, pre_pad=case.pre_pad)
    theirs, result = as_rgba(enlarged), as_rgba(reference.read(ours.enlarge(data)))
    comparable = theirs.shape == result.shape
    has_alpha = pixels.ndim == 3 and pixels.shape[2] == 4
    alike = None
    if case.can_be_asked:
        answers = [
            enlarged
            if np.array_equal(part, pixels) and case.pre_pad == 0
            else reference.enhance(ours.spec.architecture, [state], part)
            for part in as_we_read(data, ours.spec.min_tile_px)
        ]
        alike = _worse(answers, result)
    return Row(
        case.name,
        psnr(theirs[..., :3], result[..., :3]) if comparable else None,
        psnr(theirs[..., 3], result[..., 3]) if comparable and has_alpha else None,
        psnr(seen(theirs), seen(result)) if comparable else None,
        alike,
        case.why,
    )


def written(figure: float | None) -> str:
    """Return what stands in a table for a PSNR."""
    if figure is None:
        return NOTHING
    return f"≥ {SAME_DB:.0f} dB" if figure >= SAME_DB else f"{figure:.1f} dB"


def agree(one: str, other: str) -> bool:
    """Return whether two cells say the same; figures may differ by what processors do."""
    if one == other:
        return True
    figures = [cell.removesuffix(" dB") for cell in (one, other) if cell.endswith(" dB") and "≥" not in cell]
    return len(figures) == 2 and abs(float(figures[0]) - float(figures[1])) <= STEADY_DB


def _worse(answers: list[Samples], result: Doubles) -> float:
    """Return the least PSNR of upstream's colours, and alpha if there is one, against the result's."""
    height, width = result.shape[:2]
    colours, *opacity = (as_rgba(answer)[:height, :width, :3] for answer in answers)
    figures = [psnr(colours, result[..., :3]), *(psnr(grey[..., 0], result[..., 3]) for grey in opacity)]
    return min(figures)
