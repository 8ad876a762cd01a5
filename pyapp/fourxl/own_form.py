"""How a network of the person's own takes pictures, as far as its file declares it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from fourxl.errors import UnsuitableModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fourxl.runtime import Port

MAX_SIDE_PX = 2048
"""Of a picture whose size is fixed; the memory that a larger one needs is rarely there."""

_AXES = 4
"""Batch, channels, height and width, in this order or with the channels last."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a network takes a picture, and gives it back."""

    channels: int = 3
    """3 for RGB; 1 for a network that enlarges one plane, which is asked three times."""

    channels_last: bool = False
    """(1, height, width, channels) in place of (1, channels, height, width)."""

    height: int | None = None
    """The only height that it takes, in pixels; None when it takes any multiple."""

    width: int | None = None

    multiple_px: int = 1
    """Of which free sides must be multiples."""

    black: float = 0.0
    white: float = 1.0

    scale: int = 1


def candidates(inputs: tuple[Port, ...], outputs: tuple[Port, ...]) -> tuple[Form, ...]:
    """Return the forms that a network with these inputs and outputs may have, likely ones first.

    Raises:
        UnsuitableModel: it cannot be a network that enlarges a picture.
    """
    if len(inputs) != 1:
        names = ", ".join(port.name for port in inputs) or "none"
        raise UnsuitableModel(
            f"This network takes {len(inputs)} inputs ({names}); one that enlarges takes one, the picture.",
            about="several-inputs" if inputs else "no-inputs",
            count=len(inputs),
            names=names,
        )
    for port, role in ((inputs[0], "takes"), *((port, "gives") for port in outputs[:1])):
        if port.dtype != "float32":
            raise UnsuitableModel(
                f"This network {role} numbers of type {port.dtype}; export it with float32 at its input and output.",
                about=f"{role}-another-type",
                dtype=port.dtype,
            )
    shape = inputs[0].shape
    if not shape:
        return tuple(Form(channels, last) for channels, last in product((3, 1), (False, True)))
    if len(shape) != _AXES or shape[0] not in (None, 1):
        raise UnsuitableModel(
            f"This network takes {_written(shape)}, and not one picture (1, channels, height, width).",
            about="takes-no-picture",
            shape=_written(shape),
        )
    forms = tuple(_declared(shape))
    if not forms:
        raise UnsuitableModel(
            f"This network takes {_written(shape)}: neither 3 channels (RGB) nor 1 (grey).",
            about="takes-other-channels",
            shape=_written(shape),
        )
    if max(forms[0].height or 0, forms[0].width or 0) > MAX_SIDE_PX:
        raise UnsuitableModel(
            f"This network takes {_written(shape)}; {MAX_SIDE_PX} px is the largest side.",
            about="takes-too-large-a-picture",
            shape=_written(shape),
            limit_px=MAX_SIDE_PX,
        )
    return forms


def _declared(shape: tuple[int | None, ...]) -> Iterator[Form]:
    """Yield forms that fit the declared ``shape``: a fixed number of channels says where they are."""
    _, second, third, fourth = shape
    for channels in (3, 1):
        if second == channels or (second is None and fourth not in (1, 3)):
            yield Form(channels, channels_last=False, height=third, width=fourth)
        if second not in (1, 3) and (fourth == channels or (second is None and fourth is None)):
            yield Form(channels, channels_last=True, height=second, width=third)


def _written(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("any" if side is None else str(side) for side in shape) + ")"
