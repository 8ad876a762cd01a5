"""Winograd's convolution in both directions or in one: the functions that differ, and a few numbers.

In one direction only rows are filtered with fewer products, and the three taps down are convolved as they
are: more products than in both, but less to transform, and kernels that stay smaller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.optimizing.functions import DOMAIN, KERNEL, from_phases, inside_from_phases, shifts, to_phases
from scripts.optimizing.toom_cook import TAPS, Matrix, transforms


@dataclass(frozen=True)
class Form:
    """How features and kernels are laid out for F(results, 3) in so many directions, and what makes them."""

    results: int
    """2, 4 or 6."""

    directions: int
    """1, across, or 2, across and down."""

    @property
    def across(self) -> int:
        """How many products a row of a tile takes."""
        return self.results + TAPS - 1

    @property
    def phases(self) -> int:
        """How many phases a picture has."""
        return int(self.results**self.directions)

    @property
    def products(self) -> int:
        """How many tensors the transformed input has, each of one factor of every tile."""
        return int(self.across**self.directions)

    @property
    def taps(self) -> int:
        """How many taps of a kernel are transformed together."""
        return int(TAPS**self.directions)

    def kernel(self) -> Matrix:
        """Return the transform of a kernel, (products, taps)."""
        line = transforms(self.results).kernel
        return line if self.directions == 1 else _square(line)

    def factors(self, made: int, given: int) -> tuple[int, ...]:
        """Return the shape of a transformed kernel: (products, O, I), or of as many kernels (O, I, 3, 1)."""
        if self.directions == 1:
            return self.products * made, given, TAPS, 1
        return self.products, made, given

    def functions(self) -> tuple[str, ...]:
        """Return all functions but ``Picture``."""
        makers = to_phases(self.results, self.directions), shifts(self.results)
        if self.directions == 1:
            return *makers, _SPREAD_ACROSS, KERNEL, _gathered_across(self.products)
        return *makers, _SPREAD, KERNEL, _GATHERED

    def picture(self, shuffle: int) -> str:
        """Return ``Picture``, as ``from_phases`` does."""
        return from_phases(self.results, self.directions, shuffle)

    def inside(self, shuffle: int) -> str:
        """Return ``Inside``, as ``inside_from_phases`` does."""
        return inside_from_phases(self.results, self.directions, shuffle)


def _square(line: Matrix) -> Matrix:
    """Return the transform of a kernel in both directions: (horizontal, vertical) from its 9 taps by row."""
    side, taps = line.shape
    return np.asarray(np.einsum("xj,yi->xyij", line, line).reshape(side**2, taps**2))


_HORIZONTAL = """\
        row = Reshape (phases, flat)
        left = Slice (row, left_start, left_end)
        right = Slice (row, one, right_end)
        across = Concat <axis = 0> (left, row, right)
        taps_across = Reshape (across, by_column)
        horizontal = MatMul (matrix, taps_across)
"""
"""What both forms of ``Spread`` begin with."""

_SPREAD = f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Spread (phases, matrix, side, left_start, left_end, right_end, above_start, above_end, below_end,
            one, flat, by_column, by_row, full) => (products)
    {{
{_HORIZONTAL}        above = Slice (horizontal, above_start, above_end, one)
        below = Slice (horizontal, side, below_end, one)
        down = Concat <axis = 1> (above, horizontal, below)
        taps_down = Reshape (down, by_row)
        both = MatMul (matrix, taps_down)
        products = Reshape (both, full)
    }}"""
"""The transform of the input: ``products`` ((m+2)*(m+2), C, …) hold the factors of every tile.

``matrix`` is ``Transforms.spread``; what follows it is told by ``Shifts``, or a shape to give a tensor.
"""

_SPREAD_ACROSS = f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Spread (phases, matrix, left_start, left_end, right_end, one, flat, by_column, full) => (products)
    {{
{_HORIZONTAL}        products = Reshape (horizontal, full)
    }}"""
"""The same in one direction: ``products`` (m+2, C, …)."""

_GATHERED = f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Gathered (products, factors, bias, mask, matrix, upright, by_column, by_row, full) => (phases)
    {{
        sums = MatMul (factors, products)
        rows = Reshape (sums, by_row)
        vertical = MatMul (matrix, rows)
        columns = Reshape (vertical, by_column)
        both = MatMul (matrix, columns)
        unbiased = Reshape (both, full)
        shift = Reshape (bias, upright)
        unmasked = Add (unbiased, shift)
        phases = Mul (unmasked, mask)
    }}"""
"""Products by factors, summed up and transformed back: the phases of a convolution's result.

``matrix`` is ``Transforms.output``; ``mask`` (m*m, 1, …) is 0 in guards and beyond the picture.
"""


def _gathered_across(products: int) -> str:
    """Return the same in one direction, after the taps down; ``view`` is told by ``Phases``."""
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Gathered (products, factors, bias, mask, matrix, view, upright, by_column, full) => (phases)
    {{
        lines = Reshape (products, view)
        sums = Conv <group = {products}, kernel_shape = [3, 1], pads = [1, 0, 1, 0]> (lines, factors)
        columns = Reshape (sums, by_column)
        across = MatMul (matrix, columns)
        unbiased = Reshape (across, full)
        shift = Reshape (bias, upright)
        unmasked = Add (unbiased, shift)
        phases = Mul (unmasked, mask)
    }}"""
