"""What a person should know of a result: a sentence, and what says it again in another language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fourxl.errors import Wire


@dataclass(frozen=True, slots=True)
class Note:
    """One decision that was made on the way."""

    about: str
    """Names the sentence, and stays when its words change."""

    sentence: str
    """In English, whole."""

    values: Wire = field(default_factory=dict)
    """What the sentence was made of."""

    def to_wire(self) -> Wire:
        """Return one flat mapping, without the sentence."""
        return {"about": self.about, **self.values}
