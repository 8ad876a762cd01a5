"""Winograd's convolution as functions of standard operators, in ONNX's textual form.

A picture of features (batch, C, H, W) is cut into its *phases*: with m results to a side of a
Winograd tile, element (y, x) of tile (i, j) is element (i, j) of phase (x, y). Phases lie one behind
the other, each channel with a row and a column of zeros at its end, the *guards*:

    phases (m*m, C, batch*(rows+1)*(columns+1)),  rows = ceil(H/m),  columns = ceil(W/m)

The neighbour of an element is then a fixed number of elements away, and past an edge lies a guard: so
whole phases are shifted by one slice, no operator transposes anything between layers, and every step
is a product of matrices. What is shifted into a guard is wrong and harmless: ``mask`` makes guards,
and what the last tiles have beyond the picture, zero again after each convolution.

Numbers and shapes that convolutions share are handed to the functions instead of made in them: to load
a network takes onnxruntime time by the square of what it is made of.
"""

DOMAIN = "fourxl"


def to_phases(m: int) -> str:
    """Return ``Phases(picture) => (phases, side, grid)``.

    ``side`` is [columns + 1], the distance from a row of a phase to the next; ``grid`` is [rows, columns].
    """
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Phases (picture) => (phases, side, grid)
    {{
        zero = Constant <value = int64[1] {{0}}> ()
        one = Constant <value = int64[1] {{1}}> ()
        m = Constant <value = int64[1] {{{m}}}> ()
        fill = Constant <value = int64[1] {{{m - 1}}}> ()
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
        split = Concat <axis = 0> (outer, rows, m, columns, m)
        tiles = Reshape (whole, split)
        apart = Transpose <perm = [5, 3, 1, 0, 2, 4]> (tiles)
        guards = Constant <value = int64[4] {{0, 0, 1, 1}}> ()
        last = Constant <value = int64[2] {{4, 5}}> ()
        guarded = Pad (apart, guards, , last)
        channels = Gather (outer, one)
        count = Constant <value = int64[1] {{{m * m}}}> ()
        left = Constant <value = int64[1] {{-1}}> ()
        flat = Concat <axis = 0> (count, channels, left)
        phases = Reshape (guarded, flat)
        side = Add (columns, one)
    }}"""


def from_phases(m: int, shuffle: int) -> str:
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
        one = Constant <value = int64[1] {{1}}> ()
        m = Constant <value = int64[1] {{{m}}}> ()
        r = Constant <value = int64[1] {{{r}}}> ()
        any = Constant <value = int64[1] {{-1}}> ()
        batch = Shape <end = 1> (like)
        size = Shape <start = 2> (like)
        guarded = Add (grid, one)
        mmrr = Concat <axis = 0> (m, m, any, r, r, batch, guarded)
        apart = Reshape (phases, mmrr)
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


SPREAD = f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Spread (phases, matrix, side, left_start, left_end, right_end, above_start, above_end, below_end,
            one, flat, by_column, by_row, full) => (products)
    {{
        row = Reshape (phases, flat)
        left = Slice (row, left_start, left_end)
        right = Slice (row, one, right_end)
        across = Concat <axis = 0> (left, row, right)
        taps_across = Reshape (across, by_column)
        horizontal = MatMul (matrix, taps_across)
        above = Slice (horizontal, above_start, above_end, one)
        below = Slice (horizontal, side, below_end, one)
        down = Concat <axis = 1> (above, horizontal, below)
        taps_down = Reshape (down, by_row)
        both = MatMul (matrix, taps_down)
        products = Reshape (both, full)
    }}"""
"""The transform of the input: ``products`` ((m+2)*(m+2), C, …) hold the factors of every tile.

``matrix`` is ``Transforms.spread``; what follows it is told by ``Shifts``, or a shape to give a tensor.
"""

KERNEL = f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Kernel (weight, matrix, by_tap, full) => (factors)
    {{
        taps = Reshape (weight, by_tap)
        spread = Gemm <transB = 1> (matrix, taps)
        factors = Reshape (spread, full)
    }}"""
"""The transform of a kernel (O, I, 3, 3): ``factors`` ((m+2)*(m+2), O, I).

``matrix`` ((m+2)*(m+2), 9) is ``Transforms.kernel`` in both directions.
"""

GATHERED = f"""
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
