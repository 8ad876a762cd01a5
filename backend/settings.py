"""What the operator of a server decides: limits and places, from the environment, checked once."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 2**20

_NUMBER = re.compile("0*[1-9][0-9]{0,8}")
"""What can be meant: 1 or more, and nothing that is larger than any machine."""


class BadSetting(ValueError):
    """A variable of the environment has a value that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes. Each is set by a variable named FOURXL_ and the field's name in capitals."""

    max_side_px: int = 1024
    """Of a picture, in both directions; a larger one is refused, never made smaller."""

    max_upload_mb: int = 20
    """Of one file, in MiB."""

    max_seconds: int = 60
    """That one job may compute, from its turn on."""

    max_waiting: int = 32
    """Jobs of all persons together that wait for their turn."""

    max_waiting_per_person: int = 4
    """Jobs of one person, the running ones included."""

    jobs: int = 1
    """Jobs that run at the same time. One already uses every core."""

    models_mb: int = 1024
    """Memory for loaded models, in MiB; the one used longest ago makes room."""

    disk_mb: int = 2048
    """For uploads that wait to be read and results that wait to be fetched, in MiB."""

    @property
    def max_upload_bytes(self) -> int:
        """``max_upload_mb`` in bytes."""
        return self.max_upload_mb * MIB

    def to_wire(self) -> dict[str, int]:
        """Return what a caller should know of them, as ``/health`` tells it."""
        return {
            "max_side_px": self.max_side_px,
            "max_upload_bytes": self.max_upload_bytes,
            "max_seconds": self.max_seconds,
            "max_waiting": self.max_waiting,
            "max_waiting_per_person": self.max_waiting_per_person,
        }


def read_limits(environment: Mapping[str, str] = os.environ) -> Limits:
    """Return the limits that ``environment`` sets, and the usual ones where it says nothing.

    Raises:
        BadSetting: names the variable, what it is, and what it may be.
    """
    found = {}
    for field in fields(Limits):
        name = f"FOURXL_{field.name.upper()}"
        text = environment.get(name, "").strip()
        if not text:
            continue
        if not _NUMBER.fullmatch(text):
            raise BadSetting(f"{name} is {text!r}; it must be a whole number from 1 to 999999999.")
        found[field.name] = int(text)
    return Limits(**found)
