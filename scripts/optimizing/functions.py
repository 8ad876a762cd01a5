"""Winograd's convolution as functions of standard operators, in ONNX's textual form.

A picture of features (batch, C, H, W) is cut into its *phases*: with m results to a side of a
Winograd tile, element (y, x) of tile (i, j) is element (i, j) of phase (x, y). Phases lie one behind
the other, each channel with a row and a column of zeros at its end, the *guards*:

    phases (m*m, C, batch*(rows+1)*(columns+1)),  rows = ceil(H/m),  columns = ceil(W/m)

The neighbour of an element is then a fixed number of elements away, and past an edge lies a guard: so
whole phases are shifted by one slice, no operator transposes anything between layers, and every step
is a product of matrices. What is shifted into a guard is wrong and harmless: ``mask`` makes guards,
and what the last tiles have beyond the picture, zero again after each convolution.
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


def spread(m: int) -> str:
    """Return ``Spread(phases, side, matrix) => (products)``: the transform of the input.

    ``matrix`` is ``Transforms.spread``; products ((m+2)*(m+2), C, …) hold every tile's factors.
    """
    q = m + 2
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Spread (phases, side, matrix) => (products)
    {{
        zero = Constant <value = int64[1] {{0}}> ()
        one = Constant <value = int64[1] {{1}}> ()
        any = Constant <value = int64[1] {{-1}}> ()
        m = Constant <value = int64[1] {{{m}}}> ()
        flat = Reshape (phases, any)
        length = Shape (flat)
        column = Div (length, m)
        phase = Div (column, m)
        left_end = Sub (length, one)
        left_start = Sub (left_end, column)
        left = Slice (flat, left_start, left_end)
        right_end = Add (column, one)
        right = Slice (flat, one, right_end)
        across = Concat <axis = 0> (left, flat, right)
        by_column = Constant <value = int64[2] {{{q}, -1}}> ()
        taps = Reshape (across, by_column)
        horizontal = MatMul (matrix, taps)
        above_end = Sub (column, side)
        above_start = Sub (above_end, phase)
        above = Slice (horizontal, above_start, above_end, one)
        below_end = Add (phase, side)
        below = Slice (horizontal, side, below_end, one)
        down = Concat <axis = 1> (above, horizontal, below)
        by_row = Constant <value = int64[3] {{{q}, {q}, -1}}> ()
        rows = Reshape (down, by_row)
        both = MatMul (matrix, rows)
        count = Constant <value = int64[1] {{{q * q}}}> ()
        channels = Shape <start = 1> (phases)
        full = Concat <axis = 0> (count, channels)
        products = Reshape (both, full)
    }}"""


def kernel(m: int) -> str:
    """Return ``Kernel(weight, matrix) => (factors)``: the transform of a kernel (O, I, 3, 3).

    ``matrix`` ((m+2)*(m+2), 9) is ``Transforms.kernel`` in both directions.
    """
    q = m + 2
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Kernel (weight, matrix) => (factors)
    {{
        by_tap = Constant <value = int64[2] {{-1, 9}}> ()
        taps = Reshape (weight, by_tap)
        spread = Gemm <transB = 1> (matrix, taps)
        count = Constant <value = int64[1] {{{q * q}}}> ()
        channels = Shape <end = 2> (weight)
        full = Concat <axis = 0> (count, channels)
        factors = Reshape (spread, full)
    }}"""


def gathered(m: int) -> str:
    """Return ``Gathered(products, factors, bias, mask, matrix) => (phases)``: products, summed up.

    ``matrix`` is ``Transforms.output``; ``mask`` (m*m, 1, …) is 0 in guards and beyond the picture.
    """
    q = m + 2
    return f"""
    <domain: "{DOMAIN}", opset_import: ["": 18]>
    Gathered (products, factors, bias, mask, matrix) => (phases)
    {{
        sums = MatMul (factors, products)
        by_row = Constant <value = int64[3] {{{q}, {q}, -1}}> ()
        rows = Reshape (sums, by_row)
        vertical = MatMul (matrix, rows)
        by_column = Constant <value = int64[2] {{{q}, -1}}> ()
        columns = Reshape (vertical, by_column)
        both = MatMul (matrix, columns)
        count = Constant <value = int64[1] {{{m * m}}}> ()
        channels = Shape (bias)
        any = Constant <value = int64[1] {{-1}}> ()
        full = Concat <axis = 0> (count, channels, any)
        unbiased = Reshape (both, full)
        upright = Constant <value = int64[2] {{-1, 1}}> ()
        shift = Reshape (bias, upright)
        unmasked = Add (unbiased, shift)
        phases = Mul (unmasked, mask)
    }}"""
