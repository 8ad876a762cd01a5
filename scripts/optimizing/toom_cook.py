"""The matrices behind fast convolution: F(m, 3) computes m results of a 3-tap filter by m + 2 products.

Source: A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2016; the matrices
themselves follow Toom and Cook: a product of polynomials from its values at a few points.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TAPS = 3
_POINTS = {
    2: (0, 1, -1),
    4: (0, 1, -1, 2, -2),
    6: (0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2)),
}
"""Where polynomials are evaluated, besides infinity: small numbers keep the rounding small."""

Matrix = NDArray[np.float64]


class Transforms(NamedTuple):
    """With the filter g and the input d, result = output @ ((kernel @ g) * (spread @ d))."""

    spread: Matrix
    """(m + 2, m + 2), for the input."""

    kernel: Matrix
    """(m + 2, 3), for the filter."""

    output: Matrix
    """(m, m + 2), for the products."""


def transforms(results: int) -> Transforms:
    """Return the matrices of F(results, 3), exact but for rounding to float64; results is 2, 4 or 6."""
    points = [Fraction(point) for point in _POINTS[results]]
    spread, kernel = [], []
    for point in points:
        others = [other for other in points if other != point]
        polynomial = _with_roots(others)
        at_point = sum(factor * point**power for power, factor in enumerate(polynomial))
        spread.append([*polynomial, Fraction(0)])
        kernel.append([point**power / at_point for power in range(TAPS)])
    spread.append(_with_roots(points))
    kernel.append([Fraction(0)] * (TAPS - 1) + [Fraction(1)])
    output = [
        [*(point**power for point in points), Fraction(int(power == results - 1))] for power in range(results)
    ]
    return Transforms(*(np.array(rows, dtype=np.float64) for rows in (spread, kernel, output)))


def _with_roots(roots: list[Fraction]) -> list[Fraction]:
    """Return the factors, lowest power first, of the polynomial with those roots and the leading factor 1."""
    factors = [Fraction(1)]
    for root in roots:
        raised, scaled = [Fraction(0), *factors], [*(-root * factor for factor in factors), Fraction(0)]
        factors = [a + b for a, b in zip(raised, scaled, strict=True)]
    return factors
