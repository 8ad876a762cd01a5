"""Winograd's convolution as functions of standard operators, in ONNX's textual form: cutting and joining.

A picture of features (batch, C, H, W) is cut into its *phases*: with m results to a side of a
Winograd tile, element (y, x) of tile (i, j) is element (i, j) of phase (x, y). Phases lie one behind
the other, each channel with a row and a column of zeros at its end, the *guards*:

    phases (m*m, C, batch*(rows+1)*(columns+1)),  rows = ceil(H/m),  columns = ceil(W/m)

In one direction a tile is one row high: there are m phases, and rows = H.

The neighbour of an element is then a fixed number of elements away, and past an edge lies a guard: so
whole phases are shifted by one slice, no operator transposes anything between layers, and every step
is a product of matrices. What is shifted into a guard is wrong and harmless: ``mask`` makes guards,
and what the last tiles have beyond the picture, zero again after each convolution.

Numbers and shapes that convolutions share are handed to the functions instead of made in them: to load
a network takes onnxruntime time by the square of what it is made of.
"""

from typing import NamedTuple

DOMAIN = "fourxl"


class _Tile(NamedTuple):
    """What the texts say differently for tiles of one row and for square ones; {m} is their width."""

    constants: str
    """Make ``m``, the height and width, or the one number that is both."""

    fill: str
    """The value of ``m - 1``."""

    down: str
    """Which constant is the height."""

    across: str
    """Which constant is the width."""

    ending: str = ""
    """What ``Phases`` makes besides."""


_TILES = {
    1: _Tile(
        constants="""
        m = Constant <value = int64[2] {{1, {m}}}> ()
        width = Constant <value = int64[1] {{{m}}}> ()""",
        fill="int64[2] {{0, {less}}}",
        down="one",
        across="width",
        ending="""
        height = Add (rows, one)
        pictures = Gather (outer, zero)
        lines = Mul (pictures, height)
        view = Concat <axis = 0> (one, left, lines, side)""",
    ),
    2: _Tile(
        constants="""
        m = Constant <value = int64[1] {{{m}}}> ()""",
        fill="int64[1] {{{less}}}",
        down="m",
        across="m",
    ),
}
"""By directions."""


def to_phases(m: int, directions: int) -> str:
    """Return ``Phases(picture) => (phases, side, grid)``.

    ``side`` is [columns + 1], the distance from a row of a phase to the next; ``grid`` is [rows, columns].
    In one direction ``view`` follows: [1, -1, batch*(rows+1), columns+1], phases as channels of one picture.
    """
    tile = _TILES[directions]
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Phases (picture) => (phases, side, grid{", view" * (directions == 1)})
    {{
        zero = Constant <value = int64[1] {{0}}> ()
        one = Constant <value = int64[1] {{1}}> (){tile.constants.format(m=m)}
        fill = Constant <value = {tile.fill.format(less=m - 1)}> ()
        size = Shape <start = 2> (picture)
        padded = Add (size, fill)
        grid = Div (padded, m)
        full = Mul (grid, m)
        rest = Sub (full, size)
        bottom_right = Constant <value = int64[2] {{2, 3}}> ()
        nothing = Constant <value = int64[2] {{0, 0}}> ()
        pads = Concat <axis = 0> (nothing, rest)
        whole = Pad (picture, pads, , bottom_right)
        outer = Shape <end = 2> (picture)
        rows = Gather (grid, zero)
        columns = Gather (grid, one)
        split = Concat <axis = 0> (outer, rows, {tile.down}, columns, {tile.across})
        tiles = Reshape (whole, split)
        apart = Transpose <perm = [5, 3, 1, 0, 2, 4]> (tiles)
        guards = Constant <value = int64[4] {{0, 0, 1, 1}}> ()
        last = Constant <value = int64[2] {{4, 5}}> ()
        guarded = Pad (apart, guards, , last)
        channels = Gather (outer, one)
        count = Constant <value = int64[1] {{{m**directions}}}> ()
        left = Constant <value = int64[1] {{-1}}> ()
        flat = Concat <axis = 0> (count, channels, left)
        phases = Reshape (guarded, flat)
        side = Add (columns, one){tile.ending}
    }}"""


def from_phases(m: int, directions: int, shuffle: int) -> str:
    """Return ``Picture(phases, like, grid) => (picture)``, the inverse of ``Phases``.

    ``like`` is a picture of the same batch, height and width. With ``shuffle`` r > 1 the r*r channels of
    each colour become r x r pixels (DepthToSpace, mode CRD), in the same step.
    """
    r = shuffle
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Picture{r} (phases, like, grid) => (picture)
    {{
        zero = Constant <value = int64[1] {{0}}> ()
        {_apart(m, directions, r)}
        nothing = Constant <value = int64[2] {{0, 0}}> ()
        last = Constant <value = int64[2] {{6, 7}}> ()
        tiles = Slice (apart, nothing, grid, last)
        joined = Transpose <perm = [5, 2, 6, 1, 3, 7, 0, 4]> (tiles)
        step = Mul (m, r)
        sides = Mul (grid, step)
        full = Concat <axis = 0> (batch, any, sides)
        whole = Reshape (joined, full)
        wanted = Mul (size, r)
        spatial = Constant <value = int64[2] {{2, 3}}> ()
        picture = Slice (whole, nothing, wanted, spatial)
    }}"""


def inside_from_phases(m: int, directions: int, shuffle: int) -> str:
    """Return ``Inside(phases, like, grid, before, after) => (picture)``: ``Picture`` without its edges.

    ``before`` and ``after`` are how many [rows, columns] of the result are cut off; guards go with them.

    Rows of a phase are moved whole, and only then do columns find their places: onnxruntime has a fast
    way for each, and a slow one for both at once.
    """
    r, tile = shuffle, _TILES[directions]
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Inside{r} (phases, like, grid, before, after) => (picture)
    {{
        {_apart(m, directions, r)}
        lines = Transpose <perm = [5, 2, 6, 1, 3, 0, 4, 7]> (apart)
        columns = Gather (guarded, one)
        block = Mul ({tile.across}, r)
        by_line = Concat <axis = 0> (any, block, columns)
        upright = Reshape (lines, by_line)
        joined = Transpose <perm = [0, 2, 1]> (upright)
        step = Mul (m, r)
        sides = Mul (guarded, step)
        full = Concat <axis = 0> (batch, any, sides)
        whole = Reshape (joined, full)
        wanted = Mul (size, r)
        less = Sub (wanted, after)
        nothing = Constant <value = int64[2] {{0, 0}}> ()
        end = Max (less, nothing)
        spatial = Constant <value = int64[2] {{2, 3}}> ()
        picture = Slice (whole, before, end, spatial)
    }}"""


def _apart(m: int, directions: int, r: int) -> str:
    """Return what ``Picture`` and ``Inside`` begin with: phases with an axis for each thing that they count."""
    tile = _TILES[directions]
    return f"""one = Constant <value = int64[1] {{1}}> (){tile.constants.format(m=m)}
        r = Constant <value = int64[1] {{{r}}}> ()
        any = Constant <value = int64[1] {{-1}}> ()
        batch = Shape <end = 1> (like)
        size = Shape <start = 2> (like)
        guarded = Add (grid, one)
        mmrr = Concat <axis = 0> ({tile.across}, {tile.down}, any, r, r, batch, guarded)
        apart = Reshape (phases, mmrr)"""


def shifts(m: int) -> str:
    """Return ``Shifts(phases, side) => (…)``: where slices start and end, for tensors of so many channels."""
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Shifts (phases, side) => (left_start, left_end, right_end, above_start, above_end, below_end)
    {{
        one = Constant <value = int64[1] {{1}}> ()
        m = Constant <value = int64[1] {{{m}}}> ()
        length = Size (phases)
        all = Reshape (length, one)
        column = Div (all, m)
        phase = Div (column, m)
        left_end = Sub (all, one)
        left_start = Sub (left_end, column)
        right_end = Add (column, one)
        above_end = Sub (column, side)
        above_start = Sub (above_end, phase)
        below_end = Add (phase, side)
    }}"""


KERNEL = f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Kernel (weight, matrix, by_tap, full) => (factors)
    {{
        taps = Reshape (weight, by_tap)
        spread = Gemm <transB = 1> (matrix, taps)
        factors = Reshape (spread, full)
    }}"""
"""The transform of a kernel (O, I, 3, 3): ``factors``, as ``Form.factors`` says.

``matrix`` is ``Form.kernel``; ``by_tap`` says how many taps it takes at once.
"""
